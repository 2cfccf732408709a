#include <understudy/net/ndp.h>

#include <understudy/base/check.h>
#include <array>

#include "net/ip_packet.h"
#include "net/layout.h"
#include "net/link_frame.h"

namespace understudy::net {
namespace {

using base::MacAddress;
using stats::Verdict;
namespace ethernet = layout::ethernet;
namespace icmp = layout::icmp;
namespace ipv6 = layout::ipv6;
namespace ndp = layout::ndp;

using AddressOctets = std::array<std::uint8_t, ipv6::kAddressOctets>;

constexpr AddressOctets kUnspecified{};
constexpr AddressOctets kAllNodes{0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01};
constexpr MacAddress kAllNodesMac{0x33, 0x33, 0, 0, 0, 0x01};

AddressOctets copy_address(const std::uint8_t* at) noexcept {
    AddressOctets address{};
    std::memcpy(address.data(), at, address.size());
    return address;
}

/// Options of a solicitation: each at least eight octets long and inside the message. Whoever has
/// no address yet must not claim a link-layer address.
bool are_options_good(base::Octets options, bool is_unspecified) noexcept {
    while (!options.empty()) {
        if (options.size() < ndp::kOptionUnit) {
            return false;
        }
        const std::size_t octets = options[1] * ndp::kOptionUnit;
        if (octets == 0 || octets > options.size() ||
            (is_unspecified && options[0] == ndp::kSourceLinkLayer)) {
            return false;
        }
        options = options.subspan(octets);
    }
    return true;
}

/// An advertisement's way and flags.
struct Advertisement {
    AddressOctets destination;
    AddressOctets target;
    std::uint32_t flags;
};

/// Writes IPv6 header and message at `l3_offset` and returns the frame's length.
std::size_t write_advertisement(std::uint8_t* frame,
                                std::size_t l3_offset,
                                const MacAddress& mac,
                                const Advertisement& advertisement) noexcept {
    std::uint8_t* header = frame + l3_offset;
    base::store_be32(header + ipv6::kVersion, ipv6::kVersionWord);
    base::store_be16(header + ipv6::kPayloadLength, ndp::kAdvertisementOctets);
    header[ipv6::kNextHeader] = layout::protocol::kIcmpv6;
    header[ipv6::kHopLimit] = ndp::kHopLimit;
    std::memcpy(header + ipv6::kSource, advertisement.target.data(), advertisement.target.size());
    std::memcpy(header + ipv6::kDestination,
                advertisement.destination.data(),
                advertisement.destination.size());

    std::uint8_t* message = header + ipv6::kOctets;
    message[icmp::kType] = icmp::kNeighbourAdvertisement;
    message[icmp::kCode] = 0;
    base::store_be16(message + icmp::kChecksum, 0);
    base::store_be32(message + ndp::kFlags, advertisement.flags);
    std::memcpy(message + ndp::kTarget, advertisement.target.data(), advertisement.target.size());
    message[ndp::kOptions] = ndp::kTargetLinkLayer;
    message[ndp::kOptions + 1] = 1;  // in units of eight octets
    std::memcpy(message + ndp::kOptions + 2, mac.data(), mac.size());

    const InternetSum sum =
        pseudo_header_sum_v6(
            header + ipv6::kSource, layout::protocol::kIcmpv6, ndp::kAdvertisementOctets) +
        InternetSum::of_fixed<ndp::kAdvertisementOctets>(message);
    base::store_be16(message + icmp::kChecksum, sum.checksum());
    return l3_offset + ipv6::kOctets + ndp::kAdvertisementOctets;
}

}  // namespace

Inspection inspect_solicitation(IpPacket packet, const Service& service) noexcept {
    if (packet.l4_octets() < ndp::kOptions) {
        return dropped(Verdict::kBadNdp);
    }
    const std::uint8_t* message = packet.l4();
    if (!service.answers_v6(message + ndp::kTarget)) {
        return dropped(Verdict::kForeignAddress);
    }
    const bool is_unspecified = copy_address(packet.source()) == kUnspecified;
    if (packet.has_group_mac() || (!is_unspecified && service.refuses_source_v6(packet.source()))) {
        return dropped(Verdict::kBadSourceAddress);
    }
    if (!is_icmpv6_intact(packet)) {
        return dropped(Verdict::kBadIcmpChecksum);
    }
    // RFC 4861, section 7.1.1; a multicast target is no service address.
    const base::Octets options{message + ndp::kOptions, packet.l4_octets() - ndp::kOptions};
    if (packet.l3()[ipv6::kHopLimit] != ndp::kHopLimit || message[icmp::kCode] != 0 ||
        !are_options_good(options, is_unspecified) || (is_unspecified && !packet.to_group)) {
        return dropped(Verdict::kBadNdp);
    }
    return {FrameKind::kNeighbourSolicitation,
            Verdict::kNdpReply,
            packet.view(packet.l4_octets() - icmp::kOctets)};
}

ReplyFrame make_advertisement(base::MutableOctets buffer,
                              const FrameView& view,
                              const Service& service) noexcept {
    UNDERSTUDY_CHECK(buffer.size() >= kMaxAdvertisementFrameOctets);
    std::uint8_t* frame = buffer.data();
    Advertisement advertisement{copy_address(frame + view.l3_offset + ipv6::kSource),
                                copy_address(frame + view.l4_offset + ndp::kTarget),
                                ndp::kOverride | ndp::kSolicited};
    turn_link_header(frame, service.settings().mac);
    if (advertisement.destination == kUnspecified) {
        advertisement.destination = kAllNodes;
        advertisement.flags = ndp::kOverride;
        std::memcpy(frame + ethernet::kDestination, kAllNodesMac.data(), kAllNodesMac.size());
    }
    return {0,
            static_cast<std::uint32_t>(
                write_advertisement(frame, view.l3_offset, service.settings().mac, advertisement))};
}

std::size_t make_unsolicited_advertisement(base::MutableOctets buffer,
                                           const Service& service,
                                           const base::IpAddress& address) noexcept {
    UNDERSTUDY_CHECK(address.is_v6() && buffer.size() >= kMaxAdvertisementFrameOctets);
    const Service::Settings& settings = service.settings();
    const std::size_t l3_offset =
        write_link_header(buffer.data(), kAllNodesMac, settings, ethernet::kTypeIpv6);
    return write_advertisement(buffer.data(),
                               l3_offset,
                               settings.mac,
                               {kAllNodes, copy_address(address.octets().data()), ndp::kOverride});
}

}  // namespace understudy::net
