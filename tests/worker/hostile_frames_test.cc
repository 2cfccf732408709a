#include <gtest/gtest.h>
#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "worker/worker_support.h"

/// Frames that strangers make by hand, through a whole pipeline: each ends in the one verdict that
/// the table gives, and what goes out is never more than one frame, to the one who sent the request
/// and to nobody else, and draws no further reply when it is thrown back at us.
namespace understudy::worker {
namespace {

using support::FrameFields;
using support::SlowFrame;

/// A frame, and what becomes of it.
struct Hostile {
    std::string what;
    Bytes frame;
    Verdict verdict;
};

FrameFields honest() { return with_payload(query("www.example.")); }

using Change = std::function<void(FrameFields&)>;

Bytes v4(const Change& change) {
    FrameFields fields = honest();
    change(fields);
    return udp_frame_v4(fields);
}

Bytes v6(const Change& change) {
    FrameFields fields = honest();
    change(fields);
    return udp_frame_v6(fields);
}

/// A message with one change to its octets.
Bytes message(const std::function<void(Bytes&)>& change) {
    Bytes octets = query("www.example.");
    change(octets);
    return octets;
}

Change payload(const std::function<void(Bytes&)>& change) {
    return [change](FrameFields& f) { f.payload = message(change); };
}

/// As if it came from whoever must not be answered.
void add_sources(std::vector<Hostile>& table) {
    for (const char* source : {"224.0.0.1",
                               "239.255.255.255",
                               "240.0.0.1",
                               "255.255.255.255",
                               "192.0.2.255",  // the broadcast address of our network
                               "127.0.0.1",
                               "127.255.255.255",
                               "0.0.0.0",
                               "0.1.2.3",
                               "192.0.2.53",     // ours
                               "192.0.2.54"}) {  // ours, though the kernel answers for it
        table.push_back({std::string("UDP from ") + source,
                         v4([source](FrameFields& f) { f.ipv4.source = source; }),
                         Verdict::kBadSourceAddress});
        FrameFields echo;
        echo.ipv4.source = source;
        table.push_back({std::string("echo from ") + source,
                         support::icmp_frame_v4(support::echo_request(false), echo),
                         Verdict::kBadSourceAddress});
    }
    for (const char* source : {"ff02::1",
                               "ff0e::1",
                               "::",
                               "::1",
                               "::ffff:198.51.100.7",
                               "2001:db8::53",
                               "2001:db8::54"}) {
        table.push_back({std::string("UDP from ") + source,
                         v6([source](FrameFields& f) { f.ipv6.source = source; }),
                         Verdict::kBadSourceAddress});
        FrameFields echo;
        echo.ipv6.source = source;
        table.push_back({std::string("echo from ") + source,
                         support::icmp_frame_v6(support::echo_request(true), echo),
                         Verdict::kBadSourceAddress});
    }
    const Change group_mac = [](FrameFields& f) {
        f.ethernet.source = {0x01, 0x00, 0x5E, 0, 0, 1};
    };
    const Change broadcast_mac = [](FrameFields& f) { f.ethernet.source = support::kBroadcastMac; };
    for (const Change& change : {group_mac, broadcast_mac}) {
        FrameFields echo;
        change(echo);
        FrameFields solicitation = support::solicitation_fields();
        change(solicitation);
        support::EthernetFields arp{support::kBroadcastMac};
        arp.source = echo.ethernet.source;
        table.push_back({"UDP from a group's MAC", v4(change), Verdict::kBadSourceAddress});
        table.push_back({"UDP from a group's MAC", v6(change), Verdict::kBadSourceAddress});
        table.push_back({"echo from a group's MAC",
                         support::icmp_frame_v4(support::echo_request(false), echo),
                         Verdict::kBadSourceAddress});
        table.push_back({"echo from a group's MAC",
                         support::icmp_frame_v6(support::echo_request(true), echo),
                         Verdict::kBadSourceAddress});
        table.push_back({"solicitation from a group's MAC",
                         support::solicitation_frame({}, solicitation),
                         Verdict::kBadSourceAddress});
        table.push_back(
            {"ARP from a group's MAC", support::arp_frame({}, arp), Verdict::kBadSourceAddress});
    }
    const Change port_0 = [](FrameFields& f) { f.udp.source_port = 0; };
    table.push_back({"source port 0", v4(port_0), Verdict::kBadSourcePort});
    table.push_back({"source port 0", v6(port_0), Verdict::kBadSourcePort});
}

/// To whom an answer would be one too many.
void add_destinations(std::vector<Hostile>& table) {
    const Change by_broadcast = [](FrameFields& f) {
        f.ethernet.destination = support::kBroadcastMac;
    };
    const Change by_multicast = [](FrameFields& f) {
        f.ethernet.destination = {0x01, 0x00, 0x5E, 0, 0, 0xFB};
    };
    for (const Change& change : {by_broadcast, by_multicast}) {
        FrameFields echo;
        change(echo);
        table.push_back({"UDP to all", v4(change), Verdict::kForeignMac});
        table.push_back({"UDP to all", v6(change), Verdict::kForeignMac});
        table.push_back({"echo to all",
                         support::icmp_frame_v4(support::echo_request(false), echo),
                         Verdict::kForeignMac});
        table.push_back({"echo to all",
                         support::icmp_frame_v6(support::echo_request(true), echo),
                         Verdict::kForeignMac});
    }
    for (const char* destination : {"192.0.2.255", "255.255.255.255", "224.0.0.251", "192.0.2.9"}) {
        FrameFields echo;
        echo.ipv4.destination = destination;
        table.push_back({std::string("UDP to ") + destination,
                         v4([=](FrameFields& f) { f.ipv4.destination = destination; }),
                         Verdict::kForeignAddress});
        table.push_back({std::string("smurf: echo to ") + destination,
                         support::icmp_frame_v4(support::echo_request(false), echo),
                         Verdict::kForeignAddress});
    }
    for (const char* destination : {"ff02::1", "ff02::fb", "ff02::1:ff00:53", "2001:db8::9"}) {
        FrameFields echo;
        echo.ipv6.destination = destination;
        table.push_back({std::string("UDP to ") + destination,
                         v6([=](FrameFields& f) { f.ipv6.destination = destination; }),
                         Verdict::kForeignAddress});
        table.push_back({std::string("echo to ") + destination,
                         support::icmp_frame_v6(support::echo_request(true), echo),
                         Verdict::kForeignAddress});
    }
    FrameFields kernels;
    kernels.ipv4.destination = "192.0.2.54";
    table.push_back({"echo that is the kernel's to answer",
                     support::icmp_frame_v4(support::echo_request(false), kernels),
                     Verdict::kForeignProtocol});
}

/// What two servers could throw to and fro.
void add_reflections(std::vector<Hostile>& table) {
    const auto response = payload([](Bytes& m) { m[2] |= 0x80; });
    const Change from_53 = [response](FrameFields& f) {
        response(f);
        f.udp.source_port = 53;
    };
    table.push_back({"response, 53 to 53", v4(from_53), Verdict::kIsResponse});
    table.push_back({"response, 53 to 53", v6(from_53), Verdict::kIsResponse});
    table.push_back({"response from a client", v4(response), Verdict::kIsResponse});
    table.push_back({"response of an unknown opcode",
                     v4(payload([](Bytes& m) { m[2] = 0xF8; })),
                     Verdict::kIsResponse});
    table.push_back({"header of a response alone",
                     v4([](FrameFields& f) {
                         f.payload = {1, 2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0};
                     }),
                     Verdict::kIsResponse});
    table.push_back(
        {"nothing", v4([](FrameFields& f) { f.payload = {}; }), Verdict::kShortMessage});
    table.push_back({"11 octets",
                     v6([](FrameFields& f) { f.payload = Bytes(11, 0); }),
                     Verdict::kShortMessage});
    for (const auto type : {0, 3, 5, 11, 13, 14}) {  // replies, errors, redirect, timestamps
        table.push_back({"ICMP type " + std::to_string(type),
                         support::icmp_frame_v4(
                             {.type = static_cast<std::uint8_t>(type), .body = Bytes(36, 0x45)}),
                         Verdict::kForeignProtocol});
    }
    for (const auto type : {1, 2, 3, 129, 133, 134, 136, 137}) {
        table.push_back({"ICMPv6 type " + std::to_string(type),
                         support::icmp_frame_v6(
                             {.type = static_cast<std::uint8_t>(type), .body = Bytes(36, 0x60)}),
                         Verdict::kForeignProtocol});
    }
    support::ArpFields reply;
    reply.operation = 2;
    table.push_back({"ARP reply", support::arp_frame(reply), Verdict::kForeignArp});
    support::ArpFields conflict;
    conflict.sender = support::kOurV4;
    table.push_back({"ARP announcement of our address by another",
                     support::arp_frame(conflict),
                     Verdict::kBadSourceAddress});
    support::ArpFields reverse;
    reverse.operation = 3;
    table.push_back({"RARP", support::arp_frame(reverse), Verdict::kBadArp});
    support::IcmpFields code = support::echo_request(false);
    code.code = 1;
    table.push_back({"echo of code 1", support::icmp_frame_v4(code), Verdict::kForeignProtocol});
    FrameFields routed = support::solicitation_fields();
    routed.ipv6.hop_limit = 254;
    table.push_back({"solicitation from beyond the link",
                     support::solicitation_frame({}, routed),
                     Verdict::kBadNdp});
    support::SolicitationFields endless;
    endless.options = Bytes(8, 0);
    table.push_back({"option of no length",
                     support::solicitation_frame(endless, support::solicitation_fields()),
                     Verdict::kBadNdp});
}

/// Lengths that lie and headers that lead astray.
void add_headers(std::vector<Hostile>& table) {
    const auto row4 = [&table](const char* what, const Change& change, Verdict verdict) {
        table.push_back({what, v4(change), verdict});
    };
    const auto row6 = [&table](const char* what, const Change& change, Verdict verdict) {
        table.push_back({what, v6(change), verdict});
    };
    row4(
        "total length beyond the frame",
        [](FrameFields& f) { f.ipv4.total_length = 65535; },
        Verdict::kBadIpHeader);
    row4(
        "total length within the header",
        [](FrameFields& f) { f.ipv4.total_length = 19; },
        Verdict::kBadIpHeader);
    row4(
        "UDP length beyond the packet",
        [](FrameFields& f) { f.udp.length = 1000; },
        Verdict::kBadUdpLength);
    row6(
        "UDP length beyond the packet",
        [](FrameFields& f) { f.udp.length = 65535; },
        Verdict::kBadUdpLength);
    row6(
        "UDP length 0, a jumbogram's",
        [](FrameFields& f) { f.udp.length = 0; },
        Verdict::kBadUdpLength);
    row6(
        "payload length 0, a jumbogram's",
        [](FrameFields& f) {
            f.ipv6.payload_length = 0;
            f.ipv6.extensions = {{0, {0xC2, 4, 0, 1, 0, 0}, {}}};
        },
        Verdict::kBadIpHeader);
    row6(
        "jumbo payload option",
        [](FrameFields& f) {
            f.ipv6.extensions = {{0, {0xC2, 4, 0, 1, 0, 0}, {}}};
        },
        Verdict::kTooManyExtensions);
    row4(
        "first fragment", [](FrameFields& f) { f.ipv4.fragment = 0x2000; }, Verdict::kFragment);
    row4(
        "fragment over the UDP header",
        [](FrameFields& f) { f.ipv4.fragment = 0x0001; },
        Verdict::kFragment);
    row6(
        "atomic fragment",
        [](FrameFields& f) {
            f.ipv6.extensions = {{44, {}, {}}};
        },
        Verdict::kFragment);
    row6(
        "routing header",
        [](FrameFields& f) {
            f.ipv6.extensions = {{43, {}, {}}};
        },
        Verdict::kTooManyExtensions);
    row6(
        "a chain beyond the cap",
        [](FrameFields& f) {
            f.ipv6.extensions.assign(net::kMaxExtensionHeaders + 1, {60, {}, {}});
        },
        Verdict::kTooManyExtensions);
    row6(
        "a chain out of the packet",
        [](FrameFields& f) {
            f.ipv6.extensions = {{60, {}, 255}};
        },
        Verdict::kBadIpHeader);
    row4(
        "source route",
        [](FrameFields& f) {
            f.ipv4.options = {131, 7, 4, 10, 0, 0, 1, 0};
        },
        Verdict::kBadIpOptions);
    row4(
        "options without end",
        [](FrameFields& f) {
            f.ipv4.options = {7, 0, 0, 0};
        },
        Verdict::kBadIpOptions);
    row4(
        "UDP checksum", [](FrameFields& f) { f.udp.checksum = 0x0BAD; }, Verdict::kBadUdpChecksum);
    row6(
        "UDP checksum", [](FrameFields& f) { f.udp.checksum = 0x0BAD; }, Verdict::kBadUdpChecksum);
    row6(
        "no UDP checksum", [](FrameFields& f) { f.udp.checksum = 0; }, Verdict::kBadUdpChecksum);
    row4(
        "IPv4 checksum", [](FrameFields& f) { f.ipv4.checksum = 0x0BAD; }, Verdict::kBadIpChecksum);
    row4(
        "three tags",
        [](FrameFields& f) {
            f.ethernet.tags = {{0x88A8, 0}, {0x8100, 0}, {0x8100, 0}};
        },
        Verdict::kForeignVlan);
    row4(
        "mDNS", [](FrameFields& f) { f.udp.destination_port = 5353; }, Verdict::kForeignPort);
    row4(
        "TCP", [](FrameFields& f) { f.ipv4.protocol = 6; }, Verdict::kForeignProtocol);
    row4(
        "IPv6 in IPv4", [](FrameFields& f) { f.ipv4.protocol = 41; }, Verdict::kForeignProtocol);
    support::IcmpFields echo = support::echo_request(true);
    echo.checksum = 0x0BAD;
    table.push_back({"echo's checksum", support::icmp_frame_v6(echo), Verdict::kBadIcmpChecksum});
}

/// Odd, and answered all the same.
void add_answered(std::vector<Hostile>& table) {
    table.push_back(
        {"from port 53", v4([](FrameFields& f) { f.udp.source_port = 53; }), Verdict::kPositive});
    table.push_back({"from chargen's port",
                     v4([](FrameFields& f) { f.udp.source_port = 19; }),
                     Verdict::kPositive});
    table.push_back({"no UDP checksum over IPv4",
                     v4([](FrameFields& f) { f.udp.checksum = 0; }),
                     Verdict::kPositive});
    table.push_back(
        {"hop limit 0", v6([](FrameFields& f) { f.ipv6.hop_limit = 0; }), Verdict::kPositive});
    table.push_back({"octets behind the datagram",
                     v4([](FrameFields& f) {
                         f.payload.resize(f.payload.size() + 100, 0xFF);
                         f.udp.length = static_cast<std::uint16_t>(f.payload.size() + 8 - 100);
                     }),
                     Verdict::kPositive});
    table.push_back(
        {"unknown opcode", v6(payload([](Bytes& m) { m[2] = 0x78; })), Verdict::kNotImp});
    table.push_back({"question out of the message",
                     v4(payload([](Bytes& m) { m.resize(20); })),
                     Verdict::kFormErr});
    table.push_back({"name that points at itself",
                     v4(payload([](Bytes& m) {
                         m[12] = 0xC0;
                         m[13] = 12;
                     })),
                     Verdict::kFormErr});
    table.push_back(
        {"65535 questions", v4(payload([](Bytes& m) { m[4] = m[5] = 0xFF; })), Verdict::kFormErr});
    table.push_back({"a jumbo frame of zeros behind a header",
                     v4([](FrameFields& f) { f.payload = Bytes(1500, 0); }),
                     Verdict::kFormErr});
    table.push_back({"echo without data",
                     support::icmp_frame_v4(support::echo_request(false, {})),
                     Verdict::kEchoReply});
    table.push_back({"jumbo echo",
                     support::icmp_frame_v6(support::echo_request(true, Bytes(1900, 0xFF))),
                     Verdict::kEchoReply});
    support::ArpFields probe;
    probe.sender = "0.0.0.0";
    table.push_back({"probe for our address", support::arp_frame(probe), Verdict::kArpReply});
    FrameFields detection = support::solicitation_fields();
    detection.ipv6.source = "::";
    support::SolicitationFields without_option;
    without_option.options = {};
    table.push_back({"duplicate address detection",
                     support::solicitation_frame(without_option, detection),
                     Verdict::kNdpReply});
}

std::vector<Hostile> hostile_frames() {
    std::vector<Hostile> table;
    add_sources(table);
    add_destinations(table);
    add_reflections(table);
    add_headers(table);
    add_answered(table);
    return table;
}

/// Who got it, and in which form: only its sender, or all nodes of the link on behalf of one who
/// has no address yet (RFC 4861, section 7.2.4).
void expect_to_sender(const SlowFrame& reply, Verdict verdict) {
    EXPECT_EQ(reply.fault, "");
    EXPECT_EQ(reply.source_mac, support::kOurMac);
    const bool to_all_nodes =
        verdict == Verdict::kNdpReply && reply.destination == support::ip("ff02::1");
    EXPECT_TRUE(to_all_nodes || reply.destination_mac == support::kPeerMac);
    if (stats::outcome(verdict) == stats::Outcome::kAnswered) {
        ASSERT_GE(reply.payload.size(), 12U);
        EXPECT_NE(reply.payload[2] & 0x80, 0) << "not a response";
        EXPECT_EQ(reply.source_port, 53);
    }
}

/// The reply as somebody would throw it back: all addresses and ports changed about.
Bytes thrown_back(const SlowFrame& reply, const Bytes& octets) {
    const std::string from = reply.destination.to_string();
    const std::string to = reply.source.to_string();
    FrameFields fields;
    fields.ipv4.source = fields.ipv6.source = from;
    fields.ipv4.destination = fields.ipv6.destination = to;
    fields.payload = reply.payload;
    fields.udp.source_port = reply.destination_port;
    if (reply.type == 0x0806) {
        Bytes turned = octets;
        std::swap_ranges(turned.begin(), turned.begin() + 6, turned.begin() + 6);
        return turned;
    }
    const support::IcmpFields icmp{
        .type = reply.icmp_type, .code = reply.icmp_code, .body = reply.payload, .checksum = {}};
    if (reply.type == 0x0800) {
        return reply.protocol == 17 ? udp_frame_v4(fields) : icmp_frame_v4(icmp, fields);
    }
    return reply.protocol == 17 ? udp_frame_v6(fields) : icmp_frame_v6(icmp, fields);
}

TEST(HostileFrames, EachEndsInItsVerdictAndNoneLoopsOrAmplifies) {
    for (const Hostile& hostile : hostile_frames()) {
        SCOPED_TRACE(hostile.what);
        World world;
        const auto sent = world.pass(hostile.frame);
        EXPECT_EQ(world.count(hostile.verdict), 1U) << "not " << stats::info(hostile.verdict).name;
        const bool replies = stats::outcome(hostile.verdict) != stats::Outcome::kDropped;
        ASSERT_EQ(sent.size(), replies ? 1U : 0U);
        if (!replies) {
            continue;
        }
        const SlowFrame reply = support::parse_slowly(sent[0].octets);
        expect_to_sender(reply, hostile.verdict);
        if (stats::outcome(hostile.verdict) == stats::Outcome::kReplied) {
            EXPECT_LE(sent[0].octets.size(), std::max<std::size_t>(hostile.frame.size(), 86));
        }
        if (reply.destination.octets()[0] != 0xFF) {
            EXPECT_TRUE(world.pass(thrown_back(reply, sent[0].octets)).empty()) << "it loops";
        }
    }
}

/// Cut anywhere, every frame of the table ends in one verdict; the world checks its books.
TEST(HostileFrames, EachMayEndAnywhere) {
    World world;
    std::uint64_t packets = 0;
    for (const Hostile& hostile : hostile_frames()) {
        for (std::size_t octets = 0; octets < hostile.frame.size();
             octets += octets < 128 ? 1 : 97) {
            const auto end = hostile.frame.begin() + static_cast<std::ptrdiff_t>(octets);
            const auto sent = world.pass(Bytes(hostile.frame.begin(), end));
            ++packets;
            EXPECT_LE(sent.size(), 1U) << hostile.what << " cut to " << octets;
        }
    }
    EXPECT_EQ(verdict_sum(world.counters), packets);
}

}  // namespace
}  // namespace understudy::worker
