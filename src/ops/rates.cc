#include "ops/rates.h"

#include <algorithm>
#include <utility>

namespace understudy::ops {

Rates::Rates(const CounterSources& sources, const base::Clock& clock)
    : sources_(sources), clock_(clock), before_(take()), last_(before_) {}

Rates::Sample Rates::take() const {
    Sample sample{clock_.now(), {}};
    for (const ThreadCounters& thread : sources_.threads) {
        sample.threads.push_back({.answers = thread.counters->read(stats::Outcome::kAnswered),
                                  .busy_cycles = thread.counters->busy_cycles.read(),
                                  .total_cycles = thread.counters->total_cycles.read(),
                                  .polls = thread.counters->polls.read(),
                                  .empty_polls = thread.counters->empty_polls.read(),
                                  .packets = thread.counters->packets.read(),
                                  .naps = thread.counters->naps.read()});
    }
    return sample;
}

void Rates::sample() { before_ = std::exchange(last_, take()); }

double Rates::seconds() const {
    return std::chrono::duration<double>(last_.at - before_.at).count();
}

Rates::Rate Rates::of(std::size_t thread) const {
    const Thread& before = before_.threads[thread];
    const Thread& last = last_.threads[thread];
    const auto answers = static_cast<double>(last.answers - before.answers);
    const auto busy = static_cast<double>(last.busy_cycles - before.busy_cycles);
    const auto total = static_cast<double>(last.total_cycles - before.total_cycles);
    const auto polls = static_cast<double>(last.polls - before.polls);
    const auto empty = static_cast<double>(last.empty_polls - before.empty_polls);
    const auto packets = static_cast<double>(last.packets - before.packets);
    Rate rate;
    if (seconds() > 0) {
        rate.answers_per_s = answers / seconds();
        rate.naps_per_s = static_cast<double>(last.naps - before.naps) / seconds();
    }
    if (polls > 0) {
        rate.empty_polls_percent = std::min(100.0, 100 * empty / polls);
    }
    if (packets > 0 && polls > empty) {
        rate.mean_burst = packets / (polls - empty);
    }
    if (total > 0) {
        // The two counters are not read at one moment, so busy may be a turn ahead.
        rate.busy_percent = std::min(100.0, 100 * busy / total);
    }
    if (answers > 0) {
        rate.cycles_per_answer = busy / answers;
    }
    return rate;
}

double Rates::answers_per_s() const {
    double sum = 0;
    for (std::size_t thread = 0; thread < sources_.threads.size(); ++thread) {
        sum += of(thread).answers_per_s;
    }
    return sum;
}

}  // namespace understudy::ops
