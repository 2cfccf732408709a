#include <gtest/gtest.h>

#include <understudy/base/spsc_ring.h>
#include <cstdint>
#include <thread>

namespace understudy::base {
namespace {

TEST(SpscRing, GivesItemsBackInOrderAndRefusesWhenFull) {
    SpscRing<int> ring(4);
    EXPECT_EQ(ring.front(), nullptr);
    for (int i = 0; i < 4; ++i) {
        int* slot = ring.reserve();
        ASSERT_NE(slot, nullptr);
        *slot = i;
        ring.commit();
    }
    EXPECT_EQ(ring.reserve(), nullptr);
    for (int i = 0; i < 4; ++i) {
        ASSERT_NE(ring.front(), nullptr);
        EXPECT_EQ(*ring.front(), i);
        ring.release();
    }
    EXPECT_EQ(ring.front(), nullptr);
    EXPECT_NE(ring.reserve(), nullptr);
}

TEST(SpscRing, CarriesEveryItemBetweenTwoThreads) {
    constexpr std::uint64_t kItems = 200'000;
    SpscRing<std::uint64_t> ring(64);
    const std::jthread producer([&ring] {
        for (std::uint64_t i = 0; i < kItems;) {
            if (std::uint64_t* slot = ring.reserve(); slot != nullptr) {
                *slot = i++;
                ring.commit();
            } else {
                std::this_thread::yield();
            }
        }
    });
    for (std::uint64_t expected = 0; expected < kItems;) {
        if (const std::uint64_t* item = ring.front(); item != nullptr) {
            ASSERT_EQ(*item, expected++);
            ring.release();
        } else {
            std::this_thread::yield();
        }
    }
}

}  // namespace
}  // namespace understudy::base
