#pragma once

#include <understudy/base/octets.h>
#include <understudy/net/checksum.h>
#include <understudy/net/frame.h>
#include <understudy/net/service.h>
#include <cstddef>
#include <cstdint>

#include "net/layout.h"

namespace understudy::net {

/// An IP packet whose header and lengths have been checked and which is addressed to us.
struct IpPacket {
    base::Octets frame;     // from its first octet to the packet's last: without Ethernet padding
    std::size_t l3_offset;  // of the IP header
    std::size_t l4_offset;  // of what follows it and its options or extension headers
    bool v6;
    bool to_group;  // to a solicited-node group, not to a service address

    [[nodiscard]] const std::uint8_t* l3() const noexcept { return frame.data() + l3_offset; }
    [[nodiscard]] const std::uint8_t* l4() const noexcept { return frame.data() + l4_offset; }
    [[nodiscard]] std::size_t l4_octets() const noexcept { return frame.size() - l4_offset; }

    [[nodiscard]] const std::uint8_t* source() const noexcept {
        return l3() + (v6 ? layout::ipv6::kSource : layout::ipv4::kSource);
    }

    [[nodiscard]] InternetSum pseudo_header(std::uint8_t protocol,
                                            std::uint16_t length_octets) const noexcept {
        return v6 ? pseudo_header_sum_v6(source(), protocol, length_octets)
                  : pseudo_header_sum_v4(source(), protocol, length_octets);
    }

    /// A sender that no reply may go to: Ethernet or IP source.
    [[nodiscard]] [[gnu::always_inline]] bool has_bad_source(
        const Service& service) const noexcept {
        return has_group_mac() ||
               (v6 ? service.refuses_source_v6(source()) : service.refuses_source_v4(source()));
    }

    [[nodiscard]] bool has_group_mac() const noexcept {
        return (frame[layout::ethernet::kSource] & 1U) != 0;
    }

    /// What `inspect` returns of a packet with `payload_octets` after a header of eight.
    [[nodiscard]] FrameView view(std::size_t payload_octets) const noexcept {
        constexpr std::size_t kL4Octets = 8;
        static_assert(layout::udp::kOctets == kL4Octets && layout::icmp::kOctets == kL4Octets);
        return {static_cast<std::uint32_t>(l3_offset),
                static_cast<std::uint32_t>(l4_offset),
                static_cast<std::uint32_t>(l4_offset + kL4Octets),
                static_cast<std::uint32_t>(payload_octets),
                v6};
    }
};

[[nodiscard]] inline Inspection dropped(stats::Verdict cause) noexcept {
    return {FrameKind::kDropped, cause, {}};
}

// The parts of `inspect` that are not UDP, each beside its reply. They take the packet by value:
// its address given away would cost the hot path its registers.

[[nodiscard]] Inspection inspect_arp(base::Octets frame,
                                     std::size_t l3_offset,
                                     const Service& service) noexcept;
[[nodiscard]] Inspection inspect_icmp(IpPacket packet, const Service& service) noexcept;
[[nodiscard]] Inspection inspect_icmpv6(IpPacket packet, const Service& service) noexcept;

/// REQUIRES: at least an ICMP header; type and code of a neighbour solicitation's are not looked
/// at.
[[nodiscard]] Inspection inspect_solicitation(IpPacket packet, const Service& service) noexcept;

/// Whether an ICMPv6 message's checksum is right.
[[nodiscard]] inline bool is_icmpv6_intact(const IpPacket& packet) noexcept {
    const auto length = static_cast<std::uint16_t>(packet.l4_octets());
    return (packet.pseudo_header(layout::protocol::kIcmpv6, length) +
            InternetSum::of({packet.l4(), packet.l4_octets()}))
        .is_intact();
}

}  // namespace understudy::net
