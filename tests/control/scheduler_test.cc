#include "control/scheduler.h"

#include <gtest/gtest.h>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace understudy::control {
namespace {

using Order = std::vector<int>;

class SchedulerTest : public testing::Test {
  protected:
    static base::Endpoint primary(int number) {
        return {base::IpAddress::parse("192.0.2." + std::to_string(number)).value(), 53};
    }

    asio::awaitable<void> acquire(int who, base::Endpoint from, Urgency urgency) {
        held_[who] = std::make_unique<Scheduler::Turn>(co_await scheduler_->acquire(from, urgency));
        order_.push_back(who);
    }
    void ask(int who, int from, Urgency urgency = Urgency::kRefresh) {
        asio::co_spawn(loop_, acquire(who, primary(from), urgency), asio::detached);
        settle();
    }
    void release(int who) {
        held_.erase(who);
        settle();
    }
    void settle() {
        loop_.restart();
        while (loop_.poll() > 0) {
        }
    }

    asio::io_context loop_{1};
    std::optional<Scheduler> scheduler_{
        std::in_place, loop_, Scheduler::Limits{.of_a_primary = 2, .in_all = 3}};
    std::map<int, std::unique_ptr<Scheduler::Turn>> held_;
    Order order_;
};

TEST_F(SchedulerTest, LimitsWhatIsAskedOfOnePrimary) {
    for (int who = 0; who < 4; ++who) {
        ask(who, 1);
    }
    EXPECT_EQ(order_, (Order{0, 1}));
    ask(9, 2);  // is not held up
    EXPECT_EQ(order_, (Order{0, 1, 9}));
    release(1);
    EXPECT_EQ(order_, (Order{0, 1, 9, 2}));
}

TEST_F(SchedulerTest, LimitsWhatIsAskedInAll) {
    for (int who = 0; who < 5; ++who) {
        ask(who, who);
    }
    EXPECT_EQ(order_, (Order{0, 1, 2}));
    release(0);
    release(2);
    EXPECT_EQ(order_, (Order{0, 1, 2, 3, 4}));
}

TEST_F(SchedulerTest, GoesByUrgencyThenByOrder) {
    ask(0, 1);
    ask(1, 1);
    ask(2, 1, Urgency::kBootstrap);
    ask(3, 1, Urgency::kRefresh);
    ask(4, 1, Urgency::kNearExpiry);
    ask(5, 1, Urgency::kNotified);
    ask(6, 1, Urgency::kNotified);
    for (const int who : {0, 1, 5, 6, 4, 3}) {
        release(who);
    }
    EXPECT_EQ(order_, (Order{0, 1, 5, 6, 4, 3, 2}));
}

TEST_F(SchedulerTest, GoesByUrgencyOverAllPrimaries) {
    ask(0, 1);
    ask(1, 2);
    ask(2, 3);
    ask(3, 4, Urgency::kBootstrap);
    ask(4, 5, Urgency::kRefresh);
    ask(5, 6, Urgency::kNotified);
    release(0);
    release(1);
    EXPECT_EQ(order_, (Order{0, 1, 2, 5, 4}));
}

TEST_F(SchedulerTest, MayEndBeforeThoseAtWork) {
    ask(0, 1);
    ask(1, 1);
    ask(2, 1);
    scheduler_.reset();
    release(0);
    release(1);
    EXPECT_EQ(order_, (Order{0, 1}));
}

}  // namespace
}  // namespace understudy::control
