#pragma once

#include <understudy/base/clock.h>
#include <understudy/ops/counter_sources.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace understudy::ops {

/// What the threads did between the last two samples. Until there are two, nothing.
///
/// Control thread only.
class Rates {
  public:
    /// How often to call sample(): qps means the last second.
    static constexpr std::chrono::seconds kInterval{1};

    /// REQUIRES: both outlive this, and no thread comes or goes.
    Rates(const CounterSources& sources, const base::Clock& clock);

    void sample();

    struct Rate {
        double answers_per_s = 0;
        double busy_percent = 0;
        std::optional<double> cycles_per_answer;    // absent: it gave none
        std::optional<double> empty_polls_percent;  // absent: it did not poll
        std::optional<double> mean_burst;           // packets; absent: none came
        double naps_per_s = 0;
    };

    /// Of the thread with this index in the sources.
    [[nodiscard]] Rate of(std::size_t thread) const;

    /// Of all threads.
    [[nodiscard]] double answers_per_s() const;

  private:
    struct Thread {
        std::uint64_t answers = 0;
        std::uint64_t busy_cycles = 0;
        std::uint64_t total_cycles = 0;
        std::uint64_t polls = 0;
        std::uint64_t empty_polls = 0;
        std::uint64_t packets = 0;
        std::uint64_t naps = 0;
    };
    struct Sample {
        base::Clock::TimePoint at;
        std::vector<Thread> threads;
    };

    [[nodiscard]] Sample take() const;
    [[nodiscard]] double seconds() const;

    const CounterSources& sources_;
    const base::Clock& clock_;
    Sample before_;
    Sample last_;
};

}  // namespace understudy::ops
