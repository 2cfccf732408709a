#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <understudy/net/frame.h>
#include <understudy/net/service.h>
#include <cstddef>
#include <optional>

namespace understudy::net {

/// Octets of a neighbour advertisement with two tags and our link-layer address: what a buffer must
/// hold.
inline constexpr std::size_t kMaxAdvertisementFrameOctets = kMaxLinkHeaderOctets + 40 + 32;

/// Turns a neighbour solicitation for a service address into the advertisement that answers it (RFC
/// 4861, section 7.2.4): override, our link-layer address, to the MAC address that it came from.
/// One without a source is duplicate address detection: all nodes are told, without the solicited
/// flag.
///
/// REQUIRES: `buffer` begins with the frame whose inspection (kNeighbourSolicitation) gave `view`,
/// and has at least kMaxAdvertisementFrameOctets.
ReplyFrame make_advertisement(base::MutableOctets buffer,
                              const FrameView& view,
                              const Service& service) noexcept;

/// Writes an advertisement nobody asked for, to all nodes, that tells them who has `address` now
/// (RFC 4861, section 7.2.6) and returns its length.
///
/// REQUIRES: an IPv6 address; at least kMaxAdvertisementFrameOctets in `buffer`.
std::size_t make_unsolicited_advertisement(base::MutableOctets buffer,
                                           const Service& service,
                                           const base::IpAddress& address) noexcept;

// The asking side.

/// Octets of a tagged solicitation.
inline constexpr std::size_t kSolicitationFrameOctets = 18 + 40 + 32;

/// Writes a neighbour solicitation for `target` in the name of `source`, to the target's
/// solicited-node group (RFC 4861, section 7.2.2), and returns its length. `link`: our MAC address
/// and VLAN.
///
/// REQUIRES: IPv6 addresses; at least kSolicitationFrameOctets in `buffer`.
std::size_t make_solicitation(base::MutableOctets buffer,
                              const Service::Settings& link,
                              const base::IpAddress& source,
                              const base::IpAddress& target) noexcept;

/// The MAC address that an untagged neighbour advertisement for `target` brings; absent: the frame
/// is none, or a broken one.
[[nodiscard]] std::optional<base::MacAddress> mac_from_advertisement(
    base::Octets frame, const base::IpAddress& target) noexcept;

}  // namespace understudy::net
