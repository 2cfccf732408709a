#include <understudy/port/frame_ring.h>

#include <gtest/gtest.h>
#include <algorithm>
#include <thread>
#include <vector>

namespace understudy::port {
namespace {

constexpr std::size_t kMaxOctets = 100;

/// A frame whose octets all say which one it is.
bool put(FrameRing& ring, std::uint8_t number, std::size_t length_octets) {
    const base::MutableOctets room = ring.reserve();
    if (room.empty()) {
        return false;
    }
    std::ranges::fill(room.first(length_octets), number);
    ring.commit(length_octets);
    return true;
}

std::vector<std::uint8_t> take(FrameRing& ring) {
    const base::Octets frame = ring.front();
    std::vector<std::uint8_t> copy(frame.begin(), frame.end());
    if (!copy.empty()) {
        ring.release();
    }
    return copy;
}

TEST(FrameRing, GivesFramesBackInOrder) {
    FrameRing ring(kMaxOctets);
    EXPECT_TRUE(ring.front().empty());
    EXPECT_EQ(ring.reserve().size(), kMaxOctets);
    EXPECT_TRUE(put(ring, 1, 1));
    EXPECT_TRUE(put(ring, 2, kMaxOctets));
    EXPECT_EQ(take(ring), std::vector<std::uint8_t>(1, 1));
    EXPECT_EQ(take(ring), std::vector<std::uint8_t>(kMaxOctets, 2));
    EXPECT_TRUE(ring.front().empty());
}

TEST(FrameRing, RefusesWhenFull) {
    FrameRing ring(kMaxOctets);
    for (std::size_t i = 0; i < FrameRing::kSlots; ++i) {
        ASSERT_TRUE(put(ring, static_cast<std::uint8_t>(i), kMaxOctets));
    }
    EXPECT_FALSE(put(ring, 0, 1));
    EXPECT_EQ(take(ring), std::vector<std::uint8_t>(kMaxOctets, 0));
    EXPECT_TRUE(put(ring, 7, 1));
    EXPECT_EQ(take(ring), std::vector<std::uint8_t>(kMaxOctets, 1));
}

TEST(FrameRing, CarriesFramesBetweenThreads) {
    constexpr std::size_t kFrames = 20'000;
    FrameRing ring(kMaxOctets);
    std::thread producer([&ring] {
        for (std::size_t i = 0; i < kFrames;) {
            const bool done = put(ring, static_cast<std::uint8_t>(i), 1 + i % kMaxOctets);
            i += done ? 1 : 0;
            if (!done) {
                std::this_thread::yield();
            }
        }
    });
    for (std::size_t i = 0; i < kFrames;) {
        const auto frame = take(ring);
        if (frame.empty()) {
            std::this_thread::yield();
            continue;
        }
        EXPECT_EQ(frame,
                  std::vector<std::uint8_t>(1 + i % kMaxOctets, static_cast<std::uint8_t>(i)));
        ++i;
    }
    producer.join();
}

}  // namespace
}  // namespace understudy::port
