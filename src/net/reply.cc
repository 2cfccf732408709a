#include <understudy/net/reply.h>

#include <understudy/base/check.h>
#include <array>
#include <bit>
#include <cstring>

#include "net/layout.h"
#include "net/reply_headers.h"

namespace understudy::net {
namespace {

using base::load_be32;
using base::store_be16;
using base::store_be32;
namespace ethernet = layout::ethernet;
namespace ipv4 = layout::ipv4;
namespace ipv6 = layout::ipv6;
namespace protocol = layout::protocol;
namespace udp = layout::udp;

constexpr std::uint8_t kReplyHopLimit = 64;

/// Ethernet header and tag, `shift` octets further on than the query's, MAC addresses swapped. They
/// pass through registers: sixteen octets are there to be read, for an IP header follows.
inline void move_link_header(std::uint8_t* frame, std::size_t shift, std::size_t octets) noexcept {
    constexpr std::uint64_t kMacMask = 0xFFFF'FFFF'FFFF;
    std::uint64_t destination = 0;
    std::uint64_t source = 0;
    std::memcpy(&source, frame + ethernet::kDestination, sizeof source);
    std::memcpy(&destination, frame + ethernet::kSource, sizeof destination);
    std::uint8_t* reply = frame + shift;
    if (shift != 0) [[unlikely]] {
        std::memmove(reply + ethernet::kEtherType,
                     frame + ethernet::kEtherType,
                     octets - ethernet::kEtherType);
    }
    const std::uint64_t first = (destination & kMacMask) | source << 48U;
    const auto last = static_cast<std::uint32_t>(source >> 16U);
    std::memcpy(reply, &first, sizeof first);
    std::memcpy(reply + sizeof first, &last, sizeof last);
}

[[gnu::always_inline]] inline ReplyHeaders write_ipv4(std::uint8_t* buffer,
                                                      const FrameView& view,
                                                      std::uint8_t protocol,
                                                      std::size_t l4_octets) noexcept {
    const std::uint8_t* query = buffer + view.l3_offset;
    std::uint64_t addresses = 0;
    static_assert(sizeof addresses == 2 * ipv4::kAddressOctets);
    std::memcpy(&addresses, query + ipv4::kSource, sizeof addresses);

    const auto shift = static_cast<std::uint32_t>(view.l4_offset - ipv4::kOctets - view.l3_offset);
    move_link_header(buffer, shift, view.l3_offset);

    std::uint8_t* header = buffer + view.l4_offset - ipv4::kOctets;
    store_be16(header + ipv4::kVersionAndLength, ipv4::kVersionWithoutOptions << 8);
    store_be16(header + ipv4::kTotalLength, static_cast<std::uint16_t>(ipv4::kOctets + l4_octets));
    store_be16(header + ipv4::kIdentification, 0);
    store_be16(header + ipv4::kFragment, ipv4::kDontFragment);
    header[ipv4::kTimeToLive] = kReplyHopLimit;
    header[ipv4::kProtocol] = protocol;
    addresses = std::rotl(addresses, 32);
    std::memcpy(header + ipv4::kSource, &addresses, sizeof addresses);

    const InternetSum addresses_sum =
        InternetSum::of_fixed<2 * ipv4::kAddressOctets>(header + ipv4::kSource);
    constexpr InternetSum kConstants = InternetSum::of_word(ipv4::kVersionWithoutOptions << 8) +
                                       InternetSum::of_word(ipv4::kDontFragment) +
                                       InternetSum::of_word(kReplyHopLimit << 8);
    const InternetSum sum =
        kConstants + InternetSum::of_word(protocol) +
        InternetSum::of_word(static_cast<std::uint16_t>(ipv4::kOctets + l4_octets)) + addresses_sum;
    store_be16(header + ipv4::kChecksum, sum.checksum());
    return {shift,
            addresses_sum + InternetSum::of_word(protocol) +
                InternetSum::of_word(static_cast<std::uint16_t>(l4_octets))};
}

[[gnu::always_inline]] inline ReplyHeaders write_ipv6(std::uint8_t* buffer,
                                                      const FrameView& view,
                                                      std::uint8_t protocol,
                                                      std::size_t l4_octets) noexcept {
    const std::uint8_t* query = buffer + view.l3_offset;
    std::array<std::uint8_t, ipv6::kAddressOctets> destination{};
    std::array<std::uint8_t, ipv6::kAddressOctets> source{};
    std::memcpy(destination.data(), query + ipv6::kSource, destination.size());
    std::memcpy(source.data(), query + ipv6::kDestination, source.size());

    const auto shift = static_cast<std::uint32_t>(view.l4_offset - ipv6::kOctets - view.l3_offset);
    move_link_header(buffer, shift, view.l3_offset);

    std::uint8_t* header = buffer + view.l4_offset - ipv6::kOctets;
    store_be32(header + ipv6::kVersion, ipv6::kVersionWord);
    store_be16(header + ipv6::kPayloadLength, static_cast<std::uint16_t>(l4_octets));
    header[ipv6::kNextHeader] = protocol;
    header[ipv6::kHopLimit] = kReplyHopLimit;
    std::memcpy(header + ipv6::kSource, source.data(), source.size());
    std::memcpy(header + ipv6::kDestination, destination.data(), destination.size());
    return {shift,
            pseudo_header_sum_v6(
                header + ipv6::kSource, protocol, static_cast<std::uint16_t>(l4_octets))};
}

/// Inlined where the protocol is known.
[[gnu::always_inline]] inline ReplyHeaders write_headers(std::uint8_t* buffer,
                                                         const FrameView& view,
                                                         std::uint8_t protocol,
                                                         std::size_t l4_octets) noexcept {
    return view.v6 ? write_ipv6(buffer, view, protocol, l4_octets)
                   : write_ipv4(buffer, view, protocol, l4_octets);
}

/// A checksum of 0 would say that there is none (RFC 768).
inline std::uint16_t udp_checksum(InternetSum sum) noexcept {
    const std::uint16_t checksum = sum.checksum();
    return checksum == 0 ? std::uint16_t{0xFFFF} : checksum;
}

/// All of a UDP reply but its checksum.
struct UdpReply {
    ReplyFrame frame;
    std::uint8_t* header;
    InternetSum pseudo_header;
    InternetSum header_sum;  // the checksum taken as 0
};

inline UdpReply write_udp_reply(base::MutableOctets buffer,
                                const FrameView& view,
                                std::size_t payload_octets) noexcept {
    UNDERSTUDY_CHECK(payload_octets <= kMaxReplyPayloadOctets &&
                     view.payload_offset + payload_octets <= buffer.size());
    const std::size_t l4_octets = udp::kOctets + payload_octets;
    const ReplyHeaders headers = write_headers(buffer.data(), view, protocol::kUdp, l4_octets);
    std::uint8_t* header = buffer.data() + view.l4_offset;
    const std::uint32_t ports = std::rotl(load_be32(header + udp::kSourcePort), 16);
    store_be32(header + udp::kSourcePort, ports);
    store_be16(header + udp::kLength, static_cast<std::uint16_t>(l4_octets));
    return {
        {headers.frame_offset,
         static_cast<std::uint32_t>(view.payload_offset + payload_octets) - headers.frame_offset},
        header,
        headers.pseudo_header,
        InternetSum::of_word(static_cast<std::uint16_t>(ports >> 16)) +
            InternetSum::of_word(static_cast<std::uint16_t>(ports)) +
            InternetSum::of_word(static_cast<std::uint16_t>(l4_octets))};
}

}  // namespace

ReplyHeaders write_reply_headers(std::uint8_t* buffer,
                                 const FrameView& view,
                                 std::uint8_t protocol,
                                 std::size_t l4_octets) noexcept {
    return write_headers(buffer, view, protocol, l4_octets);
}

ReplyFrame make_udp_reply(base::MutableOctets buffer,
                          const FrameView& view,
                          std::size_t payload_octets,
                          ChecksumMode mode) noexcept {
    if (mode == ChecksumMode::kSoftware) {
        UNDERSTUDY_CHECK(view.payload_offset + payload_octets <= buffer.size());
        return make_udp_reply(buffer,
                              view,
                              payload_octets,
                              InternetSum::of(buffer.subspan(view.payload_offset, payload_octets)));
    }
    const UdpReply reply = write_udp_reply(buffer, view, payload_octets);
    store_be16(reply.header + udp::kChecksum, reply.pseudo_header.folded());
    return reply.frame;
}

ReplyFrame make_udp_reply(base::MutableOctets buffer,
                          const FrameView& view,
                          std::size_t payload_octets,
                          InternetSum payload_sum) noexcept {
    const UdpReply reply = write_udp_reply(buffer, view, payload_octets);
    store_be16(reply.header + udp::kChecksum,
               udp_checksum(reply.pseudo_header + reply.header_sum + payload_sum));
    return reply.frame;
}

}  // namespace understudy::net
