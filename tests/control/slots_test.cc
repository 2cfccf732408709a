#include "control/slots.h"

#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <memory>
#include <optional>
#include <vector>

namespace understudy::control {
namespace {

/// Holders of slots by number, in the order in which they got theirs.
struct Holders {
    asio::awaitable<void> acquire(Slots& slots, int who) {
        held[static_cast<std::size_t>(who)].emplace(co_await slots.acquire());
        order.push_back(who);
    }

    std::vector<std::optional<Slots::Slot>> held = std::vector<std::optional<Slots::Slot>>(16);
    std::vector<int> order;
};

class SlotsTest : public testing::Test {
  protected:
    void ask(int who) {
        asio::co_spawn(loop_, holders_.acquire(slots_, who), asio::detached);
        settle();
    }
    void release(int who) {
        holders_.held[static_cast<std::size_t>(who)].reset();
        settle();
    }
    void settle() {
        loop_.restart();
        while (loop_.poll() > 0) {
        }
    }

    asio::io_context loop_{1};
    Slots slots_{loop_, 2};
    Holders holders_;
};

using Order = std::vector<int>;

TEST_F(SlotsTest, GivesOutAsManyAsThereAre) {
    ask(0);
    ask(1);
    ask(2);
    EXPECT_EQ(holders_.order, (Order{0, 1}));
}

TEST_F(SlotsTest, HandsOnInTheOrderOfAsking) {
    for (int who = 0; who < 5; ++who) {
        ask(who);
    }
    release(1);
    EXPECT_EQ(holders_.order, (Order{0, 1, 2}));
    release(0);
    release(2);
    EXPECT_EQ(holders_.order, (Order{0, 1, 2, 3, 4}));
    ask(5);
    EXPECT_EQ(holders_.order.size(), 5U);
    release(3);
    release(4);
    EXPECT_EQ(holders_.order.back(), 5);
}

TEST_F(SlotsTest, TakesBackWhatNobodyWaitsFor) {
    for (int round = 0; round < 10; ++round) {
        ask(round);
        release(round);
    }
    EXPECT_EQ(holders_.order.size(), 10U);
    ask(10);
    ask(11);
    ask(12);
    EXPECT_EQ(holders_.order.back(), 11);
}

TEST_F(SlotsTest, ReleasedTogetherTheyGoToDifferentOnes) {
    for (int who = 0; who < 4; ++who) {
        ask(who);
    }
    holders_.held[0].reset();
    holders_.held[1].reset();
    settle();
    EXPECT_EQ(holders_.order, (Order{0, 1, 2, 3}));
}

TEST(Slots, MayBeOutlivedByTheirSlotsAndByWhoWaits) {
    asio::io_context loop(1);
    Holders holders;
    {
        Slots slots(loop, 1);
        asio::co_spawn(loop, holders.acquire(slots, 0), asio::detached);
        asio::co_spawn(loop, holders.acquire(slots, 1), asio::detached);
        loop.poll();
    }
    holders.held[0].reset();
    EXPECT_EQ(holders.order, (Order{0}));
}

}  // namespace
}  // namespace understudy::control
