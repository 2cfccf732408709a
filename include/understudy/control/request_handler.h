#pragma once

#include <understudy/answer/answer.h>
#include <understudy/base/clock.h>
#include <understudy/base/ip_address.h>
#include <understudy/base/octets.h>
#include <understudy/control/policy.h>
#include <understudy/port/stream_handler.h>
#include <understudy/wire/name.h>
#include <understudy/wire/query.h>
#include <understudy/zone/snapshot.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace understudy::control {

class DifferenceBook;

/// A NOTIFY that was allowed (RFC 1996).
struct NotifyEvent {
    wire::Name zone;
    base::IpAddress from;
    std::optional<std::uint32_t> serial;  // the hint it carried
};

/// Answers the requests that the answer path leaves alone: signed ones, NOTIFY, AXFR and IXFR.
/// Knows nothing of how they came or leave, and waits for nobody.
///
/// Any number of threads may call respond() at once; the policy is replaced while they do.
class RequestHandler {
  public:
    /// `on_notify` is called on the thread that asked and must not wait.
    RequestHandler(const answer::Context& context,
                   const base::Clock& clock,
                   std::function<void(NotifyEvent)> on_notify);

    void set_policy(std::shared_ptr<const Policy> policy);

    /// Where the differences stand that an IXFR is answered from; without, it gets the whole zone.
    /// Before the first request.
    void set_differences(std::shared_ptr<const DifferenceBook> differences);

    struct Request {
        base::Octets message;
        base::IpAddress source;
        answer::Transport transport = answer::Transport::kUdp;
    };

    /// One message, many, or (both empty) none.
    struct Response {
        std::vector<std::uint8_t> message;
        std::unique_ptr<port::MessageSource> source;  // kStream only
    };

    /// REQUIRES: the caller may read `snapshot` until this returns.
    [[nodiscard]] Response respond(const Request& request, const zone::Snapshot& snapshot) const;

  private:
    class Work;

    [[nodiscard]] std::shared_ptr<const Policy> policy() const;

    const answer::Context& context_;
    const base::Clock& clock_;
    std::function<void(NotifyEvent)> on_notify_;
    std::shared_ptr<const DifferenceBook> differences_;
    mutable std::mutex mutex_;
    std::shared_ptr<const Policy> policy_;  // under the mutex
};

}  // namespace understudy::control
