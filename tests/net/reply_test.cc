#include <gtest/gtest.h>

#include <understudy/net/reply.h>
#include <numeric>

#include "net/net_support.h"

namespace understudy::net {
namespace {

using support::Bytes;
using support::FrameFields;
using support::SlowFrame;

Bytes answer_of(std::size_t octets) {
    Bytes answer(octets);
    std::iota(answer.begin(), answer.end(), std::uint8_t{1});
    return answer;
}

enum class Way { kSoftware, kDevice, kKnownSum };

/// Answers `query` with `answer` and returns the reply as an independent parser sees it.
SlowFrame reply_to(const Bytes& query,
                   const Bytes& answer,
                   Way way = Way::kSoftware,
                   std::uint16_t vlan = 0) {
    const Inspection inspection = inspect_exactly(query, test_service(vlan));
    EXPECT_EQ(inspection.kind, FrameKind::kDatagram);
    const FrameView& view = inspection.view;
    Bytes buffer = buffer_of(query, std::max(query.size(), view.payload_offset + answer.size()));
    std::ranges::copy(answer, buffer.begin() + view.payload_offset);
    const ReplyFrame reply =
        way == Way::kKnownSum
            ? make_udp_reply(buffer, view, answer.size(), InternetSum::of(answer))
            : make_udp_reply(buffer,
                             view,
                             answer.size(),
                             way == Way::kDevice ? ChecksumMode::kDevice : ChecksumMode::kSoftware);
    EXPECT_EQ(reply.offset + reply.length_octets, view.payload_offset + answer.size());
    return parse_reply(buffer, reply, way == Way::kDevice);
}

void expect_reply(const SlowFrame& reply, const Bytes& answer, bool v6) {
    EXPECT_EQ(reply.fault, "");
    EXPECT_EQ(reply.destination_mac, support::kPeerMac);
    EXPECT_EQ(reply.source_mac, support::kOurMac);
    EXPECT_EQ(reply.source, support::ip(v6 ? support::kOurV6 : support::kOurV4));
    EXPECT_EQ(reply.destination, support::ip(v6 ? support::kPeerV6 : support::kPeerV4));
    EXPECT_EQ(reply.hop_limit, 64);
    EXPECT_EQ(reply.protocol, 17);
    EXPECT_EQ(reply.source_port, 53);
    EXPECT_EQ(reply.destination_port, 40000);
    EXPECT_EQ(reply.payload, answer);
    if (!v6) {
        EXPECT_EQ(reply.identification, 0);
        EXPECT_EQ(reply.fragment, 0x4000);
    }
}

TEST(MakeUdpReply, GoesBackWithTheAnswer) {
    for (const std::size_t octets : {0U, 1U, 12U, 29U, 30U, 300U, 1231U, 1232U}) {
        const Bytes answer = answer_of(octets);
        for (const Way way : {Way::kSoftware, Way::kDevice, Way::kKnownSum}) {
            expect_reply(reply_to(support::udp_frame_v4(), answer, way), answer, false);
            expect_reply(reply_to(support::udp_frame_v6(), answer, way), answer, true);
        }
    }
}

TEST(MakeUdpReply, IsTheSameOctetForOctetWithAKnownSum) {
    const Bytes answer = answer_of(61);
    EXPECT_EQ(reply_to(support::udp_frame_v4(), answer, Way::kKnownSum).udp_checksum,
              reply_to(support::udp_frame_v4(), answer, Way::kSoftware).udp_checksum);
}

TEST(MakeUdpReply, KeepsTheTag) {
    FrameFields fields;
    fields.ethernet.tags = {{0x8100, 0x6007}};
    const Bytes answer = answer_of(50);
    for (const bool v6 : {false, true}) {
        const Bytes query = v6 ? udp_frame_v6(fields) : udp_frame_v4(fields);
        const SlowFrame reply = reply_to(query, answer, Way::kSoftware, 7);
        expect_reply(reply, answer, v6);
        EXPECT_EQ(reply.tag_control, 0x6007);
    }
}

TEST(MakeUdpReply, HasNoOptionsOfTheQuery) {
    for (std::size_t octets = 4; octets <= 40; octets += 4) {
        for (const bool tagged : {false, true}) {
            FrameFields fields;
            fields.ipv4.options = Bytes(octets, 0);
            if (tagged) {
                fields.ethernet.tags = {{0x8100, 7}};
            }
            const Bytes answer = answer_of(100);
            const SlowFrame reply =
                reply_to(udp_frame_v4(fields), answer, Way::kSoftware, tagged ? 7 : 0);
            expect_reply(reply, answer, false);
            EXPECT_EQ(reply.tag_control.has_value(), tagged);
        }
    }
}

TEST(MakeUdpReply, HasNoExtensionHeadersOfTheQuery) {
    FrameFields fields;
    for (std::size_t count = 1; count <= kMaxExtensionHeaders; ++count) {
        fields.ipv6.extensions.push_back(
            {static_cast<std::uint8_t>(count == 1 ? 0 : 60), Bytes(count == 2 ? 20 : 4, 0), {}});
        fields.ipv6.extensions.back().options = {1, 2, 0, 0};
        fields.ethernet.tags.assign(count % 2, {0x8100, 7});
        const Bytes answer = answer_of(100);
        expect_reply(reply_to(udp_frame_v6(fields), answer, Way::kSoftware, count % 2 == 1 ? 7 : 0),
                     answer,
                     true);
    }
}

TEST(MakeUdpReply, IgnoresWhatTheQueryHadElse) {
    FrameFields fields;
    fields.ipv4.type_of_service = 0xFF;
    fields.ipv4.fragment = 0;
    fields.ipv4.ttl = 1;
    fields.udp.checksum = 0;  // we send one nevertheless
    fields.padding_octets = 30;
    const Bytes answer = answer_of(10);
    expect_reply(reply_to(udp_frame_v4(fields), answer), answer, false);
}

/// A checksum of 0 would say "none": of 65536 answers that differ in one word one must meet it.
TEST(MakeUdpReply, NeverSendsAChecksumOfZero) {
    for (const bool v6 : {false, true}) {
        std::size_t all_ones = 0;
        const Bytes query = v6 ? support::udp_frame_v6() : support::udp_frame_v4();
        const Inspection inspection = inspect_exactly(query, test_service());
        for (std::uint32_t word = 0; word <= 0xFFFF; ++word) {
            Bytes buffer = buffer_of(query, query.size() + 16);
            base::store_be16(buffer.data() + inspection.view.payload_offset,
                             static_cast<std::uint16_t>(word));
            const ReplyFrame reply =
                make_udp_reply(buffer, inspection.view, 2, ChecksumMode::kSoftware);
            const std::uint16_t checksum =
                base::load_be16(buffer.data() + inspection.view.l4_offset + 6);
            ASSERT_NE(checksum, 0);
            if (checksum == 0xFFFF) {
                ++all_ones;
                EXPECT_EQ(parse_reply(buffer, reply).fault, "");
            }
        }
        EXPECT_GE(all_ones, 1U);
    }
}

TEST(MakeUdpReply, FillsItsBufferToTheLastOctet) {
    for (const bool v6 : {false, true}) {
        const Bytes query = v6 ? support::udp_frame_v6() : support::udp_frame_v4();
        const FrameView view = inspect_exactly(query, test_service()).view;
        const Bytes answer = answer_of(kMaxReplyPayloadOctets);
        Bytes buffer = buffer_of(query, view.payload_offset + answer.size());
        std::ranges::copy(answer, buffer.begin() + view.payload_offset);
        const ReplyFrame reply =
            make_udp_reply(buffer, view, answer.size(), ChecksumMode::kSoftware);
        expect_reply(parse_reply(buffer, reply), answer, v6);
    }
}

TEST(MakeUdpReplyDeathTest, EndsOnAPayloadThatTheBufferDoesNotHold) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    Bytes query = support::udp_frame_v4();
    const FrameView view = inspect_exactly(query, test_service()).view;
    EXPECT_DEATH(make_udp_reply(query, view, 30, ChecksumMode::kSoftware), "invariant");
    EXPECT_DEATH(make_udp_reply(query, view, 30, InternetSum()), "invariant");
}

}  // namespace
}  // namespace understudy::net
