#include <gtest/gtest.h>

#include <understudy/net/icmp.h>

#include "net/net_support.h"

namespace understudy::net {
namespace {

using stats::Verdict;
using support::Bytes;
using support::echo_request;
using support::FrameFields;
using support::icmp_frame_v4;
using support::icmp_frame_v6;
using support::IcmpFields;
using support::SlowFrame;

Bytes frame_of(bool v6, const IcmpFields& icmp, const FrameFields& fields = {}) {
    return v6 ? icmp_frame_v6(icmp, fields) : icmp_frame_v4(icmp, fields);
}

void expect_reply(bool v6,
                  const IcmpFields& request,
                  const FrameFields& fields = {},
                  std::uint16_t vlan = 0) {
    const Bytes frame = frame_of(v6, request, fields);
    const Inspection inspection = inspect_exactly(frame, test_service(vlan));
    ASSERT_EQ(inspection.kind, FrameKind::kEchoRequest) << stats::info(inspection.verdict).name;
    EXPECT_EQ(inspection.verdict, Verdict::kEchoReply);
    Bytes buffer = frame;
    const SlowFrame reply = parse_reply(buffer, make_echo_reply(buffer, inspection.view));
    EXPECT_EQ(reply.fault, "");
    EXPECT_EQ(reply.destination_mac, support::kPeerMac);
    EXPECT_EQ(reply.source_mac, support::kOurMac);
    EXPECT_EQ(reply.source, support::ip(v6 ? support::kOurV6 : support::kOurV4));
    EXPECT_EQ(reply.destination, support::ip(v6 ? support::kPeerV6 : support::kPeerV4));
    EXPECT_EQ(reply.hop_limit, 64);
    EXPECT_EQ(reply.icmp_type, v6 ? 129 : 0);
    EXPECT_EQ(reply.icmp_code, 0);
    EXPECT_EQ(reply.payload, request.body);
    EXPECT_EQ(reply.tag_control.value_or(0), vlan);
}

TEST(Echo, SendsDataOfAnyLengthBack) {
    for (const bool v6 : {false, true}) {
        for (const std::size_t octets : {0U, 1U, 2U, 31U, 56U, 1400U}) {
            expect_reply(v6, echo_request(v6, Bytes(octets, 0x61)));
        }
    }
}

TEST(Echo, FollowsTheChecksumThroughEveryValue) {
    for (const bool v6 : {false, true}) {
        for (std::uint32_t word = 0; word <= 0xFFFF; word += 3) {
            expect_reply(
                v6,
                echo_request(
                    v6, {static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word)}));
        }
    }
}

/// Whose reply is zero throughout but for its checksum.
TEST(Echo, GivesAMessageOfZerosAChecksum) {
    for (const std::size_t octets : {4U, 5U, 40U}) {
        expect_reply(false, {8, 0, Bytes(octets, 0), {}});
        expect_reply(true, {128, 0, Bytes(octets, 0), {}});
    }
    expect_reply(false, {8, 0, {0, 0, 0, 0, 0xFF, 0xFF}, {}});
}

TEST(Echo, HasNeitherOptionsNorExtensionHeadersNorPadding) {
    FrameFields fields;
    fields.ethernet.tags = {{0x8100, 7}};
    fields.ipv4.options = Bytes(12, 1);
    fields.ipv6.extensions = {{0, {5, 2, 0, 0}, {}}, {60, {}, {}}};
    fields.padding_octets = 9;
    expect_reply(false, echo_request(false), fields, 7);
    expect_reply(true, echo_request(true), fields, 7);
}

TEST(Echo, IsDroppedUnderANameForEachFault) {
    const auto verdict = [](bool v6, const IcmpFields& icmp, const FrameFields& fields = {}) {
        return inspect_exactly(frame_of(v6, icmp, fields), test_service()).verdict;
    };
    for (const bool v6 : {false, true}) {
        IcmpFields icmp = echo_request(v6);
        icmp.checksum = 0x1234;
        EXPECT_EQ(verdict(v6, icmp), Verdict::kBadIcmpChecksum);
        icmp = echo_request(v6);
        icmp.code = 1;
        EXPECT_EQ(verdict(v6, icmp), Verdict::kForeignProtocol);
        icmp = echo_request(v6);
        icmp.type = v6 ? 129 : 0;
        EXPECT_EQ(verdict(v6, icmp), Verdict::kForeignProtocol);
        icmp.type = v6 ? 2 : 3;  // packet too big, unreachable: the kernel's
        EXPECT_EQ(verdict(v6, icmp), Verdict::kForeignProtocol);
        icmp = echo_request(v6);
        icmp.body = {1, 2, 3};
        EXPECT_EQ(verdict(v6, icmp), Verdict::kForeignProtocol);
        FrameFields fields;
        fields.ipv4.destination = "192.0.2.54";
        fields.ipv6.destination = "2001:db8::54";
        EXPECT_EQ(verdict(v6, echo_request(v6), fields), Verdict::kForeignProtocol);
        fields = {};
        fields.ipv4.source = "127.0.0.1";
        fields.ipv6.source = "::";
        EXPECT_EQ(verdict(v6, echo_request(v6), fields), Verdict::kBadSourceAddress);
        fields = {};
        fields.ethernet.source = {3, 0, 0, 0, 0, 1};
        EXPECT_EQ(verdict(v6, echo_request(v6), fields), Verdict::kBadSourceAddress);
        fields = {};
        fields.ethernet.destination = support::kBroadcastMac;
        EXPECT_EQ(verdict(v6, echo_request(v6), fields), Verdict::kForeignMac);
    }
    const FrameFields to_group = support::solicitation_fields();
    EXPECT_EQ(verdict(true, echo_request(true), to_group), Verdict::kForeignAddress);
}

}  // namespace
}  // namespace understudy::net
