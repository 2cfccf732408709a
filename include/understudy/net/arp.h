#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <understudy/net/frame.h>
#include <understudy/net/service.h>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace understudy::net {

/// Octets of the longest ARP frame that we send: one with two tags.
inline constexpr std::size_t kMaxArpFrameOctets = kMaxLinkHeaderOctets + 28;

/// Turns an ARP request for a service address into its reply (RFC 826). A probe of somebody who
/// wants the address for himself (sender 0.0.0.0, RFC 5227) is answered alike, which defends it.
/// The frame goes to the MAC address that the request came from.
///
/// REQUIRES: `buffer` begins with the frame whose inspection (kArpRequest) gave `view`.
ReplyFrame make_arp_reply(base::MutableOctets buffer,
                          const FrameView& view,
                          const Service& service) noexcept;

/// Writes a broadcast that tells the link who has `address` now (RFC 5227, section 2.3: a request
/// for one's own address) and returns its length.
///
/// REQUIRES: an IPv4 address; at least kMaxArpFrameOctets in `buffer`.
std::size_t make_gratuitous_arp(base::MutableOctets buffer,
                                const Service& service,
                                const base::IpAddress& address) noexcept;

// The asking side.

/// Writes a broadcast that asks for the MAC address of `target` in the name of `sender`, and
/// returns its length. `link`: our MAC address and VLAN; its service addresses do not matter.
///
/// REQUIRES: IPv4 addresses; at least kMaxArpFrameOctets in `buffer`.
std::size_t make_arp_request(base::MutableOctets buffer,
                             const Service::Settings& link,
                             const base::IpAddress& sender,
                             const base::IpAddress& target) noexcept;

/// The MAC address that an untagged ARP reply of `sender` brings; absent: the frame is none.
[[nodiscard]] std::optional<base::MacAddress> mac_from_arp_reply(
    base::Octets frame, const base::IpAddress& sender) noexcept;

}  // namespace understudy::net
