#include <understudy/worker/pipeline.h>

#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

#include "worker/worker_support.h"

namespace understudy::worker {
namespace {

using support::FrameFields;
using support::SlowFrame;
namespace type = wire::type;

/// Back to the peer, from the service.
void expect_turned(const SlowFrame& reply, bool v6) {
    EXPECT_EQ(reply.destination_mac, support::kPeerMac);
    EXPECT_EQ(reply.source_mac, support::kOurMac);
    EXPECT_EQ(reply.destination, support::ip(v6 ? support::kPeerV6 : support::kPeerV4));
    EXPECT_EQ(reply.source, support::ip(v6 ? support::kOurV6 : support::kOurV4));
}

void expect_answer(const SlowFrame& reply, bool v6, std::string_view text = kWwwAnswer) {
    expect_turned(reply, v6);
    EXPECT_EQ(reply.source_port, 53);
    EXPECT_EQ(reply.destination_port, 40000);
    EXPECT_EQ(support::message_text(reply.payload), text);
}

TEST(Pipeline, AnswersBehindEveryKindOfHeader) {
    const FrameFields plain = with_payload(query("www.example."));
    FrameFields options = plain;
    options.ipv4.options = {7, 7, 4, 0, 0, 0, 0, 0};  // record route
    options.ipv6.extensions = {{0, {5, 2, 0, 0}}, {60, Bytes{}}};
    FrameFields padded = plain;
    padded.padding_octets = 11;
    FrameFields priority = plain;
    priority.ethernet.tags = {{0x8100, 0xA000}};
    World world;
    for (const FrameFields& fields : {plain, options, padded, priority}) {
        expect_answer(world.reply_to(udp_frame_v4(fields)), false);
        expect_answer(world.reply_to(udp_frame_v6(fields)), true);
    }
    EXPECT_EQ(world.count(Verdict::kPositive), 8U);
}

TEST(Pipeline, AnswersInItsVlan) {
    FrameFields fields = with_payload(query("www.example."));
    fields.ethernet.tags = {{0x8100, 0x6007}};
    World world(Framing::kEthernet, 7);
    for (const bool v6 : {false, true}) {
        const SlowFrame reply = world.reply_to(v6 ? udp_frame_v6(fields) : udp_frame_v4(fields));
        expect_answer(reply, v6);
        EXPECT_EQ(reply.tag_control, 0x6007);
    }
    fields.ethernet.tags.clear();
    EXPECT_TRUE(world.pass(udp_frame_v4(fields)).empty());
    EXPECT_EQ(world.count(Verdict::kForeignVlan), 1U);
}

TEST(Pipeline, BelievesTheDeviceAboutChecksums) {
    FrameFields fields = with_payload(query("www.example."));
    fields.udp.checksum = 0x0BAD;
    World world;
    const auto pass = [&world, &fields](base::ChecksumState udp) {
        EXPECT_TRUE(world.port.inject(udp_frame_v4(fields), {}, base::ChecksumState::kGood, udp));
        EXPECT_EQ(world.poll(), 1U);
        return world.port.sent().size();
    };
    EXPECT_EQ(pass(base::ChecksumState::kGood), 1U);
    EXPECT_EQ(pass(base::ChecksumState::kUnknown), 0U);
    fields.udp.checksum.reset();
    EXPECT_EQ(pass(base::ChecksumState::kBad), 0U);
    EXPECT_EQ(world.count(Verdict::kBadUdpChecksum), 2U);
}

TEST(Pipeline, GivesEveryAnswerItsVerdict) {
    const std::map<std::string, std::pair<Verdict, std::string>> expected = {
        {"www.example.", {Verdict::kPositive, "NOERROR aa"}},
        {"ns.example.", {Verdict::kNxDomain, "NXDOMAIN aa"}},
        {"example.", {Verdict::kNoData, "NOERROR aa"}},
        {"x.sub.example.", {Verdict::kReferral, "NOERROR"}},
        {"big.example.", {Verdict::kNoData, "NOERROR aa"}},
        {"elsewhere.", {Verdict::kRefused, "REFUSED"}}};
    World world;
    for (const auto& [name, answer] : expected) {
        const std::uint64_t before = world.count(answer.first);
        const SlowFrame reply = world.reply_to(udp_frame_v4(with_payload(query(name))));
        const std::string text = support::message_text(reply.payload);
        EXPECT_EQ(text.substr(0, text.find('\n')), answer.second) << name;
        EXPECT_EQ(world.count(answer.first), before + 1) << name;
    }
}

TEST(Pipeline, CutsShortWhatExceedsTheClientsBuffer) {
    World world;
    const auto reply =
        world.reply_to(udp_frame_v6(with_payload(query("big.example.", wire::Type{65280}))));
    expect_answer(reply, true, "NOERROR aa tc\n");
    EXPECT_EQ(world.count(Verdict::kTruncated), 1U);
}

TEST(Pipeline, KnowsWhoAsks) {
    FrameFields fields = with_payload(query("inner."));
    World frames;
    EXPECT_EQ(frames.reply_to(udp_frame_v4(fields)).fault, "");
    EXPECT_EQ(frames.reply_to(udp_frame_v6(fields)).fault, "");
    EXPECT_EQ(frames.count(Verdict::kPositive), 2U);
    fields.ipv4.source = "198.51.101.7";
    fields.ipv6.source = "2001:db8:2::7";
    EXPECT_EQ(frames.reply_to(udp_frame_v4(fields)).fault, "");
    EXPECT_EQ(frames.reply_to(udp_frame_v6(fields)).fault, "");
    EXPECT_EQ(frames.count(Verdict::kRefused), 2U);

    World datagrams(Framing::kDatagram);
    EXPECT_EQ(datagrams.pass(query("inner.")).size(), 1U);
    EXPECT_EQ(datagrams.count(Verdict::kPositive), 1U);
    ASSERT_TRUE(datagrams.port.inject(query("inner."), {.peer = kPath.local, .local = {}}));
    EXPECT_EQ(datagrams.poll(), 1U);
    EXPECT_EQ(datagrams.count(Verdict::kRefused), 1U);
}

TEST(Pipeline, AnswersDatagramsOnTheirPath) {
    World world(Framing::kDatagram);
    const auto sent = world.pass(query("www.example."));
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(support::message_text(sent[0].octets), kWwwAnswer);
    EXPECT_EQ(sent[0].path.peer, kPath.peer);
    EXPECT_EQ(sent[0].path.local, kPath.local);
    EXPECT_TRUE(world.pass({}).empty());
    EXPECT_TRUE(world.pass(sent[0].octets).empty());
    EXPECT_EQ(world.count(Verdict::kShortMessage), 1U);
    EXPECT_EQ(world.count(Verdict::kIsResponse), 1U);
}

TEST(Pipeline, RepliesBelowDns) {
    World world;
    const SlowFrame arp = world.reply_to(support::arp_frame({}));
    EXPECT_EQ(arp.arp_operation, 2);
    EXPECT_EQ(arp.arp_sender_mac, support::kOurMac);
    EXPECT_EQ(arp.destination_mac, support::kPeerMac);
    const SlowFrame advertisement =
        world.reply_to(support::solicitation_frame({}, support::solicitation_fields()));
    EXPECT_EQ(advertisement.icmp_type, 136);
    expect_turned(advertisement, true);
    const SlowFrame echo4 = world.reply_to(support::icmp_frame_v4(support::echo_request(false)));
    EXPECT_EQ(echo4.icmp_type, 0);
    expect_turned(echo4, false);
    FrameFields extended;
    extended.ipv6.extensions = {{60, Bytes{}}};
    const SlowFrame echo6 =
        world.reply_to(support::icmp_frame_v6(support::echo_request(true), extended));
    EXPECT_EQ(echo6.icmp_type, 129);
    expect_turned(echo6, true);
    EXPECT_EQ(world.count(Verdict::kArpReply), 1U);
    EXPECT_EQ(world.count(Verdict::kNdpReply), 1U);
    EXPECT_EQ(world.count(Verdict::kEchoReply), 2U);
}

/// A frame and how its life ends.
struct Fate {
    Verdict verdict;
    Bytes frame;
};

/// A frame for every reason to drop one on its own account.
std::vector<Fate> dropped_frames() {
    const Bytes message = query("www.example.");
    const FrameFields honest = with_payload(message);
    const auto v4 = [&honest](auto change) {
        FrameFields fields = honest;
        change(fields);
        return udp_frame_v4(fields);
    };
    const auto v6 = [&honest](auto change) {
        FrameFields fields = honest;
        change(fields);
        return udp_frame_v6(fields);
    };
    support::ArpFields arp_reply;
    arp_reply.operation = 2;
    support::ArpFields bad_arp;
    bad_arp.hardware = 2;
    support::SolicitationFields bad_solicitation;
    bad_solicitation.code = 1;
    support::IcmpFields bad_echo = support::echo_request(false);
    bad_echo.checksum = 0x0BAD;
    Bytes response = message;
    response[2] |= 0x80;
    return {
        {Verdict::kShortFrame, Bytes(13, 0)},
        {Verdict::kForeignMac, v4([](FrameFields& f) { f.ethernet.destination[5] ^= 1; })},
        {Verdict::kForeignVlan, v4([](FrameFields& f) {
             f.ethernet.tags = {{0x8100, 9}};
         })},
        {Verdict::kForeignEthertype, v4([](FrameFields& f) { f.ethernet.type = 0x0801; })},
        {Verdict::kBadArp, support::arp_frame(bad_arp)},
        {Verdict::kForeignArp, support::arp_frame(arp_reply)},
        {Verdict::kBadIpHeader, v4([](FrameFields& f) { f.ipv4.version_and_length = 0x44; })},
        {Verdict::kBadIpChecksum, v4([](FrameFields& f) { f.ipv4.checksum = 0x0BAD; })},
        {Verdict::kForeignAddress, v6([](FrameFields& f) { f.ipv6.destination = "2001:db8::9"; })},
        {Verdict::kFragment, v4([](FrameFields& f) { f.ipv4.fragment = 0x2000; })},
        {Verdict::kBadIpOptions, v4([](FrameFields& f) {
             f.ipv4.options = {131, 3, 4, 0};
         })},
        {Verdict::kTooManyExtensions, v6([](FrameFields& f) {
             f.ipv6.extensions.assign(5, {60, Bytes{}, {}});
         })},
        {Verdict::kForeignProtocol, v4([](FrameFields& f) { f.ipv4.protocol = 6; })},
        {Verdict::kBadUdpLength, v4([](FrameFields& f) { f.udp.length = 7; })},
        {Verdict::kForeignPort, v6([](FrameFields& f) { f.udp.destination_port = 54; })},
        {Verdict::kBadSourceAddress, v4([](FrameFields& f) { f.ipv4.source = "224.0.0.1"; })},
        {Verdict::kBadSourcePort, v4([](FrameFields& f) { f.udp.source_port = 0; })},
        {Verdict::kBadUdpChecksum, v6([](FrameFields& f) { f.udp.checksum = 0; })},
        {Verdict::kBadIcmpChecksum, support::icmp_frame_v4(bad_echo)},
        {Verdict::kBadNdp,
         support::solicitation_frame(bad_solicitation, support::solicitation_fields())},
        {Verdict::kShortMessage, v4([](FrameFields& f) { f.payload.resize(11); })},
        {Verdict::kIsResponse, udp_frame_v6(with_payload(response))},
    };
}

TEST(Pipeline, DropsEachFaultyFrameUnderItsVerdict) {
    World world;
    std::set<Verdict> seen;
    for (const Fate& fate : dropped_frames()) {
        SCOPED_TRACE(stats::info(fate.verdict).name);
        EXPECT_TRUE(seen.insert(fate.verdict).second);
        EXPECT_TRUE(world.pass(fate.frame).empty());
        EXPECT_EQ(world.count(fate.verdict), 1U);
    }
    for (std::size_t i = 0; i < stats::kVerdictCount; ++i) {
        const auto verdict = static_cast<Verdict>(i);
        const bool of_the_way_out =
            verdict == Verdict::kControlRingFull || verdict == Verdict::kControlTooLong ||
            verdict == Verdict::kTransmitFull || verdict == Verdict::kEchoLimited ||
            verdict == Verdict::kTwinRingFull ||  // twin_test.cc
            verdict == Verdict::kTwinTooLong;
        EXPECT_EQ(seen.contains(verdict),
                  stats::outcome(verdict) == stats::Outcome::kDropped && !of_the_way_out)
            << stats::info(verdict).name;
    }
}

/// Extension headers bring the message so near to the end of the frame, and the frame so near to
/// that of its buffer, that not even REFUSED with its EDNS options fits.
TEST(Pipeline, DropsAMessageWithoutRoomForAnyAnswer) {
    constexpr std::uint32_t kBufferOctets = MemoryPort::kMinCapacityOctets;
    FrameFields fields = with_payload(
        support::make_query({.name = "x.", .edns = support::EdnsFields{.payload_octets = 1232}}));
    const std::size_t plain = udp_frame_v6(fields).size();
    const auto frame_of = [&fields](std::size_t octets) {
        support::Extension extension{60, {}, {}};
        for (std::size_t left = octets - 2; left > 0;) {
            std::size_t one = std::min<std::size_t>(left, 257);
            one -= left - one == 1 ? 1 : 0;  // PadN has at least two octets
            extension.options.push_back(1);
            extension.options.push_back(static_cast<std::uint8_t>(one - 2));
            extension.options.resize(extension.options.size() + one - 2);
            left -= one;
        }
        fields.ipv6.extensions = {extension};
        return udp_frame_v6(fields);
    };
    World world(port_options(Framing::kEthernet, kBufferOctets));
    const std::size_t most = (kBufferOctets - plain) / 8 * 8;
    ASSERT_GT(frame_of(most).size() + 6, kBufferOctets);
    std::size_t answered = 0;
    for (std::size_t octets = 16; octets <= most; octets += 8) {
        const auto sent = world.pass(frame_of(octets));
        answered += sent.size();
        EXPECT_EQ(answered == octets / 8 - 1, sent.size() == 1);  // none after the first drop
    }
    EXPECT_GT(answered, 100U);
    EXPECT_EQ(world.count(Verdict::kRefused), answered);
    EXPECT_EQ(world.count(Verdict::kTooManyExtensions), most / 8 - 1 - answered);
    EXPECT_GE(world.count(Verdict::kTooManyExtensions), 1U);
}

/// However many come: at once, those of the bucket; later, the rate's.
TEST(Pipeline, AnswersEchoRequestsUpToItsRate) {
    const Bytes request = support::icmp_frame_v4(support::echo_request(false));
    World world;
    const std::uint64_t begin = base::cycles_now();
    std::uint64_t requests = 0;
    while (requests < 3 * kEchoBurst) {
        for (std::size_t i = 0; i < port::kMaxBurst; ++i) {
            world.put(request);
        }
        requests += world.poll();
        (void)world.port.sent();
    }
    const double elapsed_s = static_cast<double>(base::cycles_now() - begin) /
                             static_cast<double>(base::cycles_per_second());
    EXPECT_GE(world.count(Verdict::kEchoReply), kEchoBurst);
    EXPECT_LE(static_cast<double>(world.count(Verdict::kEchoReply)),
              kEchoBurst + 1 + elapsed_s * kEchoRepliesPerSecond * 1.01);
    EXPECT_EQ(world.count(Verdict::kEchoReply) + world.count(Verdict::kEchoLimited), requests);
    EXPECT_EQ(world.pass(udp_frame_v4(with_payload(query("www.example.")))).size(), 1U);
}

TEST(Pipeline, AnswersBehindTwoTags) {
    FrameFields fields = with_payload(query("www.example."));
    fields.ethernet.tags = {{0x88A8, 0xA064}, {0x8100, 0x6007}};
    World world(Framing::kEthernet, 7, 100);
    for (const bool v6 : {false, true}) {
        const SlowFrame reply = world.reply_to(v6 ? udp_frame_v6(fields) : udp_frame_v4(fields));
        expect_answer(reply, v6);
        EXPECT_EQ(reply.outer_tag_control, 0xA064);
        EXPECT_EQ(reply.tag_control, 0x6007);
    }
}

TEST(Pipeline, SettlesMixedBurstsToTheLastPacket) {
    std::vector<Fate> fates = dropped_frames();
    for (const std::string name : {"www.example.", "WWW.eXample."}) {
        fates.push_back({Verdict::kPositive, udp_frame_v4(with_payload(query(name)))});
        fates.push_back({Verdict::kPositive, udp_frame_v6(with_payload(query(name)))});
    }
    fates.push_back({Verdict::kNxDomain, udp_frame_v4(with_payload(query("no.example.")))});
    fates.push_back({Verdict::kFormErr, udp_frame_v6(with_payload(Bytes(12, 0)))});
    fates.push_back({Verdict::kArpReply, support::arp_frame({})});
    fates.push_back({Verdict::kEchoReply, support::icmp_frame_v4(support::echo_request(false))});
    std::mt19937 random(1);
    World world;
    std::map<Verdict, std::uint64_t> expected;
    for (int round = 0; round < 50; ++round) {
        std::size_t replies = 0;
        for (std::size_t i = 0; i < port::kMaxBurst; ++i) {
            const Fate& fate = fates[random() % fates.size()];
            world.put(fate.frame);
            ++expected[fate.verdict];
            replies += stats::outcome(fate.verdict) != stats::Outcome::kDropped ? 1 : 0;
        }
        ASSERT_EQ(world.poll(), port::kMaxBurst);
        EXPECT_EQ(world.poll(), 0U);
        const auto sent = world.port.sent();
        EXPECT_EQ(sent.size(), replies);
        for (const SentPacket& packet : sent) {
            EXPECT_EQ(support::parse_slowly(packet.octets).fault, "");
        }
    }
    for (const auto& [verdict, count] : expected) {
        EXPECT_EQ(world.count(verdict), count) << stats::info(verdict).name;
    }
    EXPECT_EQ(world.counters.packets.read(), 50 * port::kMaxBurst);
    EXPECT_EQ(world.counters.polls.read(), 100U);
    EXPECT_EQ(world.counters.empty_polls.read(), 50U);
}

TEST(Pipeline, AnswersABurstInItsOrder) {
    World world;
    for (std::uint16_t id = 0; id < port::kMaxBurst; ++id) {
        world.put(udp_frame_v4(with_payload(query("www.example.", type::kA, id))));
    }
    EXPECT_EQ(world.poll(), port::kMaxBurst);
    const auto sent = world.port.sent();
    ASSERT_EQ(sent.size(), port::kMaxBurst);
    for (std::uint16_t id = 0; id < port::kMaxBurst; ++id) {
        EXPECT_EQ(base::load_be16(support::parse_slowly(sent[id].octets).payload.data()), id);
    }
}

TEST(Pipeline, CountsWhatThePortDoesNotTake) {
    World world;
    world.port.limit_tx(3);
    for (int i = 0; i < 10; ++i) {
        world.put(udp_frame_v4(with_payload(query("www.example."))));
    }
    world.put(support::arp_frame({}));
    EXPECT_EQ(world.poll(), 11U);
    EXPECT_EQ(world.port.sent().size(), 3U);
    EXPECT_EQ(world.count(Verdict::kTransmitFull), 8U);
    EXPECT_EQ(world.count(Verdict::kArpReply) + world.count(Verdict::kPositive), 3U);
}

Bytes notify() {
    return support::make_query({.name = "example.", .type = type::kSoa, .flags = 4U << 11U});
}

Bytes signed_query() {
    return support::make_header(0, 1, 0, 0, 1)
        .name("www.example.")
        .u16(type::kA)
        .u16(wire::klass::kIn)
        .name("key.")
        .record_fields(type::kTsig, 255, 0, 2)
        .u16(0)
        .bytes();
}

TEST(Pipeline, LeavesToControlWhatIsForControl) {
    for (const Framing framing : {Framing::kEthernet, Framing::kDatagram}) {
        World world(framing);
        std::size_t count = 0;
        for (const Bytes& message : {notify(),
                                     query("example.", type::kAxfr),
                                     query("example.", type::kIxfr),
                                     signed_query()}) {
            const bool frames = framing == Framing::kEthernet;
            EXPECT_TRUE(world.pass(frames ? udp_frame_v4(with_payload(message)) : message).empty());
            EXPECT_EQ(world.bell.rings(), ++count);
            const port::Deferred* deferred = world.rings.to_control.front();
            ASSERT_NE(deferred, nullptr);
            EXPECT_TRUE(std::ranges::equal(deferred->message(), message));
            EXPECT_EQ(deferred->path.peer, kPath.peer);
            EXPECT_EQ(deferred->path.local, kPath.local);
            EXPECT_EQ(deferred->port_index, World::kPortIndex);
            world.rings.to_control.release();
        }
        EXPECT_EQ(world.count(Verdict::kToControl), count);
    }
}

TEST(Pipeline, SendsLateRepliesBackToWhereTheRequestCameFrom) {
    const Bytes answer(200, 0xAB);
    const FrameFields plain = with_payload(notify());
    FrameFields options = plain;
    options.ipv4.options = Bytes(8, 1);
    options.ipv6.extensions = {{60, Bytes{}}};
    options.ethernet.tags = {{0x8100, 0xA000}};
    World world;
    for (const FrameFields& fields : {plain, options}) {
        for (const bool v6 : {false, true}) {
            ASSERT_TRUE(world.pass(v6 ? udp_frame_v6(fields) : udp_frame_v4(fields)).empty());
            const port::DatagramPath path = world.rings.to_control.front()->path;
            EXPECT_EQ(path.peer.address, support::ip(v6 ? support::kPeerV6 : support::kPeerV4));
            EXPECT_EQ(path.local.address, support::ip(v6 ? support::kOurV6 : support::kOurV4));
            world.reply_late(answer);
            const auto sent = world.port.sent();
            ASSERT_EQ(sent.size(), 1U);
            const SlowFrame reply = support::parse_slowly(sent[0].octets);
            EXPECT_EQ(reply.fault, "");
            expect_turned(reply, v6);
            EXPECT_EQ(reply.destination_port, 40000);
            EXPECT_EQ(reply.tag_control.has_value(), !fields.ethernet.tags.empty());
            EXPECT_EQ(reply.payload, answer);
        }
    }
    EXPECT_EQ(world.count(Verdict::kControlReply), 4U);

    World datagrams(Framing::kDatagram);
    ASSERT_TRUE(datagrams.pass(notify()).empty());
    datagrams.reply_late(answer);
    const auto sent = datagrams.port.sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].octets, answer);
    EXPECT_EQ(sent[0].path.peer, kPath.peer);
    EXPECT_EQ(sent[0].path.local, kPath.local);
}

TEST(Pipeline, SendsLateRepliesAsLongAsTheirSlot) {
    World world(port_options(Framing::kEthernet, MemoryPort::kMinCapacityOctets));
    ASSERT_TRUE(world.pass(udp_frame_v6(with_payload(notify()))).empty());
    const std::size_t headers = world.rings.to_control.front()->payload_offset;
    world.reply_late(Bytes(port::Deferred::kMaxOctets - headers, 0xAB));
    const auto sent = world.port.sent();
    ASSERT_EQ(sent.size(), 1U);
    EXPECT_EQ(sent[0].octets.size(), port::Deferred::kMaxOctets);
    EXPECT_EQ(support::parse_slowly(sent[0].octets).fault, "");
}

TEST(Pipeline, DropsForControlWhatItsRingDoesNotTake) {
    World world;
    const Bytes frame = udp_frame_v4(with_payload(notify()));
    for (std::size_t i = 0; i < port::DeferredRings::kSlots + 3; ++i) {
        EXPECT_TRUE(world.pass(frame).empty());
    }
    EXPECT_EQ(world.count(Verdict::kToControl), port::DeferredRings::kSlots);
    EXPECT_EQ(world.count(Verdict::kControlRingFull), 3U);
    world.reply_late(Bytes(20, 1));
    EXPECT_TRUE(world.port.sent().size() == 1 && world.pass(frame).empty());
    EXPECT_EQ(world.count(Verdict::kToControl), port::DeferredRings::kSlots + 1);
}

TEST(Pipeline, DropsForControlWhatItsSlotsDoNotHold) {
    const auto notify_of = [](std::size_t octets) {
        support::OctetBuilder message = support::make_header(4U << 11U, 1, 1, 0, 0);
        message.name("example.").u16(type::kSoa).u16(wire::klass::kIn).name("example.");
        const std::size_t rdata = octets - message.size() - 10;
        return message.record_fields(65280, 1, 0, static_cast<unsigned>(rdata))
            .raw(Bytes(rdata))
            .bytes();
    };
    World world(port_options(Framing::kDatagram, 4096));
    EXPECT_TRUE(world.pass(notify_of(port::Deferred::kMaxOctets)).empty());
    EXPECT_TRUE(world.pass(notify_of(port::Deferred::kMaxOctets + 1)).empty());
    EXPECT_EQ(world.count(Verdict::kToControl), 1U);
    EXPECT_EQ(world.count(Verdict::kControlTooLong), 1U);
}

TEST(Pipeline, DropsLateRepliesThatThePortDoesNotTake) {
    World world(port_options(Framing::kEthernet, 2048, 2));
    const Bytes frame = udp_frame_v4(with_payload(notify()));
    EXPECT_TRUE(world.pass(frame).empty());
    EXPECT_TRUE(world.pass(frame).empty());
    world.port.limit_tx(0);
    world.reply_late(Bytes(20, 1));
    EXPECT_EQ(world.count(Verdict::kTransmitFull), 1U);
    world.port.limit_tx(MemoryPort::kNoLimit);
    std::array<port::Packet, 2> all;
    ASSERT_EQ(world.port.allocate(all), 2U);
    world.reply_late(Bytes(20, 1));
    EXPECT_EQ(world.count(Verdict::kTransmitFull), 2U);
    world.port.free(all);
}

TEST(Pipeline, AnnouncesTheAddressesThatItAnswersFor) {
    World world;
    world.pipeline.announce();
    const auto sent = world.port.sent();
    ASSERT_EQ(sent.size(), 2U);
    const SlowFrame arp = support::parse_slowly(sent[0].octets);
    EXPECT_EQ(arp.fault, "");
    EXPECT_EQ(arp.destination_mac, support::kBroadcastMac);
    EXPECT_EQ(arp.source, support::ip(support::kOurV4));
    EXPECT_EQ(arp.destination, support::ip(support::kOurV4));
    const SlowFrame advertisement = support::parse_slowly(sent[1].octets);
    EXPECT_EQ(advertisement.fault, "");
    EXPECT_EQ(advertisement.icmp_type, 136);
    EXPECT_EQ(advertisement.source, support::ip(support::kOurV6));
    EXPECT_EQ(advertisement.destination, support::ip("ff02::1"));
    world.port.limit_tx(0);
    world.pipeline.announce();
    EXPECT_TRUE(world.port.sent().empty());

    World datagrams(Framing::kDatagram);
    datagrams.pipeline.announce();
    EXPECT_TRUE(datagrams.port.sent().empty());
}

TEST(PipelineDeathTest, WantsAServiceForFramesAndNoneForDatagrams) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    MemoryPort port(port_options(Framing::kDatagram));
    const net::Service service = net::test_service();
    port::DeferredRings rings;
    Bell bell;
    stats::WorkerCounters counters;
    EXPECT_DEATH(Pipeline({&port, &service}, 0, rings, bell, counters), "service_");
}

}  // namespace
}  // namespace understudy::worker
