#pragma once

#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <understudy/net/service.h>
#include <understudy/stats/verdict.h>
#include <cstddef>
#include <cstdint>

namespace understudy::net {

/// What a received frame wants of us.
enum class FrameKind : std::uint8_t {
    kDatagram,               // UDP to the DNS service: the payload is the query
    kArpRequest,             // answered by make_arp_reply
    kNeighbourSolicitation,  // answered by make_advertisement
    kEchoRequest,            // ICMP or ICMPv6, answered by make_echo_reply
    kDropped,
};

/// Where the parts of a frame begin, in octets from its first. Valid for the frame that `inspect`
/// saw and as long as its headers are not changed.
struct FrameView {
    std::uint32_t l3_offset = 0;       // ARP or IP header: after Ethernet header and VLAN tags
    std::uint32_t l4_offset = 0;       // UDP or ICMP header; IP only
    std::uint32_t payload_offset = 0;  // DNS message, or what follows the ICMP header's 8 octets
    std::uint32_t payload_octets = 0;  // without Ethernet padding
    bool v6 = false;
};

struct Inspection {
    FrameKind kind = FrameKind::kDropped;

    /// The cause of a drop; of ARP, NDP and echo what it will be once the reply is sent. A
    /// datagram's verdict is the answer's: what stands here means nothing.
    stats::Verdict verdict = stats::Verdict::kShortFrame;

    FrameView view;  // not for kDropped
};

/// Where in the buffer a reply has come to stand: a reply whose headers are shorter than the
/// query's begins that much later, because its payload stays where it is.
struct ReplyFrame {
    std::uint32_t offset = 0;
    std::uint32_t length_octets = 0;
};

/// Ethernet with two tags.
inline constexpr std::size_t kMaxLinkHeaderOctets = 14 + 4 + 4;

/// Options of an IPv4 header, padding counted: what a walk over them may cost.
inline constexpr std::size_t kMaxIpv4Options = 16;

/// More extension headers than that no honest packet has (RFC 8504, section 5.3, wants a limit).
inline constexpr std::size_t kMaxExtensionHeaders = 4;

/// Options in one extension header, padding counted: what a walk over them may cost.
inline constexpr std::size_t kMaxExtensionOptions = 16;

/// Looks at a frame once, from its first octet on, and says what it wants. Any octets will do.
///
/// `ip` and `udp`: what the device found of IPv4 header's and UDP checksum; kUnknown is verified
/// here. ICMP checksums are always verified here, for devices say nothing of them.
///
/// A frame with several faults gets the verdict of the first in the order of stats/verdict.h: first
/// whatever makes it somebody else's (another host's or the kernel's, of which we are no judge),
/// then what is wrong with it. Ethernet padding and octets beyond the UDP length are ignored. One
/// 802.1Q tag is read, or two (802.1ad, "QinQ"), of which the inner one is of 802.1Q and the outer
/// one of any of the types in use; more are foreign. A tag of VLAN 0 carries a priority only (IEEE
/// 802.1Q) and counts as none.
///
/// Any thread; no allocation, lock, system call or exception.
[[nodiscard]] Inspection inspect(base::Octets frame,
                                 base::ChecksumState ip,
                                 base::ChecksumState udp,
                                 const Service& service) noexcept;

}  // namespace understudy::net
