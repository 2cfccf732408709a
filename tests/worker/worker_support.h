#pragma once

#include <gtest/gtest.h>
#include <understudy/memory/memory_port.h>
#include <understudy/port/deferred.h>
#include <understudy/stats/counters.h>
#include <understudy/worker/pipeline.h>
#include <algorithm>
#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "net/net_support.h"
#include "support/frames.h"
#include "support/messages.h"
#include "support/server.h"
#include "support/slow_frame.h"

namespace understudy::worker {

using memory::MemoryPort;
using memory::SentPacket;
using port::Framing;
using stats::Verdict;
using support::Bytes;

/// A control plane that only hears that it is called.
class Bell final : public port::WakeUp {
  public:
    void wake() noexcept override { rings_.fetch_add(1, std::memory_order_relaxed); }
    [[nodiscard]] std::size_t rings() const { return rings_.load(std::memory_order_relaxed); }

  private:
    std::atomic<std::size_t> rings_{0};  // workers: add, the test: reads
};

inline const port::DatagramPath kPath{
    .peer = base::Endpoint::parse("198.51.100.7@40000", 53).value(),
    .local = base::Endpoint::parse("192.0.2.53", 53).value()};

inline MemoryPort::Options port_options(Framing framing,
                                        std::uint32_t buffer_octets = 2048,
                                        std::size_t buffers = MemoryPort::kDefaultBuffers) {
    MemoryPort::Options options;
    options.framing = framing;
    options.mac = framing == Framing::kEthernet ? support::kOurMac : base::MacAddress{};
    options.buffers = buffers;
    options.buffer_octets = buffer_octets;
    return options;
}

inline constexpr std::string_view kZoneText =
    "www A 192.0.2.1\n"
    "sub NS ns.sub\n"
    "ns.sub A 192.0.2.2\n"
    "alias CNAME www\n"
    "big TYPE65280 \\# 700 ";

/// `example.`, and `inner.` for peers in 198.51.100.0/24 and 2001:db8:1::/64 only.
inline support::Server test_server() {
    zone::QueryAccess access;
    access.grants.push_back({.addresses = {base::IpPrefix::parse("198.51.100.0/24").value(),
                                           base::IpPrefix::parse("2001:db8:1::/64").value()},
                             .keys = {}});
    support::Server server;
    server.context = {"id", "version", {}, 1232};
    server.serve("example.", std::string(kZoneText) + std::string(1400, '0') + "\n")
        .serve("inner.", "@ A 192.0.2.3\n", std::make_shared<const zone::QueryAccess>(access));
    return server;
}

inline Bytes query(std::string name, wire::Type type = wire::type::kA, std::uint16_t id = 0x1234) {
    return support::make_query({.name = std::move(name), .type = type, .id = id});
}

inline support::FrameFields with_payload(Bytes payload) {
    support::FrameFields fields;
    fields.payload = std::move(payload);
    return fields;
}

inline constexpr std::string_view kWwwAnswer =
    "NOERROR aa\nanswer www.example. 3600 IN A 192.0.2.1\n";

/// The sum over all verdicts.
inline std::uint64_t verdict_sum(const stats::WorkerCounters& counters) {
    std::uint64_t sum = 0;
    for (const stats::Counter& verdict : counters.verdicts) {
        sum += verdict.read();
    }
    return sum;
}

/// A pipeline over a port in memory, and the books: every packet has one verdict, every verdict
/// that says "sent" a packet that was sent, and the port has all its buffers back.
class World {
  public:
    explicit World(Framing framing = Framing::kEthernet,
                   std::uint16_t vlan = 0,
                   std::uint16_t outer_vlan = 0)
        : World(port_options(framing), vlan, outer_vlan) {}
    explicit World(const MemoryPort::Options& options,
                   std::uint16_t vlan = 0,
                   std::uint16_t outer_vlan = 0)
        : service(net::test_service(vlan, outer_vlan)),
          port(options),
          pipeline({&port, options.framing == Framing::kEthernet ? &service : nullptr},
                   kPortIndex,
                   rings,
                   bell,
                   counters) {}
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    ~World() {
        EXPECT_EQ(verdict_sum(counters), counters.packets.read() + late_replies);
        EXPECT_EQ(
            counters.read(stats::Outcome::kAnswered) + counters.read(stats::Outcome::kReplied),
            counters.sent.read());
        EXPECT_EQ(port.outstanding(), 0U);
    }

    void put(const Bytes& packet) { ASSERT_TRUE(port.inject(packet, kPath)); }
    std::size_t poll() {
        const std::size_t count = pipeline.receive();
        if (count > 0) {
            pipeline.settle(snapshot, server.context);
        }
        return count;
    }

    /// What comes of one packet.
    std::vector<SentPacket> pass(const Bytes& packet) {
        put(packet);
        EXPECT_EQ(poll(), 1U);
        return port.sent();
    }

    /// The frame that is the reply to one frame, every checksum of it right.
    support::SlowFrame reply_to(const Bytes& frame) {
        const auto sent = pass(frame);
        if (sent.size() != 1) {
            ADD_FAILURE() << sent.size() << " frames sent";
            return {};
        }
        support::SlowFrame reply = support::parse_slowly(sent[0].octets);
        EXPECT_EQ(reply.fault, "");
        return reply;
    }

    /// What control does with a request, `answer` being the response.
    void reply_late(const Bytes& answer) {
        port::Deferred* request = rings.to_control.front();
        ASSERT_NE(request, nullptr);
        port::Deferred reply = *request;
        rings.to_control.release();
        std::ranges::copy(answer, reply.octets.begin() + reply.payload_offset);
        reply.length_octets = static_cast<std::uint16_t>(reply.payload_offset + answer.size());
        ++late_replies;
        pipeline.send_late(reply);
    }

    [[nodiscard]] std::uint64_t count(Verdict verdict) const { return counters.read(verdict); }

    static constexpr std::uint16_t kPortIndex = 3;

    support::Server server = test_server();
    zone::Snapshot snapshot = server.snapshot();
    net::Service service;
    MemoryPort port;
    port::DeferredRings rings;
    Bell bell;
    stats::WorkerCounters counters;
    Pipeline pipeline;
    std::size_t late_replies = 0;
};

}  // namespace understudy::worker
