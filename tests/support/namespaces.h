#pragma once

#include <string>

namespace understudy::tests {

/// A network namespace for one test, made and removed by `ip`. Needs root.
class Namespace {
  public:
    /// `name`: what `ip netns` lists, with the process's id and a number behind it.
    explicit Namespace(const std::string& name);
    Namespace(const Namespace&) = delete;
    Namespace& operator=(const Namespace&) = delete;
    ~Namespace();

    [[nodiscard]] const std::string& name() const { return name_; }

    /// Runs a command inside, as `ip netns exec` does; whether it succeeded.
    [[nodiscard]] bool run(const std::string& command) const;

  private:
    std::string name_;
};

/// Runs a command; whether it succeeded.
[[nodiscard]] bool run_command(const std::string& command);

/// The calling thread is inside the namespace while this lives.
class InsideNamespace {
  public:
    explicit InsideNamespace(const Namespace& where);
    InsideNamespace(const InsideNamespace&) = delete;
    InsideNamespace& operator=(const InsideNamespace&) = delete;
    ~InsideNamespace();

  private:
    int outside_;
};

}  // namespace understudy::tests
