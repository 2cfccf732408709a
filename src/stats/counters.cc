#include <understudy/stats/counters.h>

namespace understudy::stats {

std::uint64_t WorkerCounters::read(Outcome outcome) const noexcept {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < kVerdictCount; ++i) {
        if (kVerdicts[i].outcome == outcome) {
            sum += verdicts[i].read();
        }
    }
    return sum;
}

}  // namespace understudy::stats
