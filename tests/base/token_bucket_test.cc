#include <understudy/base/token_bucket.h>

#include <gtest/gtest.h>

#include <understudy/base/cycles.h>
#include <limits>

namespace understudy::base {
namespace {

/// How many of `events` at one time pass.
int take(TokenBucket& bucket, std::uint64_t now, int events) {
    int passed = 0;
    for (int i = 0; i < events; ++i) {
        passed += bucket.take(now) ? 1 : 0;
    }
    return passed;
}

TEST(TokenBucket, LetsABurstPassAndThenTheRate) {
    TokenBucket bucket(100, 5);
    EXPECT_EQ(take(bucket, 1'000, 10), 5);
    EXPECT_EQ(take(bucket, 1'099, 10), 0);
    EXPECT_EQ(take(bucket, 1'100, 10), 1);
    EXPECT_EQ(take(bucket, 1'450, 10), 3);
    EXPECT_EQ(take(bucket, 1'500, 10), 1);
}

TEST(TokenBucket, HoldsNoMoreThanABurstAfterAnyPause) {
    TokenBucket bucket(100, 5);
    EXPECT_EQ(take(bucket, 1, 10), 5);
    EXPECT_EQ(take(bucket, 1'000'000, 10), 5);
    EXPECT_EQ(take(bucket, std::numeric_limits<std::uint64_t>::max() / 2, 10), 5);
}

TEST(TokenBucket, KeepsToItsRateHoweverItIsAsked) {
    for (const std::uint64_t step : {1U, 7U, 99U, 101U, 250U}) {
        TokenBucket bucket(100, 3);
        std::uint64_t passed = 0;
        std::uint64_t now = 500;
        for (; now < 100'500; now += step) {
            passed += static_cast<std::uint64_t>(take(bucket, now, 4));
        }
        EXPECT_LE(passed, 3 + 100'000 / 100) << step;
        EXPECT_GE(passed, 1'000 - 10) << step;
    }
}

TEST(Cycles, RunAsFastAsTheySay) {
    EXPECT_GT(cycles_per_second(), 100'000'000U);
    EXPECT_LT(cycles_per_second(), 20'000'000'000U);
    EXPECT_EQ(cycles_per_second(), cycles_per_second());
}

}  // namespace
}  // namespace understudy::base
