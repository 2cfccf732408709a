#include <gtest/gtest.h>

#include <understudy/rcu/published.h>
#include <understudy/rcu/reader.h>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace understudy::rcu {
namespace {

using namespace std::chrono_literals;

/// Says when it is destroyed. The log is read after a flush only.
class Witness {
  public:
    Witness(int number, std::vector<int>* log) : number_(number), log_(log) {}
    Witness(const Witness&) = delete;
    Witness& operator=(const Witness&) = delete;
    ~Witness() { log_->push_back(number_); }

    [[nodiscard]] int number() const { return number_; }

  private:
    int number_;
    std::vector<int>* log_;
};

TEST(Reclaimer, DestroysInOrder) {
    std::vector<int> log;
    Reclaimer reclaimer;
    for (int i = 0; i < 100; ++i) {
        reclaimer.retire(std::make_unique<const Witness>(i, &log));
    }
    reclaimer.flush();
    ASSERT_EQ(log.size(), 100U);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(log[static_cast<std::size_t>(i)], i);
    }
}

TEST(Reclaimer, TakesAnyTypeAndNothing) {
    Reclaimer reclaimer;
    reclaimer.retire(std::make_unique<const std::string>("a text that is not kept in place"));
    reclaimer.retire(std::make_unique<const std::vector<int>>(1000));
    reclaimer.retire(std::unique_ptr<const int>());
    reclaimer.flush();
    reclaimer.flush();  // nothing left to wait for
}

TEST(Reclaimer, DrainsAtItsEnd) {
    std::vector<int> log;
    {
        Reclaimer reclaimer;
        reclaimer.retire(std::make_unique<const Witness>(1, &log));
        reclaimer.retire(std::make_unique<const Witness>(2, &log));
    }
    EXPECT_EQ(log, (std::vector{1, 2}));
}

TEST(Reclaimer, KeepsWhatAReaderMayHold) {
    std::vector<int> log;
    Reclaimer reclaimer;
    Reader reader;
    reclaimer.retire(std::make_unique<const Witness>(1, &log));
    std::this_thread::sleep_for(50ms);
    EXPECT_TRUE(log.empty());
    const Offline resting(reader);
    reclaimer.flush();
    EXPECT_EQ(log, std::vector{1});
}

TEST(Reclaimer, NeverMakesTheRetiringThreadWaitAndSaysWhenItIsFull) {
    Reclaimer reclaimer;
    Reader reader;  // stands still
    for (std::size_t i = 0; i < Reclaimer::kMaxPending; ++i) {
        ASSERT_TRUE(reclaimer.has_room());
        reclaimer.retire(std::make_unique<const int>(1));
    }
    EXPECT_FALSE(reclaimer.has_room());
    reclaimer.retire(std::make_unique<const int>(1));  // taken all the same
    const Offline resting(reader);
    reclaimer.flush();
    EXPECT_TRUE(reclaimer.has_room());
}

TEST(ReclaimerDeathTest, RefusesToWaitForItsOwnThread) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            Reclaimer reclaimer;
            const Reader reader;
            reclaimer.flush();
        },
        "invariant broken");
}

TEST(Published, GivesTheNewest) {
    Reclaimer reclaimer;
    Published<int> published(reclaimer);
    {
        const Reader reader;
        EXPECT_EQ(published.load(), nullptr);
        published.publish(std::make_unique<const int>(1));
        EXPECT_EQ(*published.load(), 1);
        published.publish(std::make_unique<const int>(2));
        EXPECT_EQ(*published.load(), 2);
        EXPECT_EQ(published.newest(), published.load());
    }
    const Published<int> other(reclaimer, std::make_unique<const int>(3));
    EXPECT_EQ(*other.newest(), 3);
}

TEST(Published, KeepsAnOldVersionUntilItsReaderIsQuiescent) {
    std::vector<int> log;
    Reclaimer reclaimer;
    Published<Witness> published(reclaimer, std::make_unique<const Witness>(1, &log));
    Reader reader;
    const Witness* old = published.load();
    published.publish(std::make_unique<const Witness>(2, &log));
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(old->number(), 1);
    EXPECT_EQ(published.load()->number(), 2);
    const Offline resting(reader);
    reclaimer.flush();
    EXPECT_EQ(log, std::vector{1});
}

TEST(Published, RetiresItsLastVersion) {
    std::vector<int> log;
    Reclaimer reclaimer;
    std::optional<Published<Witness>> published;
    published.emplace(reclaimer, std::make_unique<const Witness>(1, &log));
    Reader reader;
    const Witness* last = published->load();
    published.reset();
    std::this_thread::sleep_for(50ms);
    EXPECT_EQ(last->number(), 1);
    const Offline resting(reader);
    reclaimer.flush();
    EXPECT_EQ(log, std::vector{1});
}

}  // namespace
}  // namespace understudy::rcu
