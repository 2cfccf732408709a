#include <gtest/gtest.h>

#include <understudy/net/frame.h>
#include <functional>
#include <map>
#include <string>

#include "net/net_support.h"

namespace understudy::net {
namespace {

using base::ChecksumState;
using stats::Verdict;
using support::Bytes;
using support::EthernetFields;
using support::Extension;
using support::FrameFields;
using support::udp_frame_v4;
using support::udp_frame_v6;

std::string name(Verdict verdict) { return std::string(stats::info(verdict).name); }

Verdict verdict_of(const Bytes& frame, std::uint16_t vlan = 0, std::uint16_t outer_vlan = 0) {
    const Inspection inspection = inspect_exactly(frame, test_service(vlan, outer_vlan));
    EXPECT_EQ(inspection.kind == FrameKind::kDropped,
              inspection.kind != FrameKind::kDatagram &&
                  stats::outcome(inspection.verdict) == stats::Outcome::kDropped);
    return inspection.verdict;
}

/// An honest frame after one change.
Bytes v4_with(const std::function<void(FrameFields&)>& change) {
    FrameFields fields;
    change(fields);
    return udp_frame_v4(fields);
}

Bytes v6_with(const std::function<void(FrameFields&)>& change) {
    FrameFields fields;
    change(fields);
    return udp_frame_v6(fields);
}

void expect_payload(const Bytes& frame,
                    const Bytes& payload,
                    std::uint16_t vlan = 0,
                    std::uint16_t outer_vlan = 0) {
    const Inspection inspection = inspect_exactly(frame, test_service(vlan, outer_vlan));
    ASSERT_EQ(inspection.kind, FrameKind::kDatagram) << name(inspection.verdict);
    ASSERT_EQ(inspection.view.payload_octets, payload.size());
    ASSERT_LE(inspection.view.payload_offset + payload.size(), frame.size());
    EXPECT_TRUE(std::ranges::equal(
        payload, base::Octets(frame).subspan(inspection.view.payload_offset, payload.size())));
}

TEST(Inspect, FindsThePayloadOfAQuery) {
    const FrameFields fields;
    expect_payload(udp_frame_v4(fields), fields.payload);
    expect_payload(udp_frame_v6(fields), fields.payload);
    const Inspection v4 = inspect_exactly(udp_frame_v4(fields), test_service());
    EXPECT_FALSE(v4.view.v6);
    EXPECT_EQ(v4.view.l3_offset, 14U);
    EXPECT_EQ(v4.view.l4_offset, 34U);
    EXPECT_EQ(v4.view.payload_offset, 42U);
    const Inspection v6 = inspect_exactly(udp_frame_v6(fields), test_service());
    EXPECT_TRUE(v6.view.v6);
    EXPECT_EQ(v6.view.l4_offset, 54U);
}

TEST(Inspect, TakesPayloadsOfAnyLength) {
    for (std::size_t octets = 0; octets <= 1400; octets += octets < 80 ? 1 : 111) {
        FrameFields fields;
        fields.payload = Bytes(octets, 0x5A);
        expect_payload(udp_frame_v4(fields), fields.payload);
        expect_payload(udp_frame_v6(fields), fields.payload);
    }
}

TEST(Inspect, IgnoresEthernetPaddingAndOctetsBehindTheDatagram) {
    for (const std::size_t padding : {1U, 17U, 46U}) {
        FrameFields fields;
        fields.payload = Bytes(3, 1);
        fields.padding_octets = padding;
        expect_payload(udp_frame_v4(fields), fields.payload);
        expect_payload(udp_frame_v6(fields), fields.payload);
    }
    FrameFields fields;
    fields.payload = Bytes(20, 1);
    fields.udp.length = 18;
    expect_payload(udp_frame_v4(fields), Bytes(10, 1));
    expect_payload(udp_frame_v6(fields), Bytes(10, 1));
}

TEST(Inspect, StepsOverIpv4Options) {
    for (std::size_t octets = 4; octets <= 40; octets += 4) {
        FrameFields fields;
        fields.ipv4.options = Bytes(octets, 1);
        if (octets <= kMaxIpv4Options) {
            expect_payload(udp_frame_v4(fields), fields.payload);
        } else {
            EXPECT_EQ(verdict_of(udp_frame_v4(fields)), Verdict::kBadIpOptions);
        }
        fields.ipv4.options = Bytes(octets, 0);  // the end, and padding
        expect_payload(udp_frame_v4(fields), fields.payload);
        fields.ipv4.options[0] = 7;  // record route, as long as may be
        fields.ipv4.options[1] = static_cast<std::uint8_t>(octets);
        expect_payload(udp_frame_v4(fields), fields.payload);
    }
}

TEST(Inspect, NamesFaultsOfIpv4Options) {
    const auto options = [](Bytes octets) {
        return v4_with([&](FrameFields& fields) { fields.ipv4.options = std::move(octets); });
    };
    for (const Bytes& bad : {Bytes{7, 5, 0, 0},                // beyond the header
                             Bytes{7, 255, 0, 0},              //
                             Bytes{7, 0, 0, 0},                // of no length
                             Bytes{7, 1, 0, 0},                //
                             Bytes{1, 1, 1, 7},                // without a length
                             Bytes{131, 3, 4, 0},              // loose source route
                             Bytes{137, 3, 4, 0},              // strict
                             Bytes{1, 131, 7, 4, 1, 2, 3, 4},  // one behind padding
                             Bytes(20, 1)}) {                  // more than the cap
        EXPECT_EQ(name(verdict_of(options(bad))), "bad_ip_options") << int{bad[0]};
    }
    expect_payload(options({0, 131, 0, 0}), FrameFields{}.payload);  // behind the end
    expect_payload(options({148, 4, 0, 0}), FrameFields{}.payload);  // router alert
}

TEST(Inspect, StepsOverExtensionHeadersUpToTheCap) {
    FrameFields fields;
    for (std::size_t count = 1; count <= kMaxExtensionHeaders; ++count) {
        fields.ipv6.extensions.push_back(
            {static_cast<std::uint8_t>(count == 1 ? 0 : 60), Bytes{5, 2, 0, 0}, {}});
        expect_payload(udp_frame_v6(fields), fields.payload);
    }
    fields.ipv6.extensions.push_back({60, {}, {}});
    EXPECT_EQ(verdict_of(udp_frame_v6(fields)), Verdict::kTooManyExtensions);
    fields.ipv6.extensions = {{60, Bytes(256 * 8 - 2), {}}};
    fields.ipv6.extensions[0].options = {1, 255};  // the longest there can be, of PadN
    fields.ipv6.extensions[0].options.resize(2 + 255 + 2 + 253);
    fields.ipv6.extensions[0].options[257] = 1;
    fields.ipv6.extensions[0].options[258] = 253;
    expect_payload(udp_frame_v6(fields), fields.payload);
}

TEST(Inspect, TakesTheTagOfTheServiceOnly) {
    const auto tagged = [](std::vector<std::pair<std::uint16_t, std::uint16_t>> tags) {
        return v4_with([&](FrameFields& fields) { fields.ethernet.tags = tags; });
    };
    const FrameFields fields;
    expect_payload(tagged({{0x8100, 0x6000 | 7}}), fields.payload, 7);
    expect_payload(tagged({{0x8100, 0xE000}}), fields.payload, 0);  // a priority and no VLAN
    EXPECT_EQ(verdict_of(tagged({{0x8100, 8}}), 7), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({{0x8100, 0x1007}}), 0), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({}), 7), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({{0x8100, 7}, {0x8100, 7}}), 7), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({{0x8100, 7}, {0x88A8, 7}}), 7), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({{0x8100, 0}, {0x9100, 7}}), 0), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({{0x88A8, 7}, {0x8100, 7}}), 7), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({{0x88A8, 7}}), 7), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({{0x88A8, 0}}), 0), Verdict::kForeignVlan);
    const Bytes v6 = v6_with([](FrameFields& changed) { changed.ethernet.tags = {{0x8100, 7}}; });
    expect_payload(v6, fields.payload, 7);
}

TEST(Inspect, TakesBothTagsOfAServiceInTwo) {
    const auto tagged = [](std::vector<std::pair<std::uint16_t, std::uint16_t>> tags) {
        return v6_with([&](FrameFields& fields) { fields.ethernet.tags = tags; });
    };
    const FrameFields fields;
    for (const std::uint16_t outer_type :
         std::initializer_list<std::uint16_t>{0x88A8, 0x8100, 0x9100}) {
        expect_payload(tagged({{outer_type, 100}, {0x8100, 7}}), fields.payload, 7, 100);
        EXPECT_EQ(verdict_of(tagged({{outer_type, 101}, {0x8100, 7}}), 7, 100),
                  Verdict::kForeignVlan);
        EXPECT_EQ(verdict_of(tagged({{outer_type, 100}, {0x8100, 8}}), 7, 100),
                  Verdict::kForeignVlan);
        EXPECT_EQ(verdict_of(tagged({{outer_type, 100}}), 7, 100), Verdict::kForeignVlan);
        EXPECT_EQ(verdict_of(tagged({{outer_type, 100}, {0x8100, 7}, {0x8100, 7}}), 7, 100),
                  Verdict::kForeignVlan);
    }
    expect_payload(tagged({{0x88A8, 0xE000}, {0x8100, 7}}), fields.payload, 7);  // a priority
    EXPECT_EQ(verdict_of(tagged({{0x8100, 7}}), 7, 100), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({{0x8100, 7}, {0x8100, 100}}), 7, 100), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({{0x88A8, 100}, {0x88A8, 7}}), 7, 100), Verdict::kForeignVlan);
    EXPECT_EQ(verdict_of(tagged({}), 7, 100), Verdict::kForeignVlan);
    const Bytes whole = tagged({{0x88A8, 100}, {0x8100, 7}});
    for (std::size_t octets = 14; octets < 22; ++octets) {
        const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(octets));
        EXPECT_EQ(verdict_of(cut, 7, 100), Verdict::kShortFrame) << octets;
    }
}

TEST(Inspect, TrustsWhatTheDeviceSaysOfChecksums) {
    const Service service = test_service();
    const Bytes good = udp_frame_v4();
    const Bytes bad_udp = v4_with([](FrameFields& fields) { fields.udp.checksum = 0x1234; });
    const Bytes bad_ip = v4_with([](FrameFields& fields) { fields.ipv4.checksum = 0x1234; });
    const Bytes no_udp = v4_with([](FrameFields& fields) { fields.udp.checksum = 0; });
    const Bytes no_udp_v6 = v6_with([](FrameFields& fields) { fields.udp.checksum = 0; });
    const auto unknown = ChecksumState::kUnknown;
    const auto kGood = ChecksumState::kGood;
    const auto kBad = ChecksumState::kBad;
    EXPECT_EQ(inspect_exactly(bad_udp, service, unknown, kGood).kind, FrameKind::kDatagram);
    EXPECT_EQ(inspect_exactly(bad_ip, service, kGood, unknown).kind, FrameKind::kDatagram);
    EXPECT_EQ(inspect_exactly(good, service, unknown, kBad).verdict, Verdict::kBadUdpChecksum);
    EXPECT_EQ(inspect_exactly(good, service, kBad, unknown).verdict, Verdict::kBadIpChecksum);
    EXPECT_EQ(inspect_exactly(no_udp, service, unknown, kBad).kind, FrameKind::kDatagram);
    EXPECT_EQ(inspect_exactly(no_udp_v6, service, unknown, kGood).verdict,
              Verdict::kBadUdpChecksum);
}

struct Fault {
    const char* what;
    Bytes frame;
    Verdict verdict;
};

void expect_verdicts(const std::vector<Fault>& faults) {
    for (const Fault& fault : faults) {
        EXPECT_EQ(name(verdict_of(fault.frame)), name(fault.verdict)) << fault.what;
    }
}

TEST(Inspect, NamesFaultsOfTheLink) {
    const auto to = [](base::MacAddress mac) {
        return [mac](FrameFields& fields) { fields.ethernet.destination = mac; };
    };
    const auto type = [](std::uint16_t value) {
        return [value](FrameFields& fields) { fields.ethernet.type = value; };
    };
    const base::MacAddress group{0x33, 0x33, 0xFF, 0, 0, 0x53};
    expect_verdicts({
        {"empty", {}, Verdict::kShortFrame},
        {"another host", v4_with(to({2, 0, 0x5E, 0, 0, 0x54})), Verdict::kForeignMac},
        {"UDP by broadcast", v4_with(to(support::kBroadcastMac)), Verdict::kForeignMac},
        {"UDP by broadcast", v6_with(to(support::kBroadcastMac)), Verdict::kForeignMac},
        {"UDP by multicast", v4_with(to(group)), Verdict::kForeignMac},
        {"UDP by multicast", v6_with(to(group)), Verdict::kForeignMac},
        {"all nodes", v6_with(to({0x33, 0x33, 0, 0, 0, 1})), Verdict::kForeignMac},
        {"LLDP", v4_with(type(0x88CC)), Verdict::kForeignEthertype},
        {"a length, not a type", v4_with(type(0x0026)), Verdict::kForeignEthertype},
        {"group as source",
         v4_with([](FrameFields& fields) {
             fields.ethernet.source = {3, 0, 0, 0, 0, 1};
         }),
         Verdict::kBadSourceAddress},
        {"group as source",
         v6_with([](FrameFields& fields) {
             fields.ethernet.source = {3, 0, 0, 0, 0, 1};
         }),
         Verdict::kBadSourceAddress},
        {"IPv6 in a frame of IPv4", v6_with(type(0x0800)), Verdict::kBadIpHeader},
        {"IPv4 in a frame of IPv6", v4_with(type(0x86DD)), Verdict::kBadIpHeader},
    });
}

TEST(Inspect, NamesFaultsOfTheIpv4Header) {
    const auto version = [](std::uint8_t value) {
        return v4_with([value](FrameFields& fields) { fields.ipv4.version_and_length = value; });
    };
    const auto total = [](std::uint16_t value) {
        return v4_with([value](FrameFields& fields) { fields.ipv4.total_length = value; });
    };
    const auto fragment = [](std::uint16_t value) {
        return v4_with([value](FrameFields& fields) { fields.ipv4.fragment = value; });
    };
    expect_verdicts({
        {"version 5", version(0x55), Verdict::kBadIpHeader},
        {"header of 16 octets", version(0x44), Verdict::kBadIpHeader},
        {"header of 0 octets", version(0x40), Verdict::kBadIpHeader},
        {"header longer than the packet",
         v4_with([](FrameFields& fields) {
             fields.payload = {};
             fields.ipv4.version_and_length = 0x4F;
         }),
         Verdict::kBadIpHeader},
        {"total length 0", total(0), Verdict::kBadIpHeader},
        {"total length 19", total(19), Verdict::kBadIpHeader},
        {"total length one too long", total(20 + 8 + 29 + 1), Verdict::kBadIpHeader},
        {"total length 65535", total(65535), Verdict::kBadIpHeader},
        {"total length leaves no UDP header", total(27), Verdict::kBadUdpLength},
        {"total length cuts the datagram", total(20 + 8 + 28), Verdict::kBadUdpLength},
        {"header checksum",
         v4_with([](FrameFields& fields) { fields.ipv4.checksum = 0x4321; }),
         Verdict::kBadIpChecksum},
        {"checksum over options",
         v4_with([](FrameFields& fields) {
             fields.ipv4.options = {1, 1, 1, 1};
             fields.ipv4.checksum = 0;
         }),
         Verdict::kBadIpChecksum},
        {"first fragment", fragment(0x2000), Verdict::kFragment},
        {"last fragment", fragment(0x0001), Verdict::kFragment},
        {"far fragment", fragment(0x1FFF), Verdict::kFragment},
        {"TCP",
         v4_with([](FrameFields& fields) { fields.ipv4.protocol = 6; }),
         Verdict::kForeignProtocol},
        {"ICMPv6 over IPv4",
         v4_with([](FrameFields& fields) { fields.ipv4.protocol = 58; }),
         Verdict::kForeignProtocol},
    });
    EXPECT_EQ(inspect_exactly(fragment(0x0000), test_service()).kind, FrameKind::kDatagram);
    EXPECT_EQ(inspect_exactly(fragment(0x8000), test_service()).kind, FrameKind::kDatagram);
}

TEST(Inspect, NamesFaultsOfTheIpv6Header) {
    const auto length = [](std::uint16_t value) {
        return v6_with([value](FrameFields& fields) { fields.ipv6.payload_length = value; });
    };
    const auto next = [](std::uint8_t value) {
        return v6_with([value](FrameFields& fields) { fields.ipv6.next_header = value; });
    };
    expect_verdicts({
        {"version 4",
         v6_with([](FrameFields& fields) { fields.ipv6.first_word = 0x40000000; }),
         Verdict::kBadIpHeader},
        {"payload length one too long", length(8 + 29 + 1), Verdict::kBadIpHeader},
        {"payload length 65535", length(65535), Verdict::kBadIpHeader},
        {"payload length 0", length(0), Verdict::kBadUdpLength},
        {"payload length leaves no UDP header", length(7), Verdict::kBadUdpLength},
        {"payload length cuts the datagram", length(8 + 28), Verdict::kBadUdpLength},
        {"TCP", next(6), Verdict::kForeignProtocol},
        {"no next header", next(59), Verdict::kForeignProtocol},
        {"ICMP over IPv6", next(1), Verdict::kForeignProtocol},
        {"ESP", next(50), Verdict::kForeignProtocol},
        {"fragment", next(44), Verdict::kFragment},
        {"routing header", next(43), Verdict::kTooManyExtensions},
    });
}

TEST(Inspect, NamesFaultsOfExtensionHeaders) {
    const auto with = [](std::vector<Extension> extensions) {
        return v6_with([&](FrameFields& fields) { fields.ipv6.extensions = extensions; });
    };
    expect_verdicts({
        {"hop-by-hop second", with({{60, {}, {}}, {0, {}, {}}}), Verdict::kTooManyExtensions},
        {"hop-by-hop twice", with({{0, {}, {}}, {0, {}, {}}}), Verdict::kTooManyExtensions},
        {"fragment behind options", with({{60, {}, {}}, {44, {}, {}}}), Verdict::kFragment},
        {"routing behind options", with({{0, {}, {}}, {43, {}, {}}}), Verdict::kTooManyExtensions},
        {"unknown option: drop", with({{60, {0x40, 0}, {}}}), Verdict::kTooManyExtensions},
        {"unknown option: drop and tell", with({{60, {0x80, 0}, {}}}), Verdict::kTooManyExtensions},
        {"unknown option: drop, tell all",
         with({{0, {0xC2, 4, 0, 0, 0, 0}, {}}}),
         Verdict::kTooManyExtensions},
        {"option beyond its header", with({{60, {5, 5}, {}}}), Verdict::kBadIpHeader},
        {"option without a length", with({{60, {0, 0, 0, 0, 0, 5}, {}}}), Verdict::kBadIpHeader},
        {"header beyond the packet", with({{60, {}, 255}}), Verdict::kBadIpHeader},
        {"more options than the cap",
         with({{60, Bytes(kMaxExtensionOptions + 6), {}}}),
         Verdict::kTooManyExtensions},
    });
    EXPECT_EQ(inspect_exactly(with({{60, Bytes(14), {}}}), test_service()).kind,
              FrameKind::kDatagram);
    const Bytes cut = v6_with([](FrameFields& fields) {
        fields.ipv6.extensions = {{60, {}, {}}};
        fields.ipv6.payload_length = 7;
    });
    EXPECT_EQ(verdict_of(cut), Verdict::kBadIpHeader);
}

TEST(Inspect, NamesFaultsOfAddresses) {
    const auto v4 = [](std::string_view source, std::string_view destination) {
        return v4_with([=](FrameFields& fields) {
            fields.ipv4.source = source;
            fields.ipv4.destination = destination;
        });
    };
    const auto v6 = [](std::string_view source, std::string_view destination) {
        return v6_with([=](FrameFields& fields) {
            fields.ipv6.source = source;
            fields.ipv6.destination = destination;
        });
    };
    for (const char* destination :
         {"192.0.2.55", "192.0.2.255", "255.255.255.255", "224.0.0.251", "0.0.0.0"}) {
        EXPECT_EQ(verdict_of(v4(support::kPeerV4, destination)), Verdict::kForeignAddress)
            << destination;
    }
    for (const char* destination : {"2001:db8::55",
                                    "ff02::1",
                                    "ff02::1:ff00:55",
                                    "::",
                                    "ff02::1:ff00:53"}) {  // the last one is a group of ours
        EXPECT_EQ(verdict_of(v6(support::kPeerV6, destination)), Verdict::kForeignAddress)
            << destination;
    }
    for (const char* source : {"0.0.0.0",
                               "127.0.0.1",
                               "224.0.0.1",
                               "255.255.255.255",
                               "192.0.2.53",
                               "192.0.2.54",
                               "192.0.2.255"}) {
        EXPECT_EQ(verdict_of(v4(source, support::kOurV4)), Verdict::kBadSourceAddress) << source;
    }
    for (const char* source : {"::", "::1", "ff02::1", "2001:db8::53", "2001:db8::54"}) {
        EXPECT_EQ(verdict_of(v6(source, support::kOurV6)), Verdict::kBadSourceAddress) << source;
    }
    // Addresses whose ARP and NDP the kernel answers are served like the others.
    EXPECT_EQ(inspect_exactly(v4(support::kPeerV4, "192.0.2.54"), test_service()).kind,
              FrameKind::kDatagram);
    EXPECT_EQ(inspect_exactly(v6(support::kPeerV6, "2001:db8::54"), test_service()).kind,
              FrameKind::kDatagram);
}

TEST(Inspect, NamesFaultsOfUdp) {
    using Change = std::function<void(FrameFields&)>;
    const std::vector<std::pair<Change, Verdict>> faults{
        {[](FrameFields& fields) { fields.udp.length = 0; }, Verdict::kBadUdpLength},
        {[](FrameFields& fields) { fields.udp.length = 7; }, Verdict::kBadUdpLength},
        {[](FrameFields& fields) { fields.udp.length = 8 + 29 + 1; }, Verdict::kBadUdpLength},
        {[](FrameFields& fields) { fields.udp.length = 65535; }, Verdict::kBadUdpLength},
        {[](FrameFields& fields) {
             fields.udp.length = 8 + 29 + 1;
             fields.padding_octets = 10;  // padding is no payload
         },
         Verdict::kBadUdpLength},
        {[](FrameFields& fields) { fields.udp.checksum = 0xFFFF; }, Verdict::kBadUdpChecksum},
        {[](FrameFields& fields) { fields.udp.checksum = 0x0001; }, Verdict::kBadUdpChecksum},
        {[](FrameFields& fields) { fields.udp.destination_port = 54; }, Verdict::kForeignPort},
        {[](FrameFields& fields) { fields.udp.destination_port = 0x3500; }, Verdict::kForeignPort},
        {[](FrameFields& fields) { fields.udp.source_port = 0; }, Verdict::kBadSourcePort},
    };
    for (const auto& [change, verdict] : faults) {
        EXPECT_EQ(name(verdict_of(v4_with(change))), name(verdict));
        EXPECT_EQ(name(verdict_of(v6_with(change))), name(verdict));
    }
    const Change no_checksum = [](FrameFields& fields) { fields.udp.checksum = 0; };
    expect_payload(v4_with(no_checksum), FrameFields{}.payload);
    EXPECT_EQ(verdict_of(v6_with(no_checksum)), Verdict::kBadUdpChecksum);
    const Change from_port_53 = [](FrameFields& fields) { fields.udp.source_port = 53; };
    expect_payload(v4_with(from_port_53), FrameFields{}.payload);
}

TEST(Inspect, SeesEveryFlippedBitOfTheDatagram) {
    for (const Bytes& frame : {udp_frame_v4(), udp_frame_v6()}) {
        for (std::size_t at = 14; at < frame.size(); ++at) {
            for (unsigned bit = 0; bit < 8; ++bit) {
                Bytes flipped = frame;
                flipped[at] = static_cast<std::uint8_t>(flipped[at] ^ (1U << bit));
                const bool outside_checksums =
                    frame[12] == 0x86 && (at < 18 || at == 21) && (at != 14 || bit < 4);
                EXPECT_EQ(inspect_exactly(flipped, test_service()).kind == FrameKind::kDatagram,
                          outside_checksums)
                    << at << ' ' << bit;  // class, flow label and hop limit are under no checksum
            }
        }
    }
}

/// Cut anywhere, a frame is dropped, and under a name that a short frame may have.
TEST(Inspect, NeverReadsBeyondATruncatedFrame) {
    FrameFields long_v4;
    long_v4.ethernet.tags = {{0x8100, 7}};
    long_v4.ipv4.options = Bytes(8, 1);
    FrameFields long_v6;
    long_v6.ethernet.tags = {{0x8100, 7}};
    long_v6.ipv6.extensions = {{0, {5, 2, 0, 0}, {}}, {60, {}, {}}};
    FrameFields tagged;
    tagged.ethernet.tags = {{0x8100, 7}};
    FrameFields solicitation = support::solicitation_fields();
    solicitation.ethernet.tags = {{0x8100, 7}};
    EthernetFields broadcast{support::kBroadcastMac};
    broadcast.tags = {{0x8100, 7}};
    const Service service = test_service(7);
    for (const Bytes& frame : {udp_frame_v4(tagged),
                               udp_frame_v6(tagged),
                               udp_frame_v4(long_v4),
                               udp_frame_v6(long_v6),
                               arp_frame({}, broadcast),
                               icmp_frame_v4(support::echo_request(false), tagged),
                               icmp_frame_v6(support::echo_request(true), tagged),
                               solicitation_frame({}, solicitation)}) {
        ASSERT_NE(inspect_exactly(frame, service).kind, FrameKind::kDropped);
        for (std::size_t octets = 0; octets < frame.size(); ++octets) {
            const Bytes cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(octets));
            const Inspection inspection = inspect_exactly(cut, service);
            ASSERT_EQ(inspection.kind, FrameKind::kDropped) << octets;
            if (octets == 14) {
                continue;  // a whole Ethernet header without its tag's
            }
            EXPECT_TRUE(inspection.verdict == Verdict::kShortFrame ||
                        inspection.verdict == Verdict::kBadIpHeader)
                << octets << ' ' << name(inspection.verdict);
        }
    }
}

/// The order of verdict.h, one fault after another mended.
TEST(Inspect, NamesTheFirstOfSeveralFaults) {
    FrameFields fields;
    fields.ethernet.destination = support::kPeerMac;
    fields.ethernet.tags = {{0x8100, 9}};
    fields.ethernet.type = 0x88CC;
    fields.ethernet.source = {3, 0, 0, 0, 0, 1};
    fields.ipv4.total_length = 1000;
    fields.ipv4.checksum = 0x4321;
    fields.ipv4.destination = "192.0.2.99";
    fields.ipv4.fragment = 0x2000;
    fields.ipv4.options = {131, 3, 4, 0};
    fields.ipv4.protocol = 6;
    fields.udp.length = 7;
    fields.udp.destination_port = 54;
    fields.ipv4.source = "127.0.0.1";
    fields.udp.source_port = 0;
    fields.udp.checksum = 0x1234;
    const std::vector<std::pair<Verdict, std::function<void()>>> mending{
        {Verdict::kForeignMac, [&] { fields.ethernet.destination = support::kOurMac; }},
        {Verdict::kForeignVlan, [&] { fields.ethernet.tags = {}; }},
        {Verdict::kForeignEthertype, [&] { fields.ethernet.type = {}; }},
        {Verdict::kBadIpHeader, [&] { fields.ipv4.total_length = {}; }},
        {Verdict::kBadIpChecksum, [&] { fields.ipv4.checksum = {}; }},
        {Verdict::kForeignAddress, [&] { fields.ipv4.destination = support::kOurV4; }},
        {Verdict::kFragment, [&] { fields.ipv4.fragment = 0; }},
        {Verdict::kBadIpOptions, [&] { fields.ipv4.options = {}; }},
        {Verdict::kForeignProtocol, [&] { fields.ipv4.protocol = {}; }},
        {Verdict::kBadUdpLength, [&] { fields.udp.length = {}; }},
        {Verdict::kForeignPort, [&] { fields.udp.destination_port = 53; }},
        {Verdict::kBadSourceAddress, [&] { fields.ipv4.source = support::kPeerV4; }},
        {Verdict::kBadSourceAddress, [&] { fields.ethernet.source = support::kPeerMac; }},
        {Verdict::kBadSourcePort, [&] { fields.udp.source_port = 40000; }},
        {Verdict::kBadUdpChecksum, [&] { fields.udp.checksum = {}; }},
    };
    for (std::size_t i = 0; i < mending.size(); ++i) {
        EXPECT_EQ(name(verdict_of(udp_frame_v4(fields))), name(mending[i].first)) << i;
        if (i > 0) {
            EXPECT_GE(mending[i].first, mending[i - 1].first) << "verdict.h has another order";
        }
        mending[i].second();
    }
    EXPECT_EQ(inspect_exactly(udp_frame_v4(fields), test_service()).kind, FrameKind::kDatagram);
}

}  // namespace
}  // namespace understudy::net
