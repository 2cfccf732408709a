#include <understudy/load/link.h>

#include <gtest/gtest.h>
#include <understudy/memory/memory_port.h>
#include <understudy/net/arp.h>
#include <understudy/net/frame.h>
#include <understudy/net/ndp.h>
#include <understudy/net/service.h>

#include "support/frames.h"
#include "support/slow_frame.h"

namespace understudy::load {
namespace {

using base::MacAddress;
using support::Bytes;

constexpr MacAddress kSourceMac{0x02, 0, 0, 0, 0, 0x99};

Link link_to(std::string_view network, std::string_view server) {
    const auto address = base::IpAddress::parse(server).value();
    return {kSourceMac,
            Sources::make(base::IpPrefix::parse(network).value(), address).value(),
            address};
}

/// What a server at kOurMac says to a request.
Bytes server_reply(const Bytes& request) {
    net::Service::Settings settings;
    settings.mac = support::kOurMac;
    settings.addresses = {{base::IpPrefix::parse("192.0.2.53/24").value()},
                          {base::IpPrefix::parse("2001:db8::53/64").value()}};
    const net::Service service = net::Service::make(settings).value();
    const net::Inspection seen = net::inspect(
        request, base::ChecksumState::kUnknown, base::ChecksumState::kUnknown, service);
    Bytes buffer = request;
    buffer.resize(256);
    std::size_t octets = 0;
    if (seen.kind == net::FrameKind::kArpRequest) {
        octets = net::make_arp_reply(buffer, seen.view, service).length_octets;
    } else if (seen.kind == net::FrameKind::kNeighbourSolicitation) {
        octets = net::make_advertisement(buffer, seen.view, service).length_octets;
    }
    buffer.resize(octets);
    return buffer;
}

Bytes request_of(const Link& link) {
    Bytes request(port::PacketPort::kMinCapacityOctets);
    request.resize(link.ask(request));
    return request;
}

TEST(Link, AsksAndLearns) {
    for (const auto& [network, server] : std::vector<std::pair<const char*, const char*>>{
             {"198.51.100.0/24", "192.0.2.53"}, {"2001:db8:1::/64", "2001:db8::53"}}) {
        const Link link = link_to(network, server);
        const Bytes request = request_of(link);
        EXPECT_FALSE(link.learn(request)) << "a request is no answer";
        const Bytes reply = server_reply(request);
        ASSERT_FALSE(reply.empty()) << server;
        EXPECT_EQ(support::parse_slowly(reply).fault, "");
        EXPECT_EQ(link.learn(reply), support::kOurMac);
        for (std::size_t octets = 0; octets < reply.size(); ++octets) {
            EXPECT_FALSE(
                link.learn(Bytes(reply.begin(), reply.begin() + static_cast<long>(octets))));
        }
    }
}

TEST(Link, AnotherServersAddressIsNotLearned) {
    const Link link = link_to("198.51.100.0/24", "192.0.2.54");
    const Link asked = link_to("198.51.100.0/24", "192.0.2.53");
    EXPECT_FALSE(link.learn(server_reply(request_of(asked))));
}

TEST(Link, ABrokenAdvertisementIsNotLearned) {
    const Link link = link_to("2001:db8:1::/64", "2001:db8::53");
    Bytes reply = server_reply(request_of(link));
    reply.back() ^= 1U;
    EXPECT_FALSE(link.learn(reply));
}

TEST(Link, AnswersForEverySourceAndNobodyElse) {
    const Link link = link_to("192.0.2.0/24", "192.0.2.53");
    const auto answer = [&](std::string_view target) {
        support::ArpFields fields;
        fields.sender = "192.0.2.53";
        fields.target = target;
        Bytes buffer = support::arp_frame(fields);
        const std::size_t length = buffer.size();
        buffer.resize(port::PacketPort::kMinCapacityOctets);
        buffer.resize(link.answer(buffer, length));
        return buffer;
    };
    const Bytes reply = answer("192.0.2.200");
    ASSERT_FALSE(reply.empty());
    const support::SlowFrame frame = support::parse_slowly(reply);
    EXPECT_EQ(frame.fault, "");
    EXPECT_EQ(frame.arp_operation, 2);
    EXPECT_EQ(frame.arp_sender_mac, kSourceMac);
    EXPECT_EQ(frame.source, support::ip("192.0.2.200"));
    EXPECT_TRUE(answer("192.0.3.1").empty());
    EXPECT_TRUE(answer("192.0.2.53").empty()) << "that is the server";
}

TEST(Link, AnswersSolicitationsForItsSources) {
    const Link link = link_to("2001:db8::/64", "2001:db8::77");
    Bytes buffer = support::solicitation_frame({}, support::solicitation_fields());
    const std::size_t length = buffer.size();
    buffer.resize(port::PacketPort::kMinCapacityOctets);
    const std::size_t octets = link.answer(buffer, length);
    ASSERT_NE(octets, 0U);
    const support::SlowFrame frame = support::parse_slowly(base::Octets(buffer).first(octets));
    EXPECT_EQ(frame.fault, "");
    EXPECT_EQ(frame.icmp_type, 136);
    EXPECT_EQ(frame.source_mac, kSourceMac);
}

TEST(FindServer, SendsUntilItIsAnswered) {
    memory::MemoryPort port({.mac = kSourceMac});
    const Link link = link_to("198.51.100.0/24", "192.0.2.53");
    ASSERT_TRUE(port.inject(server_reply(request_of(link))));
    port::PacketPort* ports[] = {&port};
    const auto mac = find_server(ports, link, std::nullopt);
    ASSERT_TRUE(mac);
    EXPECT_EQ(*mac, support::kOurMac);
    EXPECT_EQ(port.sent().front().octets, request_of(link));
    EXPECT_EQ(port.outstanding(), 0U);
}

TEST(FindServer, SaysWhyItGaveUp) {
    memory::MemoryPort port({.mac = kSourceMac});
    const Link link = link_to("198.51.100.0/24", "192.0.2.53");
    port::PacketPort* ports[] = {&port};
    const auto unanswered = find_server(ports, link, std::nullopt, std::chrono::milliseconds(20));
    ASSERT_FALSE(unanswered);
    EXPECT_NE(unanswered.error().message.find("--target-mac"), std::string::npos);
    port.limit_tx(0);
    const auto silent = find_server(ports, link, kSourceMac, std::chrono::milliseconds(20));
    ASSERT_FALSE(silent);
    EXPECT_NE(silent.error().message.find("other end"), std::string::npos);
    port.limit_tx(memory::MemoryPort::kNoLimit);
    EXPECT_EQ(find_server(ports, link, support::kOurMac), support::kOurMac);
    EXPECT_EQ(port.outstanding(), 0U);
}

}  // namespace
}  // namespace understudy::load
