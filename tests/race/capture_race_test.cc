#include <gtest/gtest.h>
#include <understudy/worker/capture.h>
#include <understudy/worker/worker.h>
#include <array>
#include <chrono>
#include <memory>
#include <string>

#include "worker/worker_support.h"

/// Captures begin and end, with another filter each, while a worker is answering as fast as it can.
/// Whatever a capture shows is a whole frame that its filter lets pass, in the direction that its
/// ports tell.
namespace understudy::worker {
namespace {

using std::chrono::steady_clock;

constexpr int kCaptures = 60;
constexpr auto kPatience = std::chrono::seconds(100);
constexpr std::size_t kLeastPackets = 20;  // of each capture

Bytes question(const char* source) {
    support::FrameFields fields = with_payload(query("www.example."));
    fields.ipv4.source = source;
    return udp_frame_v4(fields);
}

/// How many packets of the capture were seen, or -1 if one of them should not have been.
int look(CaptureRing& ring, const base::IpAddress& expected) {
    int seen = 0;
    ring.drain([&](const CapturedPacket& packet) {
        const support::SlowFrame frame = support::parse_slowly(packet.kept());
        const bool is_question = frame.destination_port == 53;
        const base::IpAddress& client = is_question ? frame.source : frame.destination;
        const bool is_right = frame.fault.empty() && client == expected &&
                              is_question == (packet.direction == Direction::kReceived);
        seen = is_right && seen >= 0 ? seen + 1 : -1;
        return true;
    });
    return seen;
}

TEST(CaptureRace, EachShowsWhatItsFilterLetsPass) {
    constexpr std::array kClients{"198.51.100.7", "198.51.100.8", "198.51.100.9"};
    support::Server server = test_server();
    const net::Service service = net::test_service();
    rcu::Reclaimer reclaimer;
    const rcu::Published<zone::Snapshot> published{
        reclaimer, std::make_unique<const zone::Snapshot>(server.snapshot())};
    PublishedCapture captures(reclaimer);
    Bell bell;
    MemoryPort port(port_options(Framing::kEthernet));
    port.loop(
        {{question(kClients[0]), {}}, {question(kClients[1]), {}}, {question(kClients[2]), {}}});
    Worker worker({.core = std::nullopt,
                   .idle = Idle::kAdaptive,
                   .ports = {{&port, &service}},
                   .captures = &captures},
                  published,
                  server.context,
                  bell);
    worker.start();
    const auto end = steady_clock::now() + kPatience;
    for (int i = 0; i < kCaptures; ++i) {
        const std::string client = kClients[static_cast<std::size_t>(i) % kClients.size()];
        captures.publish(std::make_unique<const Capture>(
            net::PacketFilter::compile("host " + client).value(), 1));
        std::size_t seen = 0;
        while (seen < kLeastPackets && steady_clock::now() < end) {
            const int found = look(captures.newest()->ring(0), support::ip(client));
            ASSERT_GE(found, 0) << client;
            seen += static_cast<std::size_t>(found);
        }
        EXPECT_GE(seen, kLeastPackets);
        if (i % 2 == 0) {
            captures.publish(nullptr);
        }
    }
    worker.request_stop();
    worker.join();
    port.loop({});
}

}  // namespace
}  // namespace understudy::worker
