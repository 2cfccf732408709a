#include "control/slots.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

namespace understudy::control {

asio::awaitable<Slots::Slot> Slots::acquire() {
    if (shared_->free > 0) {
        --shared_->free;
    } else {
        // Never expires: whoever gives a slot back cancels the first, which passes the slot on.
        auto turn =
            std::make_shared<asio::steady_timer>(loop_, asio::steady_timer::time_point::max());
        shared_->waiting.push_back(turn);
        asio::error_code cancelled;
        co_await turn->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    co_return Slot(shared_);
}

// NOLINTNEXTLINE(bugprone-exception-escape): ending the wait of a timer does not fail
Slots::Slot::~Slot() {
    const auto shared = shared_.lock();
    if (!shared) {
        return;
    }
    if (shared->waiting.empty()) {
        ++shared->free;
        return;
    }
    shared->waiting.front()->cancel();
    shared->waiting.pop_front();
}

}  // namespace understudy::control
