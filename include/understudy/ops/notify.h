#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace understudy::ops {

/// Tells the service manager how the daemon stands, in the words of sd_notify(3). Without one every
/// call does nothing; that the manager does not take a message is nobody's fault and is not
/// reported.
///
/// Any thread.
class Notifier {
  public:
    /// `address`: the path of a Unix datagram socket, `@NAME` for one in the abstract namespace;
    /// empty: there is no manager.
    explicit Notifier(std::string address) : address_(std::move(address)) {}

    /// The one that NOTIFY_SOCKET names.
    [[nodiscard]] static Notifier from_environment();

    /// Ready, for the first time or after reloading.
    void ready() const { send("READY=1"); }

    /// `now`: of the steady clock; the manager tells by it which READY=1 belongs to this reload.
    void reloading(std::chrono::steady_clock::time_point now) const;

    void stopping() const { send("STOPPING=1"); }

    /// One line for people, as `systemctl status` shows it.
    void status(std::string_view line) const;

  private:
    void send(std::string_view message) const;

    std::string address_;
};

}  // namespace understudy::ops
