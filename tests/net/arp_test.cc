#include <gtest/gtest.h>

#include <understudy/net/arp.h>

#include "net/net_support.h"

namespace understudy::net {
namespace {

using stats::Verdict;
using support::arp_frame;
using support::ArpFields;
using support::Bytes;
using support::SlowFrame;

SlowFrame reply_to(const Bytes& request, std::uint16_t vlan = 0) {
    const Service service = test_service(vlan);
    const Inspection inspection = inspect_exactly(request, service);
    EXPECT_EQ(inspection.kind, FrameKind::kArpRequest);
    EXPECT_EQ(inspection.verdict, Verdict::kArpReply);
    Bytes buffer = request;
    return parse_reply(buffer, make_arp_reply(buffer, inspection.view, service));
}

void expect_reply(const SlowFrame& reply, std::string_view to) {
    EXPECT_EQ(reply.fault, "");
    EXPECT_EQ(reply.destination_mac, support::kPeerMac);
    EXPECT_EQ(reply.source_mac, support::kOurMac);
    EXPECT_EQ(reply.arp_operation, 2);
    EXPECT_EQ(reply.arp_sender_mac, support::kOurMac);
    EXPECT_EQ(reply.source, support::ip(support::kOurV4));
    EXPECT_EQ(reply.arp_target_mac, support::kPeerMac);
    EXPECT_EQ(reply.destination, support::ip(to));
}

TEST(Arp, AnswersRequestsForServiceAddresses) {
    expect_reply(reply_to(arp_frame({})), support::kPeerV4);
    expect_reply(reply_to(arp_frame({}, {support::kOurMac})), support::kPeerV4);
    Bytes padded = arp_frame({});
    padded.resize(60, 0xEE);
    expect_reply(reply_to(padded), support::kPeerV4);
}

TEST(Arp, KeepsTheTag) {
    support::EthernetFields ethernet{support::kBroadcastMac};
    ethernet.tags = {{0x8100, 0x2007}};
    const SlowFrame reply = reply_to(arp_frame({}, ethernet), 7);
    expect_reply(reply, support::kPeerV4);
    EXPECT_EQ(reply.tag_control, 0x2007);
}

TEST(Arp, DefendsAgainstAProbe) {
    ArpFields probe;
    probe.sender = "0.0.0.0";
    expect_reply(reply_to(arp_frame(probe)), "0.0.0.0");
}

TEST(Arp, IsDroppedUnderANameForEachFault) {
    const auto verdict = [](auto change) {
        ArpFields fields;
        change(fields);
        return inspect_exactly(arp_frame(fields), test_service()).verdict;
    };
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.hardware = 6; }), Verdict::kBadArp);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.protocol = 0x86DD; }), Verdict::kBadArp);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.hardware_octets = 8; }), Verdict::kBadArp);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.protocol_octets = 16; }), Verdict::kBadArp);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.operation = 0; }), Verdict::kBadArp);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.operation = 3; }), Verdict::kBadArp);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.operation = 2; }), Verdict::kForeignArp);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.target = "192.0.2.99"; }),
              Verdict::kForeignAddress);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.target = "192.0.2.54"; }),
              Verdict::kForeignAddress);  // the kernel's to answer
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.sender = support::kOurV4; }),
              Verdict::kBadSourceAddress);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.sender = "224.0.0.1"; }),
              Verdict::kBadSourceAddress);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.sender_mac = support::kBroadcastMac; }),
              Verdict::kBadSourceAddress);
    EXPECT_EQ(verdict([](ArpFields& fields) { fields.sender_mac = {}; }),
              Verdict::kBadSourceAddress);
    const auto by = [](const support::EthernetFields& ethernet) {
        return inspect_exactly(arp_frame({}, ethernet), test_service()).verdict;
    };
    EXPECT_EQ(by({support::kBroadcastMac, {3, 0, 0, 0, 0, 1}}), Verdict::kBadSourceAddress);
    EXPECT_EQ(by({{0x33, 0x33, 0xFF, 0, 0, 0x53}}), Verdict::kForeignMac);
    EXPECT_EQ(by({support::kPeerMac}), Verdict::kForeignMac);
}

TEST(Arp, GoesToWhereTheRequestCameFrom) {
    ArpFields fields;
    fields.sender_mac = {2, 9, 9, 9, 9, 9};
    const SlowFrame reply = reply_to(arp_frame(fields));
    EXPECT_EQ(reply.destination_mac, support::kPeerMac);
    EXPECT_EQ(reply.arp_target_mac, fields.sender_mac);
}

TEST(GratuitousArp, TellsEverybody) {
    using Tags = std::pair<std::uint16_t, std::uint16_t>;
    for (const auto& [outer, vlan] : {Tags{0, 0}, Tags{0, 7}, Tags{100, 7}}) {
        Bytes buffer(kMaxArpFrameOctets, 0xCC);
        const std::size_t octets =
            make_gratuitous_arp(buffer, test_service(vlan, outer), support::ip(support::kOurV4));
        EXPECT_EQ(octets, 42U + (vlan == 0 ? 0 : 4) + (outer == 0 ? 0 : 4));
        const SlowFrame frame = parse_reply(buffer, {0, static_cast<std::uint32_t>(octets)});
        EXPECT_EQ(frame.fault, "");
        EXPECT_EQ(frame.destination_mac, support::kBroadcastMac);
        EXPECT_EQ(frame.source_mac, support::kOurMac);
        EXPECT_EQ(frame.outer_tag_control.value_or(0), outer);
        EXPECT_EQ(frame.tag_control.value_or(0), vlan);
        EXPECT_EQ(frame.arp_operation, 1);
        EXPECT_EQ(frame.arp_sender_mac, support::kOurMac);
        EXPECT_EQ(frame.source, support::ip(support::kOurV4));
        EXPECT_EQ(frame.arp_target_mac, base::MacAddress{});
        EXPECT_EQ(frame.destination, frame.source);
    }
}

}  // namespace
}  // namespace understudy::net
