#pragma once

#include <algorithm>
#include <cstdint>

namespace understudy::base {

/// Lets a bounded number of events pass: `burst` at once, and on average one in each `interval`.
/// Time is in any unit that only grows, and is the caller's to read. One thread.
///
/// It keeps one number, the time at which the bucket would be full again: tokens need not be
/// counted, nor filled in when nobody asks.
class TokenBucket {
  public:
    /// REQUIRES: interval > 0, burst > 0, and their product in 64 bits.
    constexpr TokenBucket(std::uint64_t interval, std::uint64_t burst) noexcept
        : interval_(interval), most_(interval * (burst - 1)) {}

    /// Whether an event at `now` may pass; it then counts.
    [[nodiscard]] constexpr bool take(std::uint64_t now) noexcept {
        full_at_ = std::max(full_at_, now);
        if (full_at_ - now > most_) {
            return false;
        }
        full_at_ += interval_;
        return true;
    }

  private:
    std::uint64_t interval_;
    std::uint64_t most_;  // that full_at_ may lie ahead and still leave a token
    std::uint64_t full_at_ = 0;
};

}  // namespace understudy::base
