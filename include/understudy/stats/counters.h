#pragma once

#include <understudy/stats/verdict.h>
#include <array>
#include <atomic>
#include <cstdint>

namespace understudy::stats {

/// A counter with one writing thread: no locked instruction on the hot path, readable from any
/// thread.
class Counter {
  public:
    /// The one writing thread only.
    void add(std::uint64_t amount) noexcept {
        value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t read() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

  private:
    std::atomic<std::uint64_t> value_{0};
};

/// What one polling thread counts. That thread writes, control reads.
struct alignas(64) WorkerCounters {
    std::array<Counter, kVerdictCount> verdicts;
    Counter polls;         // receive bursts asked for
    Counter empty_polls;   // of these, the ones that brought nothing
    Counter naps;          // sleeps between two polls
    Counter packets;       // received
    Counter sent;          // given to the port for sending
    Counter busy_cycles;   // TSC cycles in polls that brought packets
    Counter total_cycles;  // TSC cycles since the start, sleeping included

    void count(Verdict verdict) noexcept { verdicts[static_cast<std::size_t>(verdict)].add(1); }

    [[nodiscard]] std::uint64_t read(Verdict verdict) const noexcept {
        return verdicts[static_cast<std::size_t>(verdict)].read();
    }

    /// The sum over all verdicts of `outcome`.
    [[nodiscard]] std::uint64_t read(Outcome outcome) const noexcept;
};

}  // namespace understudy::stats
