#include <gtest/gtest.h>

#include <understudy/rcu/reader.h>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

namespace understudy::rcu {
namespace {

using namespace std::chrono_literals;

/// Long enough that a grace period which does not wait would be over.
constexpr auto kPatience = 50ms;

/// A grace period begun on a thread of its own.
class GracePeriod {
  public:
    GracePeriod()
        : thread_([this] {
              synchronize();
              over_ = true;
          }) {}
    [[nodiscard]] bool over() const { return over_; }
    void join() { thread_.join(); }

  private:
    std::atomic<bool> over_ = false;
    std::jthread thread_;
};

TEST(Reader, IsOnlineFromTheStart) {
    EXPECT_FALSE(Reader::thread_is_online());
    {
        Reader reader;
        EXPECT_TRUE(Reader::thread_is_online());
        {
            const Offline resting(reader);
            EXPECT_FALSE(Reader::thread_is_online());
        }
        EXPECT_TRUE(Reader::thread_is_online());
        std::jthread([] { EXPECT_FALSE(Reader::thread_is_online()); });
    }
    EXPECT_FALSE(Reader::thread_is_online());
}

TEST(Reader, CanRegisterAgain) {
    for (int i = 0; i < 3; ++i) {
        Reader reader;
        reader.quiescent();
    }
}

TEST(Synchronize, WaitsForNobodyWithoutReaders) { synchronize(); }

TEST(Synchronize, WaitsForAnOnlineReaderToBeQuiescent) {
    Reader reader;
    GracePeriod grace;
    std::this_thread::sleep_for(kPatience);
    EXPECT_FALSE(grace.over());
    reader.quiescent();
    grace.join();
    EXPECT_TRUE(grace.over());
}

TEST(Synchronize, DoesNotWaitForAnOfflineReader) {
    Reader reader;
    const Offline resting(reader);
    synchronize();
}

TEST(Synchronize, EndsWhenTheReaderGoesOffline) {
    Reader reader;
    GracePeriod grace;
    std::this_thread::sleep_for(kPatience);
    EXPECT_FALSE(grace.over());
    const Offline resting(reader);
    grace.join();
}

TEST(Synchronize, EndsWhenTheReaderLeaves) {
    auto reader = std::make_unique<Reader>();
    GracePeriod grace;
    std::this_thread::sleep_for(kPatience);
    EXPECT_FALSE(grace.over());
    reader.reset();
    grace.join();
}

TEST(ReaderDeathTest, ChecksItsUse) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            const Reader first;
            const Reader second;
        },
        "invariant broken");
    EXPECT_DEATH(
        {
            Reader reader;
            reader.offline();
            reader.quiescent();
        },
        "invariant broken");
    EXPECT_DEATH(
        {
            Reader reader;
            reader.online();
        },
        "invariant broken");
    EXPECT_DEATH(
        {
            const Reader reader;
            synchronize();
        },
        "invariant broken");
}

}  // namespace
}  // namespace understudy::rcu
