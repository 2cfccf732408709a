#pragma once

#include <understudy/base/expected.h>
#include <understudy/control/config.h>
#include <memory>

namespace understudy::app {

/// The daemon from its start to its end: everything that lives as long as it does, wired together.
class Daemon {
  public:
    /// Opens ports and sockets, loads the zones and begins to answer. An error is the
    /// environment's, one line that says what to do.
    [[nodiscard]] static base::Expected<std::unique_ptr<Daemon>> start(control::Config config);

    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon();

    /// Works until it is told to stop: by SIGTERM, SIGINT or `understudyctl stop`.
    void run();

  private:
    struct Parts;
    explicit Daemon(std::unique_ptr<Parts> parts) noexcept;

    std::unique_ptr<Parts> parts_;
};

}  // namespace understudy::app
