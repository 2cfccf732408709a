#pragma once

#include <understudy/control/request_handler.h>
#include <understudy/port/deferred.h>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "control/publisher.h"

namespace understudy::control {

/// The control side of the workers' rings: takes what they deferred, answers it and hands the
/// replies back.
class DeferredService {
  public:
    DeferredService(asio::io_context& loop,
                    const RequestHandler& handler,
                    const Publisher& publisher);

    /// Before start().
    void attach(port::DeferredRings& rings, std::function<void()> wake_worker);

    [[nodiscard]] port::WakeUp& wake_up() noexcept { return bell_; }

    void start();

  private:
    /// An eventfd that is written at most once until control has looked into the rings again.
    class Bell final : public port::WakeUp {
      public:
        Bell();
        Bell(const Bell&) = delete;
        Bell& operator=(const Bell&) = delete;
        ~Bell() override;

        void wake() noexcept override;
        /// Reads what it clears: whoever rang before has put its request where we look next.
        void answer() noexcept { rung_.exchange(false, std::memory_order_seq_cst); }
        [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

      private:
        int descriptor_;
        std::atomic<bool> rung_{false};  // workers: set, control: clears
    };

    struct Attached {
        port::DeferredRings* rings;
        std::function<void()> wake_worker;
    };

    void listen();
    /// One turn: so much of each ring that the loop's other work is not starved by a flood.
    void drain();
    void answer(const Attached& worker, const port::Deferred& request);

    const RequestHandler& handler_;
    const Publisher& publisher_;
    Bell bell_;
    asio::posix::stream_descriptor bell_events_;
    std::uint64_t rings_counted_ = 0;
    std::vector<Attached> workers_;
};

}  // namespace understudy::control
