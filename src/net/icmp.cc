#include <understudy/net/icmp.h>

#include "net/ip_packet.h"
#include "net/layout.h"
#include "net/reply_headers.h"

namespace understudy::net {
namespace {

using stats::Verdict;
namespace icmp = layout::icmp;

/// An echo request to an address that we answer for: what is left is to judge it.
Inspection inspect_echo(const IpPacket& packet, bool intact, const Service& service) noexcept {
    if (packet.has_bad_source(service)) {
        return dropped(Verdict::kBadSourceAddress);
    }
    if (!intact) {
        return dropped(Verdict::kBadIcmpChecksum);
    }
    return {FrameKind::kEchoRequest,
            Verdict::kEchoReply,
            packet.view(packet.l4_octets() - icmp::kOctets)};
}

bool is_echo_request(const IpPacket& packet, std::uint8_t type) noexcept {
    return packet.l4_octets() >= icmp::kOctets && packet.l4()[icmp::kType] == type &&
           packet.l4()[icmp::kCode] == 0;
}

/// Of a message that is zero throughout the checksum is 0xFFFF, which RFC 1624's equation, not
/// knowing the other words, gives as 0.
void mend_zero_checksum(base::MutableOctets message) noexcept {
    if (InternetSum::of(message).folded() == 0) {
        base::store_be16(message.data() + icmp::kChecksum, 0xFFFF);
    }
}

}  // namespace

Inspection inspect_icmp(IpPacket packet, const Service& service) noexcept {
    if (!is_echo_request(packet, icmp::kEchoRequest) ||
        !service.answers_v4(packet.l3() + layout::ipv4::kDestination)) {
        return dropped(Verdict::kForeignProtocol);
    }
    const bool intact = InternetSum::of({packet.l4(), packet.l4_octets()}).is_intact();
    return inspect_echo(packet, intact, service);
}

Inspection inspect_icmpv6(IpPacket packet, const Service& service) noexcept {
    if (packet.l4_octets() >= icmp::kOctets &&
        packet.l4()[icmp::kType] == icmp::kNeighbourSolicitation) {
        return inspect_solicitation(packet, service);
    }
    if (packet.to_group) {
        return dropped(Verdict::kForeignAddress);
    }
    if (!is_echo_request(packet, icmp::kEchoRequestV6) ||
        !service.answers_v6(packet.l3() + layout::ipv6::kDestination)) {
        return dropped(Verdict::kForeignProtocol);
    }
    return inspect_echo(packet, is_icmpv6_intact(packet), service);
}

ReplyFrame make_echo_reply(base::MutableOctets buffer, const FrameView& view) noexcept {
    const std::size_t l4_octets = icmp::kOctets + view.payload_octets;
    const ReplyHeaders headers =
        write_reply_headers(buffer.data(),
                            view,
                            view.v6 ? layout::protocol::kIcmpv6 : layout::protocol::kIcmp,
                            l4_octets);
    std::uint8_t* message = buffer.data() + view.l4_offset;
    const std::uint16_t before = base::load_be16(message + icmp::kType);  // type and code, a word
    message[icmp::kType] = view.v6 ? icmp::kEchoReplyV6 : icmp::kEchoReply;
    const std::uint16_t after = base::load_be16(message + icmp::kType);
    base::store_be16(message + icmp::kChecksum,
                     updated_checksum(base::load_be16(message + icmp::kChecksum), before, after));
    if (InternetSum::of({message, icmp::kOctets}).folded() == 0) [[unlikely]] {
        mend_zero_checksum({message, l4_octets});
    }
    return {headers.frame_offset,
            static_cast<std::uint32_t>(view.l4_offset + l4_octets) - headers.frame_offset};
}

}  // namespace understudy::net
