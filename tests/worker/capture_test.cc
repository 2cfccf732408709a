#include <understudy/worker/capture.h>

#include <gtest/gtest.h>
#include <understudy/rcu/reader.h>
#include <array>
#include <chrono>
#include <vector>

#include "worker/worker_support.h"

namespace understudy::worker {
namespace {

net::PacketFilter filter(const std::string& expression) {
    return net::PacketFilter::compile(expression).value();
}

std::vector<CapturedPacket> drain(CaptureRing& ring) {
    std::vector<CapturedPacket> packets;
    ring.drain([&packets](const CapturedPacket& packet) {
        packets.push_back(packet);
        return true;
    });
    return packets;
}

Bytes kept(const CapturedPacket& packet) { return {packet.kept().begin(), packet.kept().end()}; }

/// A packet of `octets` octets, the same throughout.
class Packets {
  public:
    Packets(std::size_t count, std::size_t octets) : octets_(octets, 0x5A), packets_(count) {
        for (port::Packet& packet : packets_) {
            packet.data = octets_.data();
            packet.length_octets = static_cast<std::uint32_t>(octets);
        }
    }
    [[nodiscard]] std::span<const port::Packet> all() const { return packets_; }

  private:
    Bytes octets_;
    std::vector<port::Packet> packets_;
};

TEST(Capture, ShowsWhatAPipelineReceivesAndSends) {
    rcu::Reclaimer reclaimer;
    PublishedCapture captures(reclaimer);
    support::Server server = test_server();
    const zone::Snapshot snapshot = server.snapshot();
    const net::Service service = net::test_service();
    MemoryPort port(port_options(Framing::kEthernet));
    port::DeferredRings rings;
    Bell bell;
    stats::WorkerCounters counters;
    Pipeline pipeline({&port, &service}, 3, rings, bell, counters, CaptureTap(captures, 1, 3));
    const auto pass = [&](const Bytes& frame) {
        rcu::Reader reader;
        EXPECT_TRUE(port.inject(frame));
        EXPECT_EQ(pipeline.receive(), 1U);
        pipeline.settle(snapshot, server.context);
        return port.sent();
    };
    const Bytes question = udp_frame_v4(with_payload(query("www.example.")));
    (void)pass(question);  // nobody looks

    captures.publish(std::make_unique<const Capture>(filter("udp port 53"), 2));
    const auto sent = pass(question);
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(pass(support::arp_frame({})).size(), 1U);  // not asked for
    const auto packets = drain(captures.newest()->ring(1));
    ASSERT_EQ(packets.size(), 2U);
    EXPECT_EQ(kept(packets[0]), question);
    EXPECT_EQ(packets[0].direction, Direction::kReceived);
    EXPECT_EQ(kept(packets[1]), sent[0].octets);
    EXPECT_EQ(packets[1].direction, Direction::kSent);
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    for (const CapturedPacket& packet : packets) {
        EXPECT_EQ(packet.port_index, 3);
        EXPECT_EQ(packet.length_octets, packet.kept_octets);
        EXPECT_NEAR(static_cast<double>(packet.time_ns),
                    static_cast<double>(std::chrono::nanoseconds(now).count()),
                    60e9);
    }
    EXPECT_TRUE(drain(captures.newest()->ring(0)).empty());  // another worker's

    captures.publish(std::make_unique<const Capture>(net::PacketFilter(), 2));
    {
        const rcu::Reader reader;
        pipeline.announce();
    }
    EXPECT_EQ(drain(captures.newest()->ring(1)).size(), 2U);
    captures.publish(nullptr);
    (void)pass(question);
}

TEST(Capture, KeepsTheBeginningOfAJumboFrame) {
    CaptureRing ring;
    const Packets jumbo(1, 9000);
    ring.take(jumbo.all(), net::PacketFilter(), 0, Direction::kReceived);
    const auto packets = drain(ring);
    ASSERT_EQ(packets.size(), 1U);
    EXPECT_EQ(packets[0].length_octets, 9000U);
    EXPECT_EQ(packets[0].kept_octets, CapturedPacket::kMaxOctets);
}

TEST(Capture, IsBoundedAndCountsWhatItSkips) {
    CaptureRing ring;
    const Packets burst(port::kMaxBurst, 64);
    constexpr std::size_t kBursts = 200;
    for (std::size_t i = 0; i < kBursts; ++i) {
        ring.take(burst.all(), net::PacketFilter(), 0, Direction::kReceived);
    }
    EXPECT_EQ(drain(ring).size(), CaptureRing::kSlots);
    EXPECT_EQ(ring.skipped(), kBursts * port::kMaxBurst - CaptureRing::kSlots);
    ring.take(burst.all(), filter("udp"), 0, Direction::kReceived);  // none of these matches
    EXPECT_EQ(ring.skipped(), kBursts * port::kMaxBurst - CaptureRing::kSlots);
}

TEST(Capture, MayBeTakenInPieces) {
    CaptureRing ring;
    const Packets burst(port::kMaxBurst, 64);
    ring.take(burst.all(), net::PacketFilter(), 0, Direction::kReceived);
    std::size_t seen = 0;
    ring.drain([&seen](const CapturedPacket&) { return ++seen < 10; });
    EXPECT_EQ(seen, 10U);
    EXPECT_EQ(drain(ring).size(), port::kMaxBurst - 10);
}

/// More comes than is taken: what is kept is spread over all of the time, not its beginning alone;
/// and when less comes, everything is kept again.
TEST(Capture, SamplesUnderLoad) {
    CaptureRing ring;
    const Packets burst(port::kMaxBurst, 64);
    std::size_t filled = 0;
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 64; ++i) {  // four times what the ring holds
            ring.take(burst.all(), net::PacketFilter(), 0, Direction::kReceived);
        }
        const std::size_t count = drain(ring).size();
        EXPECT_GE(count, CaptureRing::kSlots / 4) << round;
        filled += count == CaptureRing::kSlots ? 1 : 0;
    }
    EXPECT_LT(filled, 50U);  // else it kept what came first and nothing after it
    for (std::uint32_t interval = CaptureRing::kMaxInterval; interval > 1; interval /= 2) {
        (void)drain(ring);
    }
    const std::uint64_t skipped = ring.skipped();
    ring.take(burst.all(), net::PacketFilter(), 0, Direction::kReceived);
    EXPECT_EQ(ring.skipped(), skipped);
}

}  // namespace
}  // namespace understudy::worker
