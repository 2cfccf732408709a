#include <understudy/net/arp.h>

#include <understudy/base/check.h>
#include <algorithm>
#include <array>

#include "net/ip_packet.h"
#include "net/layout.h"
#include "net/link_frame.h"

namespace understudy::net {
namespace {

using base::load_be16;
using base::MacAddress;
using stats::Verdict;
namespace arp = layout::arp;
namespace ethernet = layout::ethernet;
namespace ipv4 = layout::ipv4;

/// Ethernet and IPv4, with addresses of 6 and 4 octets.
constexpr std::array<std::uint8_t, 6> kHardwareAndProtocol{0, 1, 0x08, 0x00, 6, 4};

bool is_zero(const std::uint8_t* at, std::size_t octets) noexcept {
    return std::all_of(at, at + octets, [](std::uint8_t octet) { return octet == 0; });
}

/// A sender that could be asking: an IPv4 host with a MAC address of its own. A probe (RFC 5227)
/// has no IPv4 address yet.
bool has_good_sender(const std::uint8_t* packet, const Service& service) noexcept {
    const std::uint8_t* mac = packet + arp::kSenderMac;
    const std::uint8_t* address = packet + arp::kSenderAddress;
    const bool is_probe = is_zero(address, ipv4::kAddressOctets);
    return (mac[0] & 1U) == 0 && !is_zero(mac, ethernet::kMacOctets) &&
           (is_probe || !service.refuses_source_v4(address));
}

void write_sender(std::uint8_t* packet,
                  const MacAddress& mac,
                  std::span<const std::uint8_t> address) noexcept {
    std::memcpy(packet + arp::kSenderMac, mac.data(), mac.size());
    std::memcpy(packet + arp::kSenderAddress, address.data(), address.size());
}

}  // namespace

Inspection inspect_arp(base::Octets frame, std::size_t l3_offset, const Service& service) noexcept {
    const base::Octets rest = frame.subspan(l3_offset);
    if (rest.size() < arp::kOctets) {
        return dropped(Verdict::kShortFrame);
    }
    const std::uint8_t* packet = rest.data();
    const std::uint16_t operation = load_be16(packet + arp::kOperation);
    if (!std::ranges::equal(kHardwareAndProtocol, rest.first(kHardwareAndProtocol.size()))) {
        return dropped(Verdict::kBadArp);
    }
    if (operation != arp::kRequest) {
        return dropped(operation == arp::kReply ? Verdict::kForeignArp : Verdict::kBadArp);
    }
    if (!service.answers_v4(packet + arp::kTargetAddress)) {
        return dropped(Verdict::kForeignAddress);
    }
    if ((frame[ethernet::kSource] & 1U) != 0 || !has_good_sender(packet, service)) {
        return dropped(Verdict::kBadSourceAddress);
    }
    FrameView view;
    view.l3_offset = static_cast<std::uint32_t>(l3_offset);
    return {FrameKind::kArpRequest, Verdict::kArpReply, view};
}

ReplyFrame make_arp_reply(base::MutableOctets buffer,
                          const FrameView& view,
                          const Service& service) noexcept {
    const MacAddress& mac = service.settings().mac;
    turn_link_header(buffer.data(), mac);
    std::uint8_t* packet = buffer.data() + view.l3_offset;
    std::array<std::uint8_t, ipv4::kAddressOctets> ours{};
    std::memcpy(ours.data(), packet + arp::kTargetAddress, ours.size());
    std::memcpy(packet + arp::kTargetMac,
                packet + arp::kSenderMac,
                ethernet::kMacOctets + ipv4::kAddressOctets);
    write_sender(packet, mac, ours);
    base::store_be16(packet + arp::kOperation, arp::kReply);
    return {0, static_cast<std::uint32_t>(view.l3_offset + arp::kOctets)};
}

std::size_t make_gratuitous_arp(base::MutableOctets buffer,
                                const Service& service,
                                const base::IpAddress& address) noexcept {
    return make_arp_request(buffer, service.settings(), address, address);
}

std::size_t make_arp_request(base::MutableOctets buffer,
                             const Service::Settings& settings,
                             const base::IpAddress& sender,
                             const base::IpAddress& target) noexcept {
    UNDERSTUDY_CHECK(!sender.is_v6() && !target.is_v6() && buffer.size() >= kMaxArpFrameOctets);
    constexpr MacAddress kEverybody{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    const std::size_t l3_offset =
        write_link_header(buffer.data(), kEverybody, settings, ethernet::kTypeArp);
    std::uint8_t* packet = buffer.data() + l3_offset;
    std::memcpy(packet, kHardwareAndProtocol.data(), kHardwareAndProtocol.size());
    base::store_be16(packet + arp::kOperation, arp::kRequest);
    write_sender(packet, settings.mac, sender.octets());
    std::memset(packet + arp::kTargetMac, 0, ethernet::kMacOctets);
    std::memcpy(packet + arp::kTargetAddress, target.octets().data(), ipv4::kAddressOctets);
    return l3_offset + arp::kOctets;
}

std::optional<MacAddress> mac_from_arp_reply(base::Octets frame,
                                             const base::IpAddress& sender) noexcept {
    if (frame.size() < ethernet::kOctets + arp::kOctets || sender.is_v6() ||
        load_be16(frame.data() + ethernet::kEtherType) != ethernet::kTypeArp) {
        return std::nullopt;
    }
    const std::uint8_t* packet = frame.data() + ethernet::kOctets;
    if (!std::equal(kHardwareAndProtocol.begin(), kHardwareAndProtocol.end(), packet) ||
        load_be16(packet + arp::kOperation) != arp::kReply ||
        !std::ranges::equal(sender.octets(),
                            base::Octets(packet + arp::kSenderAddress, ipv4::kAddressOctets))) {
        return std::nullopt;
    }
    MacAddress mac{};
    std::memcpy(mac.data(), packet + arp::kSenderMac, mac.size());
    const bool usable = (mac[0] & 1U) == 0 && !is_zero(mac.data(), mac.size());
    return usable ? std::optional(mac) : std::nullopt;
}

}  // namespace understudy::net
