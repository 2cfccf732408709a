#pragma once

#include <understudy/base/clock.h>
#include <chrono>
#include <cstdint>

namespace understudy::support {

/// Time that stands still until the test moves it.
class FakeClock final : public base::Clock {
  public:
    [[nodiscard]] TimePoint now() const override { return now_; }
    [[nodiscard]] std::int64_t wall_s() const override { return wall_s_; }

    void advance(std::chrono::milliseconds by) {
        now_ += by;
        wall_s_ += std::chrono::duration_cast<std::chrono::seconds>(by).count();
    }

  private:
    TimePoint now_{std::chrono::hours(1)};
    std::int64_t wall_s_ = 1'700'000'000;
};

}  // namespace understudy::support
