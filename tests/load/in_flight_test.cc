#include <understudy/load/in_flight.h>

#include <gtest/gtest.h>
#include <set>
#include <thread>
#include <vector>

namespace understudy::load {
namespace {

constexpr std::uint16_t kFirstPort = 40000;

TEST(Numbering, IsOneToOne) {
    for (const auto& [port_bits, run_bits] :
         std::vector<std::pair<unsigned, unsigned>>{{0, 0}, {3, 0}, {3, 5}, {0, 5}, {2, 16}}) {
        const Numbering numbering(kFirstPort, port_bits, run_bits);
        EXPECT_EQ(numbering.count(), 65536U << port_bits);
        std::set<std::pair<std::uint16_t, std::uint16_t>> seen;
        for (std::uint32_t number = 0; number < numbering.count(); ++number) {
            const Identity identity = numbering.identity(number);
            ASSERT_EQ(numbering.number(identity), number) << port_bits << ' ' << run_bits;
            ASSERT_EQ(numbering.block_of(identity.port), 0U);
            ASSERT_TRUE(seen.emplace(identity.id, identity.port).second);
        }
    }
}

TEST(Numbering, KeepsRunsOnOnePort) {
    const Numbering numbering(kFirstPort, 3, 5);
    for (std::uint32_t run = 0; run < 100; ++run) {
        std::set<std::uint16_t> ports;
        std::set<std::uint16_t> ids;
        for (std::uint32_t i = 0; i < 32; ++i) {
            const Identity identity = numbering.identity(run * 32 + i);
            ports.insert(identity.port);
            ids.insert(identity.id);
        }
        EXPECT_EQ(ports,
                  (std::set<std::uint16_t>{static_cast<std::uint16_t>(kFirstPort + run % 8)}));
        EXPECT_EQ(ids.size(), 32U);
    }
}

TEST(Numbering, WandersOverAllPortsOtherwise) {
    const Numbering numbering(kFirstPort, 10, 0);
    std::set<std::uint16_t> ports;
    for (std::uint32_t number = 0; number < 1024; ++number) {
        ports.insert(numbering.identity(number).port);
    }
    EXPECT_GT(ports.size(), 700U);  // of random ones, 647 would be
}

TEST(Numbering, KnowsWhosePortItIs) {
    const Numbering numbering(kFirstPort, 4, 0);
    EXPECT_FALSE(numbering.number({1, kFirstPort - 1}));
    EXPECT_FALSE(numbering.number({1, kFirstPort + 16}));
    EXPECT_EQ(numbering.block_of(kFirstPort + 15), 0U);
    EXPECT_EQ(numbering.block_of(kFirstPort + 16), 1U);
    EXPECT_GT(numbering.block_of(kFirstPort - 1), 65536U);
}

class InFlightTest : public testing::Test {
  protected:
    Identity send(std::uint64_t now, std::uint32_t query) {
        const Identity identity = numbering_.identity(queries_.next_number());
        queries_.add(now, query);
        return identity;
    }
    auto claim(const Identity& identity, InFlight::Claimer who = InFlight::Claimer::kOwner) {
        return queries_.claim(identity, who);
    }
    std::uint64_t waiting(std::uint64_t now = 0) { return queries_.waiting(now, 100); }

    Numbering numbering_{kFirstPort, 0, 0};
    InFlight queries_{numbering_};
};

TEST_F(InFlightTest, FindsAQueryOnce) {
    const Identity first = send(10, 7);
    const Identity second = send(11, 8);
    EXPECT_EQ(waiting(20), 2U);
    const auto found = claim(second, InFlight::Claimer::kOther);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->index, 8U);
    EXPECT_EQ(found->sent_cycles, 11U);
    EXPECT_EQ(waiting(20), 1U);
    EXPECT_FALSE(claim(second));
    EXPECT_FALSE(claim(second, InFlight::Claimer::kOther));
    EXPECT_EQ(claim(first)->index, 7U);
    EXPECT_EQ(waiting(20), 0U);
    EXPECT_FALSE(claim({static_cast<std::uint16_t>(first.id + 1), first.port}));
    EXPECT_FALSE(claim({first.id, static_cast<std::uint16_t>(first.port + 1)}));
}

TEST_F(InFlightTest, TakesBackWhatWasNotSent) {
    const Identity sent = send(0, 1);
    const Identity unsent = send(0, 2);
    queries_.take_back(1);
    EXPECT_EQ(waiting(), 1U);
    EXPECT_FALSE(claim(unsent));
    EXPECT_TRUE(claim(sent));
    EXPECT_EQ(send(5, 3).id, unsent.id);
    EXPECT_EQ(claim(unsent)->index, 3U);
    EXPECT_EQ(waiting(), 0U);
}

TEST_F(InFlightTest, GivesUpButTakesALateAnswer) {
    const Identity lost = send(0, 1);
    const Identity late = send(0, 2);
    (void)send(50, 3);
    EXPECT_EQ(waiting(99), 3U);
    EXPECT_EQ(waiting(100), 1U);
    EXPECT_TRUE(claim(late));
    EXPECT_EQ(waiting(100), 1U);  // it does not count twice
    EXPECT_TRUE(claim(lost, InFlight::Claimer::kOther));
    EXPECT_EQ(waiting(100), 1U);
    EXPECT_EQ(waiting(1000), 0U);
}

TEST_F(InFlightTest, ForgetsWhenItsPlaceIsTaken) {
    const Identity oldest = send(0, 1);
    for (std::uint32_t i = 0; i < numbering_.count() - 1; ++i) {
        (void)send(0, 2);
    }
    EXPECT_EQ(waiting(), numbering_.count());
    EXPECT_EQ(send(0, 3).id, oldest.id);
    EXPECT_EQ(waiting(), numbering_.count());
    EXPECT_EQ(claim(oldest)->index, 3U);
}

TEST(InFlight, AnswersFoundByAnotherThreadCountOnce) {
    constexpr std::uint32_t kQueries = 200'000;
    const Numbering numbering(kFirstPort, 4, 0);
    InFlight queries(numbering);
    std::atomic<std::uint32_t> sent{0};
    std::thread finder([&] {
        for (std::uint32_t number = 0; number < kQueries; ++number) {
            while (sent.load(std::memory_order_acquire) <= number) {
                std::this_thread::yield();
            }
            const auto found = queries.claim(numbering.identity(number), InFlight::Claimer::kOther);
            ASSERT_TRUE(found);
            // Its parts were written together.
            ASSERT_EQ(found->index, number);
            ASSERT_EQ(found->sent_cycles, std::uint64_t{number} * 3);
        }
    });
    for (std::uint32_t number = 0; number < kQueries; ++number) {
        queries.add(std::uint64_t{number} * 3, number);
        sent.store(number + 1, std::memory_order_release);
    }
    finder.join();
    EXPECT_EQ(queries.waiting(0, 1'000'000'000), 0U);
}

}  // namespace
}  // namespace understudy::load
