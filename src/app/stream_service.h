#pragma once

#include <understudy/answer/answer.h>
#include <understudy/control/request_handler.h>
#include <understudy/port/stream_handler.h>
#include <understudy/rcu/published.h>
#include <understudy/rcu/reader.h>
#include <understudy/stats/counters.h>
#include <understudy/zone/snapshot.h>
#include <optional>
#include <vector>

namespace understudy::app {

/// What streams (TCP) are answered with: ordinary queries from the newest snapshot as everywhere,
/// the rest by the control plane's request handler. The streams' thread is a reader that is offline
/// while it waits.
class StreamService final : public port::StreamHandler {
  public:
    /// REQUIRES: all outlive this.
    StreamService(const rcu::Published<zone::Snapshot>& snapshot,
                  const answer::Context& context,
                  const control::RequestHandler& requests);

    [[nodiscard]] Reply handle(base::Octets request,
                               const port::StreamPath& path,
                               std::vector<std::uint8_t>& response) override;
    void attach_thread() override;
    void detach_thread() noexcept override;
    void before_wait() noexcept override;
    void after_wait() noexcept override;

    [[nodiscard]] const stats::WorkerCounters& counters() const noexcept { return counters_; }

  private:
    [[nodiscard]] Reply hand_over(base::Octets request,
                                  const port::StreamPath& path,
                                  const zone::Snapshot& snapshot,
                                  std::vector<std::uint8_t>& response);

    const rcu::Published<zone::Snapshot>& snapshot_;
    const answer::Context& context_;
    const control::RequestHandler& requests_;
    std::optional<rcu::Reader> reader_;  // while the thread runs
    std::vector<std::uint8_t> buffer_;   // a message of any size
    stats::WorkerCounters counters_;
};

}  // namespace understudy::app
