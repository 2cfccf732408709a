#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace understudy::control {

/// So many may work at once, the others wait in the order in which they came. Control thread only.
class Slots {
    struct Shared {
        std::size_t free;
        std::deque<std::shared_ptr<asio::steady_timer>> waiting;
    };

  public:
    Slots(asio::io_context& loop, std::size_t count)
        : loop_(loop), shared_(std::make_shared<Shared>(Shared{count, {}})) {}

    /// A place among those at work, given back when destroyed. May outlive the Slots, as coroutines
    /// do that end with their loop.
    class Slot {
      public:
        explicit Slot(std::weak_ptr<Shared> shared) noexcept : shared_(std::move(shared)) {}
        Slot(Slot&& other) noexcept = default;
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        Slot& operator=(Slot&&) = delete;
        ~Slot();

      private:
        std::weak_ptr<Shared> shared_;  // empty once moved from
    };

    [[nodiscard]] asio::awaitable<Slot> acquire();

  private:
    asio::io_context& loop_;
    std::shared_ptr<Shared> shared_;
};

}  // namespace understudy::control
