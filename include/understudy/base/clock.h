#pragma once

#include <chrono>

namespace understudy::base {

/// Time as the control side sees it; tests put a clock of their own in its place.
class Clock {
  public:
    using TimePoint = std::chrono::steady_clock::time_point;

    virtual ~Clock() = default;

    /// Monotonic: for intervals and timers.
    [[nodiscard]] virtual TimePoint now() const = 0;

    /// Wall time in seconds since 1970: for TSIG and for what is kept over a restart.
    [[nodiscard]] virtual std::int64_t wall_s() const = 0;
};

class SystemClock final : public Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return std::chrono::steady_clock::now(); }
    [[nodiscard]] std::int64_t wall_s() const override {
        return std::chrono::duration_cast<std::chrono::seconds>(
                   std::chrono::system_clock::now().time_since_epoch())
            .count();
    }
};

}  // namespace understudy::base
