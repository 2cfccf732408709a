#include <understudy/net/ndp.h>

#include <understudy/base/check.h>
#include <algorithm>
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

/// A solicitation or an advertisement, each with one option: the sender's link-layer address.
struct Message {
    std::uint8_t type;
    std::uint8_t option;
    AddressOctets source;
    AddressOctets destination;
    AddressOctets target;
    std::uint32_t flags;
};

Message advertisement_of(const AddressOctets& target,
                         const AddressOctets& destination,
                         std::uint32_t flags) noexcept {
    return {
        icmp::kNeighbourAdvertisement, ndp::kTargetLinkLayer, target, destination, target, flags};
}

/// Writes IPv6 header and message at `l3_offset` and returns the frame's length.
std::size_t write_message(std::uint8_t* frame,
                          std::size_t l3_offset,
                          const MacAddress& mac,
                          const Message& fields) noexcept {
    std::uint8_t* header = frame + l3_offset;
    base::store_be32(header + ipv6::kVersion, ipv6::kVersionWord);
    base::store_be16(header + ipv6::kPayloadLength, ndp::kAdvertisementOctets);
    header[ipv6::kNextHeader] = layout::protocol::kIcmpv6;
    header[ipv6::kHopLimit] = ndp::kHopLimit;
    std::memcpy(header + ipv6::kSource, fields.source.data(), fields.source.size());
    std::memcpy(header + ipv6::kDestination, fields.destination.data(), fields.destination.size());

    std::uint8_t* message = header + ipv6::kOctets;
    message[icmp::kType] = fields.type;
    message[icmp::kCode] = 0;
    base::store_be16(message + icmp::kChecksum, 0);
    base::store_be32(message + ndp::kFlags, fields.flags);
    std::memcpy(message + ndp::kTarget, fields.target.data(), fields.target.size());
    message[ndp::kOptions] = fields.option;
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
    Message advertisement = advertisement_of(copy_address(frame + view.l4_offset + ndp::kTarget),
                                             copy_address(frame + view.l3_offset + ipv6::kSource),
                                             ndp::kOverride | ndp::kSolicited);
    turn_link_header(frame, service.settings().mac);
    if (advertisement.destination == kUnspecified) {
        advertisement.destination = kAllNodes;
        advertisement.flags = ndp::kOverride;
        std::memcpy(frame + ethernet::kDestination, kAllNodesMac.data(), kAllNodesMac.size());
    }
    return {0,
            static_cast<std::uint32_t>(
                write_message(frame, view.l3_offset, service.settings().mac, advertisement))};
}

std::size_t make_unsolicited_advertisement(base::MutableOctets buffer,
                                           const Service& service,
                                           const base::IpAddress& address) noexcept {
    UNDERSTUDY_CHECK(address.is_v6() && buffer.size() >= kMaxAdvertisementFrameOctets);
    const Service::Settings& settings = service.settings();
    const std::size_t l3_offset =
        write_link_header(buffer.data(), kAllNodesMac, settings, ethernet::kTypeIpv6);
    return write_message(
        buffer.data(),
        l3_offset,
        settings.mac,
        advertisement_of(copy_address(address.octets().data()), kAllNodes, ndp::kOverride));
}

std::size_t make_solicitation(base::MutableOctets buffer,
                              const Service::Settings& settings,
                              const base::IpAddress& source,
                              const base::IpAddress& target) noexcept {
    UNDERSTUDY_CHECK(source.is_v6() && target.is_v6() && buffer.size() >= kSolicitationFrameOctets);
    // RFC 4291, section 2.7.1, and RFC 2464, section 7: the target's last three octets name both.
    AddressOctets group{0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0xFF};
    MacAddress group_mac{0x33, 0x33, 0xFF};
    constexpr std::size_t kGroupOctets = 3;
    const auto tail = target.octets().last(kGroupOctets);
    std::ranges::copy(tail, group.end() - kGroupOctets);
    std::ranges::copy(tail, group_mac.end() - kGroupOctets);
    const std::size_t l3_offset =
        write_link_header(buffer.data(), group_mac, settings, ethernet::kTypeIpv6);
    return write_message(buffer.data(),
                         l3_offset,
                         settings.mac,
                         {icmp::kNeighbourSolicitation,
                          ndp::kSourceLinkLayer,
                          copy_address(source.octets().data()),
                          group,
                          copy_address(target.octets().data()),
                          0});
}

std::optional<MacAddress> mac_from_advertisement(base::Octets frame,
                                                 const base::IpAddress& target) noexcept {
    constexpr std::size_t kOctets = ethernet::kOctets + ipv6::kOctets + ndp::kAdvertisementOctets;
    if (!target.is_v6() || frame.size() < kOctets ||
        base::load_be16(frame.data() + ethernet::kEtherType) != ethernet::kTypeIpv6) {
        return std::nullopt;
    }
    const std::uint8_t* header = frame.data() + ethernet::kOctets;
    const std::uint8_t* message = header + ipv6::kOctets;
    const std::size_t octets = base::load_be16(header + ipv6::kPayloadLength);
    if (header[ipv6::kNextHeader] != layout::protocol::kIcmpv6 ||
        header[ipv6::kHopLimit] != ndp::kHopLimit || octets < ndp::kAdvertisementOctets ||
        octets > frame.size() - ethernet::kOctets - ipv6::kOctets ||
        message[icmp::kType] != icmp::kNeighbourAdvertisement ||
        !std::ranges::equal(target.octets(),
                            base::Octets(message + ndp::kTarget, ipv6::kAddressOctets)) ||
        message[ndp::kOptions] != ndp::kTargetLinkLayer || message[ndp::kOptions + 1] != 1) {
        return std::nullopt;
    }
    const InternetSum sum =
        pseudo_header_sum_v6(
            header + ipv6::kSource, layout::protocol::kIcmpv6, static_cast<std::uint16_t>(octets)) +
        InternetSum::of({message, octets});
    MacAddress mac{};
    std::memcpy(mac.data(), message + ndp::kOptions + 2, mac.size());
    return sum.is_intact() && (mac[0] & 1U) == 0 ? std::optional(mac) : std::nullopt;
}

}  // namespace understudy::net
