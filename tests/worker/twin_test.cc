#include <gtest/gtest.h>
#include <understudy/port/frame_ring.h>
#include <understudy/worker/pipeline.h>
#include <functional>

#include "worker/worker_support.h"

namespace understudy::worker {
namespace {

using port::FrameRing;
using support::FrameFields;

constexpr std::size_t kMaxFrameOctets = 1522;

/// A pipeline whose port the kernel has a twin of; the test is the kernel.
struct TwinWorld {
    explicit TwinWorld(std::size_t buffers = MemoryPort::kDefaultBuffers)
        : port(port_options(Framing::kEthernet, 2048, buffers)) {}

    /// The verdict that is counted for a frame, and no other.
    Verdict verdict_of(const Bytes& frame) {
        const auto before = counts();
        EXPECT_TRUE(port.inject(frame));
        EXPECT_EQ(pipeline.receive(), 1U);
        pipeline.settle(snapshot, server.context);
        const auto after = counts();
        std::vector<Verdict> changed;
        for (std::size_t i = 0; i < stats::kVerdictCount; ++i) {
            if (after[i] != before[i]) {
                changed.push_back(static_cast<Verdict>(i));
            }
        }
        EXPECT_EQ(changed.size(), 1U);
        return changed.empty() ? Verdict::kShortFrame : changed.front();
    }

    [[nodiscard]] std::array<std::uint64_t, stats::kVerdictCount> counts() const {
        std::array<std::uint64_t, stats::kVerdictCount> values{};
        for (std::size_t i = 0; i < values.size(); ++i) {
            values[i] = counters.verdicts[i].read();
        }
        return values;
    }

    /// What the kernel gets next.
    Bytes next_to_kernel() {
        const base::Octets frame = to_kernel.front();
        Bytes copy(frame.begin(), frame.end());
        if (!copy.empty()) {
            to_kernel.release();
        }
        return copy;
    }

    void send_from_kernel(const Bytes& frame) {
        const base::MutableOctets room = from_kernel.reserve();
        ASSERT_GE(room.size(), frame.size());
        std::ranges::copy(frame, room.begin());
        from_kernel.commit(frame.size());
    }

    net::Service service = net::test_service(0);
    MemoryPort port;
    FrameRing to_kernel{kMaxFrameOctets};
    FrameRing from_kernel{kMaxFrameOctets};
    port::DeferredRings rings;
    Bell bell;
    stats::WorkerCounters counters;
    support::Server server = test_server();
    zone::Snapshot snapshot = server.snapshot();
    Pipeline pipeline{
        {.port = &port, .service = &service, .to_kernel = &to_kernel, .from_kernel = &from_kernel},
        0,
        rings,
        bell,
        counters};
};

/// A well-formed query, changed.
Bytes frame(const std::function<void(FrameFields&)>& change, bool v6 = false) {
    FrameFields fields = with_payload(query("www.example."));
    change(fields);
    return v6 ? udp_frame_v6(fields) : udp_frame_v4(fields);
}

TEST(Twin, GetsWhatIsSomebodyElses) {
    const std::vector<Bytes> foreign = {
        frame([](FrameFields& f) {
            f.ethernet.destination = {2, 0, 0, 0, 0, 9};
        }),
        frame(
            [](FrameFields& f) {
                f.ethernet.destination = {0x33, 0x33, 0, 0, 0, 1};
            },
            true),
        frame([](FrameFields& f) {
            f.ethernet.tags = {{0x8100, 0x0009}};
        }),
        frame([](FrameFields& f) { f.ipv4.destination = "192.0.2.2"; }),
        frame([](FrameFields& f) { f.ipv6.destination = "2001:db8::2"; }, true),
        frame([](FrameFields& f) { f.ipv4.protocol = 6; }),
        frame([](FrameFields& f) { f.udp.destination_port = 179; }),
    };
    TwinWorld world;
    for (const Bytes& sent : foreign) {
        EXPECT_EQ(world.verdict_of(sent), Verdict::kToTwin);
        EXPECT_EQ(world.next_to_kernel(), sent);
    }
    EXPECT_TRUE(world.port.sent().empty());
}

TEST(Twin, GetsFragmentsUnderAVerdictOfTheirOwn) {
    TwinWorld world;
    const Bytes first = frame([](FrameFields& f) { f.ipv4.fragment = 0x2000; });
    EXPECT_EQ(world.verdict_of(first), Verdict::kFragmentToTwin);
    EXPECT_EQ(world.next_to_kernel(), first);
}

TEST(Twin, GetsNeitherQueriesNorWhatIsBroken) {
    TwinWorld world;
    EXPECT_EQ(world.verdict_of(frame([](FrameFields&) {})), Verdict::kPositive);
    EXPECT_EQ(world.verdict_of(frame([](FrameFields& f) { f.udp.checksum = 0x0BAD; })),
              Verdict::kBadUdpChecksum);
    EXPECT_EQ(world.verdict_of(frame([](FrameFields& f) { f.udp.source_port = 0; })),
              Verdict::kBadSourcePort);
    EXPECT_EQ(world.verdict_of(Bytes(13, 0)), Verdict::kShortFrame);
    EXPECT_TRUE(world.next_to_kernel().empty());
    EXPECT_EQ(world.port.sent().size(), 1U);
}

TEST(Twin, IsNeverWaitedFor) {
    TwinWorld world;
    const Bytes sent = frame([](FrameFields& f) { f.udp.destination_port = 179; });
    for (std::size_t i = 0; i < FrameRing::kSlots; ++i) {
        ASSERT_EQ(world.verdict_of(sent), Verdict::kToTwin);
    }
    EXPECT_EQ(world.verdict_of(sent), Verdict::kTwinRingFull);
    EXPECT_EQ(world.next_to_kernel(), sent);
    EXPECT_EQ(world.verdict_of(sent), Verdict::kToTwin);
    EXPECT_EQ(world.port.outstanding(), 0U);
}

TEST(Twin, GetsNothingBeyondItsMtu) {
    TwinWorld world;
    const auto of_length = [](std::size_t octets) {
        Bytes long_frame = frame([](FrameFields& f) {
            f.ethernet.destination = {2, 0, 0, 0, 0, 9};
        });
        long_frame.resize(octets);
        return long_frame;
    };
    EXPECT_EQ(world.verdict_of(of_length(kMaxFrameOctets)), Verdict::kToTwin);
    EXPECT_EQ(world.verdict_of(of_length(kMaxFrameOctets + 1)), Verdict::kTwinTooLong);
}

TEST(Twin, SendsThroughThePort) {
    TwinWorld world;
    EXPECT_EQ(world.pipeline.send_from_kernel(), 0U);
    std::vector<Bytes> frames;
    for (std::uint8_t i = 0; i < port::kMaxBurst + 3; ++i) {
        frames.emplace_back(60 + i, i);
        world.send_from_kernel(frames.back());
    }
    EXPECT_EQ(world.pipeline.send_from_kernel(), port::kMaxBurst);
    EXPECT_EQ(world.pipeline.send_from_kernel(), 3U);
    const auto sent = world.port.sent();
    ASSERT_EQ(sent.size(), frames.size());
    for (std::size_t i = 0; i < frames.size(); ++i) {
        EXPECT_EQ(sent[i].octets, frames[i]);
    }
    EXPECT_EQ(world.counters.read(Verdict::kFromTwin), frames.size());
}

TEST(Twin, LosesAndCountsWhatThePortDoesNotTake) {
    TwinWorld world;
    world.send_from_kernel(Bytes(60, 1));
    world.send_from_kernel(Bytes(60, 2));
    world.port.limit_tx(1);
    EXPECT_EQ(world.pipeline.send_from_kernel(), 2U);
    EXPECT_EQ(world.counters.read(Verdict::kFromTwin), 1U);
    EXPECT_EQ(world.counters.read(Verdict::kTransmitFull), 1U);
    EXPECT_EQ(world.port.outstanding(), 0U);
}

TEST(Twin, WaitsWhileThePortHasNoBuffer) {
    TwinWorld world(1);
    world.send_from_kernel(Bytes(60, 1));
    world.send_from_kernel(Bytes(60, 2));
    EXPECT_EQ(world.pipeline.send_from_kernel(), 1U);
    EXPECT_EQ(world.port.sent().size(), 1U);
    EXPECT_EQ(world.pipeline.send_from_kernel(), 1U);
    EXPECT_EQ(world.port.sent().size(), 1U);
}

}  // namespace
}  // namespace understudy::worker
