#pragma once

#include <understudy/base/octets.h>
#include <understudy/net/checksum.h>
#include <understudy/net/frame.h>
#include <cstddef>
#include <cstdint>

namespace understudy::net {

/// Who computes the UDP checksum of a reply. The IPv4 header's is always complete: of its twenty
/// octets all but length and addresses are constants, so it costs next to nothing.
enum class ChecksumMode : std::uint8_t {
    kSoftware,
    kDevice,  // the field holds the pseudo header's sum, as offloading devices want it
};

// Both turn the frame of a query into that of its response, whose payload the caller has written
// over the query's. The frame goes back where it came from: MAC addresses, IP addresses and ports
// change places, a VLAN tag stays. Hop limit 64; IPv4 without options, never to be fragmented and
// so with identification 0 (RFC 6864); IPv6 without extension headers. Where the query had either,
// the reply's headers stand immediately before the payload and the frame begins later (`offset`):
// the payload never moves, and no option of a stranger (source route, record route) is ever echoed.
//
// REQUIRES: `buffer` begins with the frame whose inspection (kDatagram) gave `view` and holds the
// payload; payload_octets <= kMaxReplyPayloadOctets.

/// What fits into an IPv4 packet, which is less than into an IPv6 packet.
inline constexpr std::size_t kMaxReplyPayloadOctets = 65535 - 20 - 8;

ReplyFrame make_udp_reply(base::MutableOctets buffer,
                          const FrameView& view,
                          std::size_t payload_octets,
                          ChecksumMode mode) noexcept;

/// With the payload's sum known beforehand: its octets are not read.
ReplyFrame make_udp_reply(base::MutableOctets buffer,
                          const FrameView& view,
                          std::size_t payload_octets,
                          InternetSum payload_sum) noexcept;

}  // namespace understudy::net
