#include <understudy/net/frame.h>

#include "net/ip_packet.h"
#include "net/ipv4_options.h"
#include "net/ipv6_extensions.h"
#include "net/layout.h"

namespace understudy::net {
namespace {

using base::ChecksumState;
using base::load_be16;
using stats::Verdict;
namespace ethernet = layout::ethernet;
namespace ipv4 = layout::ipv4;
namespace ipv6 = layout::ipv6;
namespace protocol = layout::protocol;
namespace udp = layout::udp;

[[gnu::always_inline]] inline bool is_udp_intact(const IpPacket& packet,
                                                 std::uint16_t length,
                                                 ChecksumState state) noexcept {
    if (load_be16(packet.l4() + udp::kChecksum) == 0) {
        return !packet.v6;  // "none" over IPv4; over IPv6 there must be one
    }
    if (state != ChecksumState::kUnknown) {
        return state == ChecksumState::kGood;
    }
    return (packet.pseudo_header(protocol::kUdp, length) + InternetSum::of({packet.l4(), length}))
        .is_intact();
}

/// Inlined into each family's function, where the compiler knows the offsets.
[[gnu::always_inline]] inline Inspection inspect_udp(const IpPacket& packet,
                                                     ChecksumState state,
                                                     const Service& service) noexcept {
    if (packet.l4_octets() < udp::kOctets) {
        return dropped(Verdict::kBadUdpLength);
    }
    const std::uint8_t* header = packet.l4();
    const std::uint16_t length = load_be16(header + udp::kLength);
    if (length < udp::kOctets || length > packet.l4_octets()) {
        return dropped(Verdict::kBadUdpLength);
    }
    if (load_be16(header + udp::kDestinationPort) != service.settings().udp_port) {
        return dropped(Verdict::kForeignPort);
    }
    if (packet.has_bad_source(service)) {
        return dropped(Verdict::kBadSourceAddress);
    }
    if (load_be16(header + udp::kSourcePort) == 0) {
        return dropped(Verdict::kBadSourcePort);
    }
    if (!is_udp_intact(packet, length, state)) {
        return dropped(Verdict::kBadUdpChecksum);
    }
    return {FrameKind::kDatagram, Verdict::kShortMessage, packet.view(length - udp::kOctets)};
}

inline bool is_ipv4_header_intact(base::Octets header, ChecksumState state) noexcept {
    if (state != ChecksumState::kUnknown) {
        return state == ChecksumState::kGood;
    }
    InternetSum sum = InternetSum::of_fixed<ipv4::kOctets>(header.data());
    if (header.size() > ipv4::kOctets) [[unlikely]] {
        sum += InternetSum::of(header.subspan(ipv4::kOctets));
    }
    return sum.is_intact();
}

inline Inspection inspect_ipv4(base::Octets frame,
                               std::size_t l3_offset,
                               ChecksumState ip_state,
                               ChecksumState udp_state,
                               const Service& service) noexcept {
    const base::Octets rest = frame.subspan(l3_offset);
    if (rest.size() < ipv4::kOctets) {
        return dropped(Verdict::kShortFrame);
    }
    const std::uint8_t* header = rest.data();
    const std::size_t header_octets = std::size_t{header[ipv4::kVersionAndLength] & 0x0FU} * 4;
    const std::size_t total_octets = load_be16(header + ipv4::kTotalLength);
    if (header[ipv4::kVersionAndLength] >> 4 != 4 || header_octets < ipv4::kOctets ||
        total_octets < header_octets || total_octets > rest.size()) {
        return dropped(Verdict::kBadIpHeader);
    }
    if (!is_ipv4_header_intact(rest.first(header_octets), ip_state)) {
        return dropped(Verdict::kBadIpChecksum);
    }
    if (!service.serves_v4(header + ipv4::kDestination)) {
        return dropped(Verdict::kForeignAddress);
    }
    if ((load_be16(header + ipv4::kFragment) & ipv4::kMoreFragmentsOrOffset) != 0) {
        return dropped(Verdict::kFragment);
    }
    if (header_octets > ipv4::kOctets &&
        !are_ipv4_options_good(rest.first(header_octets).subspan(ipv4::kOctets))) [[unlikely]] {
        return dropped(Verdict::kBadIpOptions);
    }
    const IpPacket packet{
        frame.first(l3_offset + total_octets), l3_offset, l3_offset + header_octets, false, false};
    switch (header[ipv4::kProtocol]) {
        case protocol::kUdp:
            return inspect_udp(packet, udp_state, service);
        case protocol::kIcmp:
            return inspect_icmp(packet, service);
        default:
            return dropped(Verdict::kForeignProtocol);
    }
}

/// The verdict that ends a walk over extension headers early.
Verdict verdict_of(ExtensionWalk::End end) noexcept {
    switch (end) {
        case ExtensionWalk::End::kFragment:
            return Verdict::kFragment;
        case ExtensionWalk::End::kUnskippable:
            return Verdict::kTooManyExtensions;
        default:
            return Verdict::kBadIpHeader;
    }
}

/// Everything but plain UDP. Apart to keep its calls out of the hot function.
[[gnu::noinline]] Inspection inspect_ipv6_other(IpPacket packet,
                                                ChecksumState udp_state,
                                                const Service& service) noexcept {
    const ExtensionWalk walk =
        walk_extensions(packet.frame, packet.l4_offset, packet.l3()[ipv6::kNextHeader]);
    if (walk.end != ExtensionWalk::End::kUpperLayer) {
        return dropped(verdict_of(walk.end));
    }
    packet.l4_offset = walk.offset;
    if (walk.protocol == protocol::kIcmpv6) {
        return inspect_icmpv6(packet, service);
    }
    if (packet.to_group) {
        return dropped(Verdict::kForeignAddress);
    }
    return walk.protocol == protocol::kUdp ? inspect_udp(packet, udp_state, service)
                                           : dropped(Verdict::kForeignProtocol);
}

inline Inspection inspect_ipv6(base::Octets frame,
                               std::size_t l3_offset,
                               Reach reach,
                               ChecksumState udp_state,
                               const Service& service) noexcept {
    const base::Octets rest = frame.subspan(l3_offset);
    if (rest.size() < ipv6::kOctets) {
        return dropped(Verdict::kShortFrame);
    }
    const std::uint8_t* header = rest.data();
    const std::size_t total_octets = ipv6::kOctets + load_be16(header + ipv6::kPayloadLength);
    if (header[ipv6::kVersion] >> 4 != 6 || total_octets > rest.size()) {
        return dropped(Verdict::kBadIpHeader);
    }
    const bool to_group = !service.serves_v6(header + ipv6::kDestination);
    if (to_group && !service.is_solicited_node_group(header + ipv6::kDestination)) {
        return dropped(Verdict::kForeignAddress);
    }
    if (!to_group && reach != Reach::kOurs) {
        return dropped(Verdict::kForeignMac);  // a service address does not travel by multicast
    }
    const IpPacket packet{frame.first(l3_offset + total_octets),
                          l3_offset,
                          l3_offset + ipv6::kOctets,
                          true,
                          to_group};
    if (header[ipv6::kNextHeader] == protocol::kUdp && !to_group) [[likely]] {
        return inspect_udp(packet, udp_state, service);
    }
    return inspect_ipv6_other(packet, udp_state, service);
}

/// What stands before the network layer.
struct LinkHeader {
    std::size_t octets;
    std::uint16_t type;   // of what follows
    std::uint32_t vlans;  // as Service::vlans
    bool is_cut;          // the frame ends within a tag
};

constexpr bool is_tag(std::uint16_t type) noexcept {
    return type == ethernet::kTypeVlan || type == ethernet::kTypeServiceVlan ||
           type == ethernet::kTypeOldServiceVlan;
}

/// Reads up to two tags. A type that is a tag's still means a tag that we do not read.
inline LinkHeader read_tags(base::Octets frame, LinkHeader link) noexcept {
    const auto take = [&] {
        link.is_cut = frame.size() < link.octets + ethernet::kTagOctets;
        if (!link.is_cut) {
            const std::uint8_t* tag = frame.data() + link.octets;
            link.vlans = link.vlans << 16U | (load_be16(tag) & ethernet::kVlanMask);
            link.type = load_be16(tag + sizeof link.type);
            link.octets += ethernet::kTagOctets;
        }
    };
    const bool is_single = link.type == ethernet::kTypeVlan;
    take();
    if (!link.is_cut && link.type == ethernet::kTypeVlan) {
        take();
    } else if (!is_single && !link.is_cut) {
        link.type = ethernet::kTypeServiceVlan;  // no 802.1Q tag behind it
    }
    return link;
}

}  // namespace

Inspection inspect(base::Octets frame,
                   ChecksumState ip,
                   ChecksumState udp,
                   const Service& service) noexcept {
    if (frame.size() < ethernet::kOctets) {
        return dropped(Verdict::kShortFrame);
    }
    const Reach reach = service.reach(frame.data() + ethernet::kDestination);
    if (reach == Reach::kForeign) {
        return dropped(Verdict::kForeignMac);
    }
    LinkHeader link{ethernet::kOctets, load_be16(frame.data() + ethernet::kEtherType), 0, false};
    if (is_tag(link.type)) {
        link = read_tags(frame, link);
        if (link.is_cut) {
            return dropped(Verdict::kShortFrame);
        }
    }
    if (link.vlans != service.vlans() || is_tag(link.type)) {
        return dropped(Verdict::kForeignVlan);
    }
    const std::size_t l3_offset = link.octets;
    switch (link.type) {
        case ethernet::kTypeIpv4:
            return reach == Reach::kOurs ? inspect_ipv4(frame, l3_offset, ip, udp, service)
                                         : dropped(Verdict::kForeignMac);
        case ethernet::kTypeIpv6:
            return reach != Reach::kBroadcast ? inspect_ipv6(frame, l3_offset, reach, udp, service)
                                              : dropped(Verdict::kForeignMac);
        case ethernet::kTypeArp:
            return reach != Reach::kSolicitedNode ? inspect_arp(frame, l3_offset, service)
                                                  : dropped(Verdict::kForeignMac);
        default:
            return dropped(Verdict::kForeignEthertype);
    }
}

}  // namespace understudy::net
