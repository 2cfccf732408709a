#pragma once

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/steady_timer.hpp>
#include <cstddef>
#include <deque>
#include <memory>

namespace understudy::control {

/// So many may work at once, the others wait in the order in which they came. Control thread only.
class Slots {
  public:
    Slots(asio::io_context& loop, std::size_t count) : loop_(loop), free_(count) {}

    /// A place among those at work, given back when destroyed.
    class Slot {
      public:
        explicit Slot(Slots& slots) noexcept : slots_(&slots) {}
        Slot(Slot&& other) noexcept : slots_(other.slots_) { other.slots_ = nullptr; }
        Slot(const Slot&) = delete;
        Slot& operator=(const Slot&) = delete;
        Slot& operator=(Slot&&) = delete;
        ~Slot() {
            if (slots_ != nullptr) {
                slots_->release();
            }
        }

      private:
        Slots* slots_;
    };

    [[nodiscard]] asio::awaitable<Slot> acquire();

  private:
    void release() noexcept;

    asio::io_context& loop_;
    std::size_t free_;
    std::deque<std::shared_ptr<asio::steady_timer>> waiting_;
};

}  // namespace understudy::control
