#include "worker/backoff.h"

#include <gtest/gtest.h>

namespace understudy::worker {
namespace {

using namespace std::chrono_literals;

/// A worker's turns of a microsecond each.
class Turns {
  public:
    explicit Turns(Idle idle) : backoff_(idle, now_) {}

    std::chrono::microseconds turn(bool was_useful = false) {
        now_ += base::cycles_in(1us);
        const auto nap = backoff_.after(was_useful, now_);
        now_ += base::cycles_in(nap);
        return nap;
    }

    /// Empty turns until the first nap, which counts as one.
    int until_nap() {
        int turns = 1;
        while (turn() == 0us) {
            ++turns;
        }
        return turns;
    }

  private:
    std::uint64_t now_ = 1'000;
    Backoff backoff_;
};

TEST(Backoff, PollsOnForAWhileAndThenNapsLongerAndLonger) {
    Turns turns(Idle::kAdaptive);
    EXPECT_NEAR(turns.until_nap(), kSpin / 1us, 1);
    for (const auto nap : {2 * kFirstNap, 4 * kFirstNap, 8 * kFirstNap, 16 * kFirstNap}) {
        EXPECT_EQ(turns.turn(), nap);
    }
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(turns.turn(), kMaxNap);
    }
}

/// From the first packet after a pause on, the worker does not nap before kSpin is over.
TEST(Backoff, IsBackAtOnceWhenAPacketCame) {
    Turns turns(Idle::kAdaptive);
    for (int i = 0; i < 100; ++i) {
        (void)turns.turn();
    }
    EXPECT_EQ(turns.turn(/*was_useful=*/true), 0us);
    EXPECT_NEAR(turns.until_nap(), kSpin / 1us, 1);
    EXPECT_EQ(turns.turn(), 2 * kFirstNap);
}

TEST(Backoff, NeverNapsWhilePacketsComeOftenEnough) {
    Turns turns(Idle::kAdaptive);
    for (int i = 0; i < 1'000; ++i) {
        EXPECT_EQ(turns.turn(i % 40 == 0), 0us);
    }
}

TEST(Backoff, DoesAsItIsTold) {
    Turns busy(Idle::kBusy);
    Turns sleeper(Idle::kSleep);
    EXPECT_EQ(sleeper.turn(true), 0us);
    EXPECT_EQ(sleeper.turn(), kSleep);
    EXPECT_EQ(sleeper.turn(), kSleep);
    for (int i = 0; i < 1'000; ++i) {
        EXPECT_EQ(busy.turn(), 0us);
    }
}

/// What the interface promises: back within a millisecond, and at most a few thousand wake-ups a
/// second.
static_assert(kMaxNap <= 500us && kMaxNap >= 200us);

}  // namespace
}  // namespace understudy::worker
