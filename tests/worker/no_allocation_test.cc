#include <gtest/gtest.h>
#include <understudy/worker/pipeline.h>

#include "support/failing_allocator.h"
#include "worker/worker_support.h"

namespace understudy::worker {
namespace {

/// Of every kind of frame one: answered, replied to, handed on, dropped.
std::vector<Bytes> frames() {
    std::vector<Bytes> frames;
    for (const char* name :
         {"www.example.", "no.example.", "x.sub.example.", "alias.example.", "elsewhere."}) {
        frames.push_back(udp_frame_v4(with_payload(query(name))));
        frames.push_back(udp_frame_v6(with_payload(query(name))));
    }
    frames.push_back(udp_frame_v4(with_payload(query("big.example.", wire::Type{65280}))));
    frames.push_back(udp_frame_v4(with_payload(query("example.", wire::type::kAxfr))));
    frames.push_back(udp_frame_v4(with_payload(Bytes(12, 0))));
    frames.push_back(udp_frame_v4(with_payload(Bytes(3, 0))));
    frames.push_back(support::arp_frame({}));
    frames.push_back(support::icmp_frame_v4(support::echo_request(false)));
    frames.push_back(support::icmp_frame_v6(support::echo_request(true)));
    frames.push_back(support::solicitation_frame({}, support::solicitation_fields()));
    frames.emplace_back(60);
    return frames;
}

void expect_no_allocation(const std::vector<Bytes>& packets, World& world) {
    std::vector<memory::PreparedPacket> prepared;
    for (const Bytes& packet : packets) {
        prepared.push_back({packet, kPath});
    }
    world.port.loop(prepared);
    for (const std::size_t limit : {MemoryPort::kNoLimit, std::size_t{5}}) {
        world.port.limit_tx(limit);
        for (int round = 0; round < 20; ++round) {
            const support::AllocationGuard guard;
            EXPECT_EQ(world.poll(), port::kMaxBurst);
            EXPECT_EQ(guard.count(), 0U);
        }
    }
    world.port.limit_tx(MemoryPort::kNoLimit);
    while (world.rings.to_control.front() != nullptr) {
        const port::Deferred reply = *world.rings.to_control.front();
        world.rings.to_control.release();
        ++world.late_replies;
        const support::AllocationGuard guard;
        world.pipeline.send_late(reply);
        world.pipeline.announce();
        EXPECT_EQ(guard.count(), 0U);
    }
    for (const auto outcome :
         {stats::Outcome::kAnswered, stats::Outcome::kPassed, stats::Outcome::kDropped}) {
        EXPECT_GT(world.counters.read(outcome), 0U);
    }
}

TEST(Pipeline, AllocatesNothingForFrames) {
    World world;
    expect_no_allocation(frames(), world);
    EXPECT_GT(world.counters.read(stats::Outcome::kReplied), 0U);
}

TEST(Pipeline, AllocatesNothingForDatagrams) {
    World world(Framing::kDatagram);
    expect_no_allocation({query("www.example."), query("example.", wire::type::kAxfr), Bytes(3, 0)},
                         world);
}

}  // namespace
}  // namespace understudy::worker
