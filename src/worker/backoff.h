#pragma once

#include <understudy/base/cycles.h>
#include <understudy/worker/worker.h>
#include <x86intrin.h>
#include <algorithm>
#include <chrono>
#include <cstdint>

namespace understudy::worker {

/// The first nap after kSpin; each further one is twice as long, up to kMaxNap.
inline constexpr std::chrono::microseconds kFirstNap{20};

/// How long a worker of Idle::kSleep may sleep: only a missed wake-up would let it end.
inline constexpr std::chrono::microseconds kSleep{100'000};

/// Decides after each turn whether and how long to nap. Time is in cycles and the caller's to read.
class Backoff {
  public:
    Backoff(Idle idle, std::uint64_t now) noexcept
        : idle_(idle), spin_(base::cycles_in(kSpin)), idle_since_(now) {}

    /// How long to sleep after a turn that ended at `now`; zero: not at all. `was_useful`: it
    /// brought packets.
    [[nodiscard]] std::chrono::microseconds after(bool was_useful, std::uint64_t now) noexcept {
        if (was_useful) {
            idle_since_ = now;
            nap_ = kFirstNap;
            return {};
        }
        if (idle_ == Idle::kBusy) {
            return {};
        }
        if (idle_ == Idle::kSleep) {
            return kSleep;
        }
        if (now - idle_since_ < spin_) {
            _mm_pause();
            return {};
        }
        const auto nap = nap_;
        nap_ = std::min(nap_ * 2, kMaxNap);
        return nap;
    }

  private:
    Idle idle_;
    std::uint64_t spin_;
    std::uint64_t idle_since_;
    std::chrono::microseconds nap_ = kFirstNap;
};

}  // namespace understudy::worker
