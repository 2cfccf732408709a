#include <gtest/gtest.h>

#include <understudy/memory/memory_port.h>
#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <thread>

namespace understudy::memory {
namespace {

using port::DatagramPath;
using port::Framing;
using port::Packet;

using Burst = std::array<Packet, port::kMaxBurst>;
using Bytes = std::vector<std::uint8_t>;

MemoryPort::Options with_buffers(std::size_t buffers) {
    MemoryPort::Options options;
    options.buffers = buffers;
    return options;
}

Bytes numbered(std::uint64_t number) {
    Bytes octets(64);
    std::memcpy(octets.data(), &number, sizeof number);
    return octets;
}

TEST(MemoryPort, HandsOutWhatWasPutInAndKeepsWhatWasSent) {
    MemoryPort port({});
    Burst burst;
    EXPECT_EQ(port.rx_burst(burst), 0U);
    ASSERT_TRUE(port.inject(Bytes{1, 2, 3}));
    ASSERT_TRUE(
        port.inject(Bytes{4, 5}, {}, base::ChecksumState::kGood, base::ChecksumState::kBad));
    ASSERT_EQ(port.rx_burst(burst), 2U);
    EXPECT_EQ(Bytes(burst[0].data, burst[0].data + burst[0].length_octets), (Bytes{1, 2, 3}));
    EXPECT_EQ(burst[0].ip_checksum, base::ChecksumState::kUnknown);
    EXPECT_EQ(burst[0].path, nullptr);
    EXPECT_EQ(burst[1].ip_checksum, base::ChecksumState::kGood);
    EXPECT_EQ(burst[1].udp_checksum, base::ChecksumState::kBad);
    EXPECT_GE(burst[1].capacity_octets, port::PacketPort::kMinCapacityOctets);
    EXPECT_EQ(port.outstanding(), 2U);

    burst[0].data[0] = 9;
    burst[0].length_octets = 1;
    burst[1].data += 1;  // a reply may begin later in its buffer
    burst[1].length_octets = 1;
    EXPECT_EQ(port.tx_burst(std::span(burst).first(2)), 2U);
    EXPECT_EQ(port.outstanding(), 0U);
    const auto sent = port.sent();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].octets, Bytes{9});
    EXPECT_EQ(sent[1].octets, Bytes{5});
    EXPECT_TRUE(port.sent().empty());
}

TEST(MemoryPort, CarriesPathsOfDatagramsBothWays) {
    MemoryPort::Options options;
    options.framing = Framing::kDatagram;
    MemoryPort port(options);
    const DatagramPath path{base::Endpoint::parse("192.0.2.1@4000", 53).value(),
                            base::Endpoint::parse("192.0.2.53", 53).value()};
    ASSERT_TRUE(port.inject(Bytes{1}, path));
    Burst burst;
    ASSERT_EQ(port.rx_burst(burst), 1U);
    ASSERT_NE(burst[0].path, nullptr);
    EXPECT_EQ(burst[0].path->peer, path.peer);
    ASSERT_EQ(port.allocate(std::span(burst).subspan(1, 1)), 1U);
    ASSERT_NE(burst[1].path, nullptr);
    *burst[1].path = {path.local, path.peer};
    burst[1].length_octets = 1;
    ASSERT_EQ(port.tx_burst(std::span(burst).first(2)), 2U);
    const auto sent = port.sent();
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent[0].path.peer, path.peer);
    EXPECT_EQ(sent[1].path.peer, path.local);
}

TEST(MemoryPort, RefusesWhenThePollerHoldsEveryBuffer) {
    MemoryPort port(with_buffers(2));
    Burst burst;
    for (int round = 0; round < 3; ++round) {
        EXPECT_TRUE(port.inject(Bytes{1}));
        EXPECT_TRUE(port.inject(Bytes{2}));
        EXPECT_FALSE(port.inject(Bytes{3}));
        ASSERT_EQ(port.rx_burst(burst), 2U);
        EXPECT_FALSE(port.inject(Bytes{3}));
        port.free(std::span(burst).first(2));
        EXPECT_EQ(port.outstanding(), 0U);
    }
    EXPECT_TRUE(port.sent().empty());
}

TEST(MemoryPort, RefusesWhatNoBufferHolds) {
    MemoryPort port({});
    EXPECT_TRUE(port.inject(Bytes(MemoryPort::kDefaultBufferOctets)));
    EXPECT_FALSE(port.inject(Bytes(MemoryPort::kDefaultBufferOctets + 1)));
}

TEST(MemoryPort, CarriesAnEmptyDatagram) {
    MemoryPort port({});
    ASSERT_TRUE(port.inject(Bytes{}));
    Burst burst;
    ASSERT_EQ(port.rx_burst(burst), 1U);
    EXPECT_EQ(burst[0].length_octets, 0U);
    port.free(std::span(burst).first(1));
    EXPECT_EQ(port.outstanding(), 0U);
}

TEST(MemoryPort, AllocatesFromItsOwnHalfAndGetsItBack) {
    MemoryPort port(with_buffers(2));
    Burst burst;
    for (int round = 0; round < 3; ++round) {
        ASSERT_EQ(port.allocate(std::span(burst).first(3)), 2U);
        EXPECT_EQ(port.allocate(std::span(burst).subspan(2, 1)), 0U);
        EXPECT_TRUE(port.inject(Bytes{1}));  // the other half is untouched
        EXPECT_EQ(burst[0].length_octets, 0U);
        burst[0].length_octets = burst[1].length_octets = 7;
        ASSERT_EQ(port.rx_burst(std::span(burst).subspan(2)), 1U);
        ASSERT_EQ(port.tx_burst(std::span(burst).first(2)), 2U);
        port.free(std::span(burst).subspan(2, 1));
        EXPECT_EQ(port.allocate(std::span(burst).first(1)), 0U);  // not before the test has read
        EXPECT_EQ(port.sent().size(), 2U);
    }
    EXPECT_EQ(port.outstanding(), 0U);
}

TEST(MemoryPort, TakesNoMoreThanTheLimit) {
    MemoryPort port({});
    Burst burst;
    for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(port.inject(Bytes{1}));
    }
    ASSERT_EQ(port.rx_burst(burst), 3U);
    port.limit_tx(0);
    EXPECT_EQ(port.tx_burst(std::span(burst).first(3)), 0U);
    port.limit_tx(2);
    EXPECT_EQ(port.tx_burst(std::span(burst).first(3)), 2U);
    EXPECT_EQ(port.outstanding(), 1U);
    port.limit_tx(MemoryPort::kNoLimit);
    EXPECT_EQ(port.tx_burst(std::span(burst).subspan(2, 1)), 1U);
    EXPECT_EQ(port.sent().size(), 3U);
}

TEST(MemoryPort, LoopsOverPreparedPacketsAndJudgesWhatIsSent) {
    MemoryPort port(with_buffers(16));
    std::vector<std::size_t> seen;
    seen.reserve(64);
    port.loop({{{10}, {}}, {{11}, {}}, {{12}, {}}}, [&seen](std::size_t index, base::Octets sent) {
        seen.push_back(index);
        return sent.size() == 1 && sent[0] == 10 + index;
    });
    Burst burst;
    ASSERT_EQ(port.rx_burst(std::span(burst).first(4)), 4U);
    EXPECT_EQ(burst[3].data[0], 10);
    burst[1].data[0] = 0;
    ASSERT_EQ(port.tx_burst(std::span(burst).first(3)), 3U);
    port.free(std::span(burst).subspan(3, 1));
    EXPECT_EQ(port.rx_burst(burst), 16U);  // as far as the buffers go
    port.free(std::span(burst).first(16));
    EXPECT_EQ(port.loop_sent(), 3U);
    EXPECT_EQ(port.loop_wrong(), 1U);
    EXPECT_EQ(seen, (std::vector<std::size_t>{0, 1, 2}));
    EXPECT_TRUE(port.sent().empty());
    port.loop({});
    EXPECT_EQ(port.rx_burst(burst), 0U);
}

TEST(MemoryPort, WaitReturnsAfterItsTimeoutOrAtOnceForAPacket) {
    MemoryPort port({});
    const auto before = std::chrono::steady_clock::now();
    port.wait(std::chrono::microseconds(2000));
    EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::microseconds(2000));
    ASSERT_TRUE(port.inject(Bytes{1}));
    port.wait(std::chrono::hours(1));
}

TEST(MemoryPort, WakeEndsTheWaitUnderWayOrElseTheNext) {
    MemoryPort port({});
    port.wake();
    port.wait(std::chrono::hours(1));
    const std::jthread other([&port] {
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        port.wake();
    });
    port.wait(std::chrono::hours(1));
}

TEST(MemoryPort, CarriesEveryPacketBetweenTwoThreads) {
    constexpr std::uint64_t kPackets = 20'000;
    MemoryPort port(with_buffers(32));
    std::jthread poller([&port](const std::stop_token& stop) {
        Burst burst;
        while (!stop.stop_requested()) {
            const std::size_t count = port.rx_burst(burst);
            std::span<Packet> left = std::span(burst).first(count);
            while (!left.empty()) {
                left = left.subspan(port.tx_burst(left));
            }
            if (count == 0) {
                port.wait(std::chrono::microseconds(10));
            }
        }
    });
    port.limit_tx(5);
    std::uint64_t put_in = 0;
    std::uint64_t taken = 0;
    while (taken < kPackets) {
        while (put_in < kPackets && port.inject(numbered(put_in))) {
            ++put_in;
        }
        for (const SentPacket& packet : port.sent()) {
            ASSERT_EQ(packet.octets, numbered(taken));
            ++taken;
        }
        std::this_thread::yield();
    }
    poller.request_stop();
    poller.join();
    EXPECT_EQ(port.outstanding(), 0U);
}

TEST(MemoryPort, NeverTakesAnEmptiedBufferForAPacket) {
    constexpr std::size_t kPackets = 100'000;
    MemoryPort port(with_buffers(8));
    std::size_t received = 0;
    std::jthread poller([&port, &received](const std::stop_token& stop) {
        Burst burst;
        while (!stop.stop_requested()) {
            if (port.allocate(std::span(burst).first(1)) == 1) {
                burst[0].length_octets = 1;
                while (port.tx_burst(std::span(burst).first(1)) == 0) {
                }
            }
            const std::size_t count = port.rx_burst(burst);
            port.free(std::span(burst).first(count));
            received += count;
        }
    });
    for (std::size_t sent = 0; sent < kPackets;) {
        sent += port.sent().size();
    }
    poller.request_stop();
    poller.join();
    EXPECT_EQ(received, 0U);
    EXPECT_EQ(port.outstanding(), 0U);
}

TEST(MemoryPortDeathTest, EndsWhenABufferIsGivenBackTwice) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    MemoryPort port({});
    ASSERT_TRUE(port.inject(Bytes{1}));
    Burst burst;
    ASSERT_EQ(port.rx_burst(burst), 1U);
    port.free(std::span(burst).first(1));
    EXPECT_DEATH(port.free(std::span(burst).first(1)), "is_held");
}

}  // namespace
}  // namespace understudy::memory
