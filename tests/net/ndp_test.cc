#include <gtest/gtest.h>

#include <understudy/net/ndp.h>
#include <functional>

#include "net/net_support.h"

namespace understudy::net {
namespace {

using stats::Verdict;
using support::Bytes;
using support::FrameFields;
using support::SlowFrame;
using support::solicitation_fields;
using support::solicitation_frame;
using support::SolicitationFields;

constexpr std::string_view kAllNodes = "ff02::1";
constexpr base::MacAddress kAllNodesMac{0x33, 0x33, 0, 0, 0, 1};

SlowFrame reply_to(const Bytes& frame, std::uint16_t vlan = 0) {
    const Service service = test_service(vlan);
    const Inspection inspection = inspect_exactly(frame, service);
    EXPECT_EQ(inspection.kind, FrameKind::kNeighbourSolicitation)
        << stats::info(inspection.verdict).name;
    EXPECT_EQ(inspection.verdict, Verdict::kNdpReply);
    Bytes buffer = buffer_of(frame, std::max(frame.size(), kMaxAdvertisementFrameOctets));
    return parse_reply(buffer, make_advertisement(buffer, inspection.view, service));
}

void expect_advertisement(const SlowFrame& frame,
                          std::string_view to,
                          const base::MacAddress& mac,
                          std::uint8_t flags) {
    EXPECT_EQ(frame.fault, "");
    EXPECT_EQ(frame.destination_mac, mac);
    EXPECT_EQ(frame.source_mac, support::kOurMac);
    EXPECT_EQ(frame.source, support::ip(support::kOurV6));
    EXPECT_EQ(frame.destination, support::ip(to));
    EXPECT_EQ(frame.hop_limit, 255);
    EXPECT_EQ(frame.icmp_type, 136);
    EXPECT_EQ(frame.icmp_code, 0);
    const base::IpAddress ours = support::ip(support::kOurV6);
    Bytes payload{flags, 0, 0, 0};
    payload.insert(payload.end(), ours.octets().begin(), ours.octets().end());
    payload.insert(payload.end(), {2, 1});
    payload.insert(payload.end(), support::kOurMac.begin(), support::kOurMac.end());
    EXPECT_EQ(frame.payload, payload);
}

constexpr std::uint8_t kSolicitedOverride = 0x60;
constexpr std::uint8_t kOverride = 0x20;

TEST(Ndp, AnswersSolicitationsForServiceAddresses) {
    expect_advertisement(reply_to(solicitation_frame({}, solicitation_fields())),
                         support::kPeerV6,
                         support::kPeerMac,
                         kSolicitedOverride);
    FrameFields unicast = solicitation_fields();
    unicast.ethernet.destination = support::kOurMac;
    unicast.ipv6.destination = support::kOurV6;
    SolicitationFields without_option;
    without_option.options = {};
    expect_advertisement(reply_to(solicitation_frame(without_option, unicast)),
                         support::kPeerV6,
                         support::kPeerMac,
                         kSolicitedOverride);
    unicast.ipv6.destination = "ff02::1:ff00:53";  // a group, sent to us alone by the switch
    expect_advertisement(reply_to(solicitation_frame({}, unicast)),
                         support::kPeerV6,
                         support::kPeerMac,
                         kSolicitedOverride);
}

TEST(Ndp, KeepsTheTagAndLeavesExtensionHeadersOut) {
    FrameFields fields = solicitation_fields();
    fields.ethernet.tags = {{0x8100, 0x2007}};
    fields.ipv6.extensions = {{0, {5, 2, 0, 0}, {}}};
    fields.ipv6.source = "fe80::7";
    const SlowFrame reply = reply_to(solicitation_frame({}, fields), 7);
    expect_advertisement(reply, "fe80::7", support::kPeerMac, kSolicitedOverride);
    EXPECT_EQ(reply.tag_control, 0x2007);
}

TEST(Ndp, TellsAllNodesOfADuplicate) {
    FrameFields fields = solicitation_fields();
    fields.ipv6.source = "::";
    SolicitationFields detection;
    detection.options = {};
    expect_advertisement(
        reply_to(solicitation_frame(detection, fields)), kAllNodes, kAllNodesMac, kOverride);
    detection.options = {14, 1, 1, 2, 3, 4, 5, 6};  // a nonce (RFC 7527) is welcome
    expect_advertisement(
        reply_to(solicitation_frame(detection, fields)), kAllNodes, kAllNodesMac, kOverride);
}

Verdict verdict_of(const std::function<void(SolicitationFields&, FrameFields&)>& change) {
    SolicitationFields solicitation;
    FrameFields fields = solicitation_fields();
    change(solicitation, fields);
    return inspect_exactly(solicitation_frame(solicitation, fields), test_service()).verdict;
}

/// RFC 4861, section 7.1.1.
TEST(Ndp, RefusesMalformedSolicitations) {
    const auto with_options = [](Bytes options) {
        return verdict_of([&](SolicitationFields& solicitation, FrameFields&) {
            solicitation.options = options;
        });
    };
    EXPECT_EQ(with_options({1, 1, 2, 0, 0, 0, 0, 7}), Verdict::kNdpReply);
    EXPECT_EQ(with_options({}), Verdict::kNdpReply);
    EXPECT_EQ(with_options(Bytes(8, 0)), Verdict::kBadNdp);
    EXPECT_EQ(with_options({1, 0, 2, 0, 0, 0, 0, 7}), Verdict::kBadNdp);
    EXPECT_EQ(with_options({1, 2, 2, 0, 0, 0, 0, 7}), Verdict::kBadNdp);
    EXPECT_EQ(with_options({1, 1, 2, 0, 0, 0, 0}), Verdict::kBadNdp);
    EXPECT_EQ(with_options({1}), Verdict::kBadNdp);
    EXPECT_EQ(with_options({1, 1, 2, 0, 0, 0, 0, 7, 14, 0, 0, 0, 0, 0, 0, 0}), Verdict::kBadNdp);
    EXPECT_EQ(
        verdict_of([](SolicitationFields&, FrameFields& fields) { fields.ipv6.hop_limit = 254; }),
        Verdict::kBadNdp);
    EXPECT_EQ(
        verdict_of([](SolicitationFields& solicitation, FrameFields&) { solicitation.code = 1; }),
        Verdict::kBadNdp);
    EXPECT_EQ(verdict_of([](SolicitationFields&, FrameFields& fields) {
                  fields.ipv6.source = "::";  // with a source link-layer address
              }),
              Verdict::kBadNdp);
    EXPECT_EQ(verdict_of([](SolicitationFields& solicitation, FrameFields& fields) {
                  fields.ipv6.source = "::";
                  fields.ipv6.destination = support::kOurV6;
                  fields.ethernet.destination = support::kOurMac;
                  solicitation.options = {};
              }),
              Verdict::kBadNdp);
    EXPECT_EQ(
        inspect_exactly(support::icmp_frame_v6({135, 0, Bytes(19), {}}, solicitation_fields()),
                        test_service())
            .verdict,
        Verdict::kBadNdp);
}

TEST(Ndp, IsDroppedUnderANameForEachFault) {
    EXPECT_EQ(verdict_of([](SolicitationFields& solicitation, FrameFields&) {
                  solicitation.checksum = 0x1234;
              }),
              Verdict::kBadIcmpChecksum);
    for (const char* target : {"2001:db8::99", "2001:db8::54", "ff02::1:ff00:53"}) {
        EXPECT_EQ(verdict_of([target](SolicitationFields& solicitation, FrameFields&) {
                      solicitation.target = target;
                  }),
                  Verdict::kForeignAddress)
            << target;
    }
    for (const char* source : {"::1", "ff02::1", "2001:db8::53"}) {
        EXPECT_EQ(verdict_of([source](SolicitationFields&, FrameFields& fields) {
                      fields.ipv6.source = source;
                  }),
                  Verdict::kBadSourceAddress)
            << source;
    }
    EXPECT_EQ(verdict_of([](SolicitationFields&, FrameFields& fields) {
                  fields.ethernet.source = {3, 0, 0, 0, 0, 1};
              }),
              Verdict::kBadSourceAddress);
    EXPECT_EQ(verdict_of([](SolicitationFields&, FrameFields& fields) {
                  fields.ipv6.destination = support::kOurV6;  // by multicast
              }),
              Verdict::kForeignMac);
    EXPECT_EQ(verdict_of([](SolicitationFields&, FrameFields& fields) {
                  fields.ethernet.destination = {0x33, 0x33, 0xFF, 0, 0, 0x99};
              }),
              Verdict::kForeignMac);
    EXPECT_EQ(
        inspect_exactly(support::icmp_frame_v6({136, 0, Bytes(28), {}}, solicitation_fields()),
                        test_service())
            .verdict,
        Verdict::kForeignAddress);  // an advertisement to our group
}

TEST(UnsolicitedAdvertisement, TellsAllNodes) {
    using Tags = std::pair<std::uint16_t, std::uint16_t>;
    for (const auto& [outer, vlan] : {Tags{0, 0}, Tags{0, 7}, Tags{100, 7}}) {
        Bytes buffer(kMaxAdvertisementFrameOctets, 0xCC);
        const std::size_t octets = make_unsolicited_advertisement(
            buffer, test_service(vlan, outer), support::ip(support::kOurV6));
        EXPECT_EQ(octets, 86U + (vlan == 0 ? 0 : 4) + (outer == 0 ? 0 : 4));
        const SlowFrame frame = parse_reply(buffer, {0, static_cast<std::uint32_t>(octets)});
        expect_advertisement(frame, kAllNodes, kAllNodesMac, kOverride);
        EXPECT_EQ(frame.outer_tag_control.value_or(0), outer);
        EXPECT_EQ(frame.tag_control.value_or(0), vlan);
    }
}

}  // namespace
}  // namespace understudy::net
