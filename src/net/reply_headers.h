#pragma once

#include <understudy/base/octets.h>
#include <understudy/net/checksum.h>
#include <understudy/net/frame.h>
#include <cstddef>
#include <cstdint>

namespace understudy::net {

/// Headers written before the upper-layer header of a reply.
struct ReplyHeaders {
    std::uint32_t frame_offset;  // where the reply's Ethernet header begins
    InternetSum pseudo_header;
};

/// Writes Ethernet, VLAN and IP headers of the reply to the frame in `buffer` immediately before
/// view.l4_offset: addresses swapped, hop limit 64, no options, no extension headers.
/// `l4_octets`: from there to the reply's end.
[[nodiscard]] ReplyHeaders write_reply_headers(std::uint8_t* buffer,
                                               const FrameView& view,
                                               std::uint8_t protocol,
                                               std::size_t l4_octets) noexcept;

}  // namespace understudy::net
