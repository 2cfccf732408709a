#include <understudy/net/query_frame.h>

#include <gtest/gtest.h>
#include <memory>

#include "net/net_support.h"

namespace understudy::net {
namespace {

using base::ChecksumState;
using support::Bytes;
using support::SlowFrame;

struct Family {
    const char* server;
    const char* source;
};
constexpr Family kFamilies[] = {{"192.0.2.53", "198.51.100.7"}, {"2001:db8::53", "2001:db8:1::7"}};

Bytes frame_of(const Family& family, std::uint16_t port, const Bytes& payload) {
    const base::IpAddress source = support::ip(family.source);
    const QueryFrame frame(
        support::kPeerMac, support::kOurMac, source, {support::ip(family.server), 53});
    Bytes octets(frame.header_octets() + payload.size(), 0xCC);
    std::ranges::copy(payload, octets.begin() + static_cast<long>(frame.header_octets()));
    frame.write(
        octets.data(), {address_tail(source), port}, payload.size(), InternetSum::of(payload));
    return octets;
}

TEST(QueryFrame, IsAWholeFrame) {
    for (const Family& family : kFamilies) {
        for (const std::size_t octets : {12U, 29U, 30U, 300U}) {
            const Bytes payload(octets, 0xA5);
            const SlowFrame frame = support::parse_slowly(frame_of(family, 40000, payload));
            EXPECT_EQ(frame.fault, "");
            EXPECT_EQ(frame.destination_mac, support::kOurMac);
            EXPECT_EQ(frame.source_mac, support::kPeerMac);
            EXPECT_EQ(frame.source, support::ip(family.source));
            EXPECT_EQ(frame.destination, support::ip(family.server));
            EXPECT_EQ(frame.source_port, 40000);
            EXPECT_EQ(frame.destination_port, 53);
            EXPECT_EQ(frame.payload, payload);
        }
    }
}

TEST(QueryFrame, NeverSendsTheChecksumThatMeansNone) {
    for (const Family& family : kFamilies) {
        // The port is chosen so that the sum of everything else comes to its complement.
        for (unsigned port = 0; port < 65536; ++port) {
            const Bytes octets = frame_of(family, static_cast<std::uint16_t>(port), Bytes(12, 0));
            const SlowFrame frame = support::parse_slowly(octets);
            ASSERT_NE(frame.udp_checksum, 0) << port;
            ASSERT_EQ(frame.fault, "") << port;
        }
    }
}

AnswerFrame inspect_exactly(const AnswerInspector& inspector,
                            const Bytes& frame,
                            ChecksumState ip = ChecksumState::kUnknown,
                            ChecksumState udp = ChecksumState::kUnknown) {
    const auto exact = std::make_unique<std::uint8_t[]>(frame.size());
    std::ranges::copy(frame, exact.get());
    AnswerFrame answer = inspector.inspect({exact.get(), frame.size()}, ip, udp);
    if (answer.kind == AnswerFrameKind::kAnswer) {
        const auto offset = static_cast<std::size_t>(answer.payload.data() - exact.get());
        answer.payload = base::Octets(frame).subspan(offset, answer.payload.size());
    }
    return answer;
}

/// A frame from support's server (192.0.2.53, 2001:db8::53 as `source`) to its peer.
Bytes answer_frame(bool v6, support::FrameFields fields = {}) {
    fields.ipv4.source = support::kOurV4;
    fields.ipv4.destination = support::kPeerV4;
    fields.ipv6.source = support::kOurV6;
    fields.ipv6.destination = support::kPeerV6;
    fields.udp.source_port = 53;
    fields.udp.destination_port = 40001;
    return v6 ? support::udp_frame_v6(fields) : support::udp_frame_v4(fields);
}

AnswerInspector inspector_of(bool v6, Returning returning = Returning::kAnswered) {
    return {{support::ip(v6 ? support::kOurV6 : support::kOurV4), 53}, returning};
}

TEST(AnswerInspector, SaysWhatAnAnswerAnswers) {
    for (const bool v6 : {false, true}) {
        support::FrameFields fields;
        fields.padding_octets = 7;
        const Bytes frame = answer_frame(v6, fields);
        const AnswerFrame answer = inspect_exactly(inspector_of(v6), frame);
        ASSERT_EQ(answer.kind, AnswerFrameKind::kAnswer);
        EXPECT_EQ(answer.source.port, 40001);
        EXPECT_EQ(answer.source.tail,
                  address_tail(support::ip(v6 ? support::kPeerV6 : support::kPeerV4)));
        EXPECT_TRUE(std::ranges::equal(answer.payload, fields.payload));
        EXPECT_EQ(inspect_exactly(inspector_of(!v6), frame).kind, AnswerFrameKind::kForeign);
        EXPECT_EQ(inspect_exactly(inspector_of(v6, Returning::kReflected), frame).kind,
                  AnswerFrameKind::kForeign);
    }
}

TEST(AnswerInspector, EveryOctetOfHeadersAndPayloadCounts) {
    for (const bool v6 : {false, true}) {
        const Bytes frame = answer_frame(v6);
        // From the IP header on; IPv6's traffic class, flow label and hop limit are in no checksum.
        for (std::size_t i = 14; i < frame.size(); ++i) {
            if (v6 && (i < 18 || i == 21)) {
                continue;
            }
            Bytes spoiled = frame;
            spoiled[i] ^= 0x10U;
            EXPECT_NE(inspect_exactly(inspector_of(v6), spoiled).kind, AnswerFrameKind::kAnswer)
                << i;
        }
        for (std::size_t octets = 0; octets < frame.size(); ++octets) {
            const Bytes cut(frame.begin(), frame.begin() + static_cast<long>(octets));
            EXPECT_NE(inspect_exactly(inspector_of(v6), cut).kind, AnswerFrameKind::kAnswer);
        }
    }
}

TEST(AnswerInspector, BelievesTheDevice) {
    for (const bool v6 : {false, true}) {
        Bytes frame = answer_frame(v6);
        EXPECT_EQ(
            inspect_exactly(inspector_of(v6), frame, ChecksumState::kGood, ChecksumState::kBad)
                .kind,
            AnswerFrameKind::kBadChecksum);
        frame.back() ^= 1U;
        EXPECT_EQ(
            inspect_exactly(inspector_of(v6), frame, ChecksumState::kGood, ChecksumState::kGood)
                .kind,
            AnswerFrameKind::kAnswer);
    }
}

TEST(AnswerInspector, OnlyIpv4MayHaveNoChecksum) {
    support::FrameFields fields;
    fields.udp.checksum = 0;
    EXPECT_EQ(inspect_exactly(inspector_of(false), answer_frame(false, fields)).kind,
              AnswerFrameKind::kAnswer);
    EXPECT_EQ(inspect_exactly(inspector_of(true), answer_frame(true, fields)).kind,
              AnswerFrameKind::kBadChecksum);
}

TEST(AnswerInspector, FragmentsAndOptionsAreForeign) {
    support::FrameFields fields;
    fields.ipv4.fragment = 0x2000;
    EXPECT_EQ(inspect_exactly(inspector_of(false), answer_frame(false, fields)).kind,
              AnswerFrameKind::kForeign);
    fields = {};
    fields.ipv4.options = Bytes(4, 1);
    EXPECT_EQ(inspect_exactly(inspector_of(false), answer_frame(false, fields)).kind,
              AnswerFrameKind::kForeign);
}

}  // namespace
}  // namespace understudy::net
