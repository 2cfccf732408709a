#include "control/slots.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

namespace understudy::control {

asio::awaitable<Slots::Slot> Slots::acquire() {
    if (free_ > 0) {
        --free_;
    } else {
        // Never expires: whoever gives a slot back cancels the first, which passes the slot on.
        auto turn =
            std::make_shared<asio::steady_timer>(loop_, asio::steady_timer::time_point::max());
        waiting_.push_back(turn);
        asio::error_code cancelled;
        co_await turn->async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    co_return Slot(*this);
}

void Slots::release() noexcept {
    if (waiting_.empty()) {
        ++free_;
        return;
    }
    waiting_.front()->cancel();
    waiting_.pop_front();
}

}  // namespace understudy::control
