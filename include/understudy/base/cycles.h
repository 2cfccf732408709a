#pragma once

#include <x86intrin.h>
#include <chrono>
#include <cstdint>

namespace understudy::base {

/// The processor's time stamp counter, which runs at the same rate on every core: a clock without a
/// system call, read in a few nanoseconds.
[[nodiscard]] inline std::uint64_t cycles_now() noexcept { return __rdtsc(); }

/// How many of them are a second, measured against the monotonic clock by the first call, which
/// takes some milliseconds; good to a part in a thousand. Any thread.
[[nodiscard]] std::uint64_t cycles_per_second() noexcept;

/// REQUIRES: time within an hour.
[[nodiscard]] inline std::uint64_t cycles_in(std::chrono::nanoseconds time) noexcept {
    constexpr std::uint64_t kThousand = 1'000;  // keeps the product within 64 bits
    constexpr std::uint64_t kNanosecondsInSecond = 1'000'000'000;
    return cycles_per_second() / kThousand * static_cast<std::uint64_t>(time.count()) /
           (kNanosecondsInSecond / kThousand);
}

}  // namespace understudy::base
