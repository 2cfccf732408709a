#include "ops/rates.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace understudy::ops {
namespace {

using std::chrono::milliseconds;

class RatesTest : public testing::Test {
  protected:
    RatesTest() {
        sources_.threads.push_back({.counters = &first_, .core = {}, .polled = {}});
        sources_.threads.push_back({.counters = &second_, .core = {}, .polled = {}});
    }

    static void count(stats::WorkerCounters& counters, int answers) {
        for (int i = 0; i < answers; ++i) {
            counters.count(i % 2 == 0 ? stats::Verdict::kPositive : stats::Verdict::kRefused);
        }
    }

    stats::WorkerCounters first_;
    stats::WorkerCounters second_;
    CounterSources sources_;
    support::FakeClock clock_;
};

TEST_F(RatesTest, NothingBeforeTheFirstSample) {
    count(first_, 10);
    const Rates rates(sources_, clock_);
    count(first_, 10);
    EXPECT_EQ(rates.answers_per_s(), 0);
    EXPECT_EQ(rates.of(0).busy_percent, 0);
    EXPECT_FALSE(rates.of(0).cycles_per_answer);
}

TEST_F(RatesTest, TellWhatHappenedBetweenTheLastTwoSamples) {
    count(first_, 1000);  // before it all
    Rates rates(sources_, clock_);
    count(first_, 30);
    count(second_, 10);
    first_.count(stats::Verdict::kForeignPort);  // no answer
    first_.busy_cycles.add(6000);
    first_.total_cycles.add(24000);
    first_.polls.add(10);
    first_.empty_polls.add(6);
    first_.packets.add(31);
    first_.naps.add(4);
    clock_.advance(milliseconds(500));
    rates.sample();
    EXPECT_DOUBLE_EQ(rates.answers_per_s(), 80);
    EXPECT_DOUBLE_EQ(rates.of(0).answers_per_s, 60);
    EXPECT_DOUBLE_EQ(rates.of(0).busy_percent, 25);
    EXPECT_DOUBLE_EQ(rates.of(0).cycles_per_answer.value(), 200);
    EXPECT_DOUBLE_EQ(rates.of(0).empty_polls_percent.value(), 60);
    EXPECT_DOUBLE_EQ(rates.of(0).mean_burst.value(), 7.75);
    EXPECT_DOUBLE_EQ(rates.of(0).naps_per_s, 8);
    EXPECT_DOUBLE_EQ(rates.of(1).answers_per_s, 20);
    EXPECT_FALSE(rates.of(1).mean_burst);

    clock_.advance(milliseconds(1000));
    rates.sample();
    EXPECT_EQ(rates.answers_per_s(), 0);
    EXPECT_EQ(rates.of(0).busy_percent, 0);
    EXPECT_FALSE(rates.of(0).cycles_per_answer);
    EXPECT_FALSE(rates.of(0).mean_burst);
    EXPECT_FALSE(rates.of(0).empty_polls_percent);
}

TEST_F(RatesTest, ATurnAheadIsNotMoreThanBusy) {
    Rates rates(sources_, clock_);
    first_.busy_cycles.add(101);
    first_.total_cycles.add(100);
    clock_.advance(milliseconds(1000));
    rates.sample();
    EXPECT_EQ(rates.of(0).busy_percent, 100);
}

TEST_F(RatesTest, TwoSamplesOfOneMomentMakeNoRate) {
    Rates rates(sources_, clock_);
    count(first_, 10);
    rates.sample();
    EXPECT_EQ(rates.answers_per_s(), 0);
}

}  // namespace
}  // namespace understudy::ops
