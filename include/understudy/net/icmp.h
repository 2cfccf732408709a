#pragma once

#include <understudy/base/octets.h>
#include <understudy/net/frame.h>

namespace understudy::net {

/// Turns an ICMP or ICMPv6 echo request into its reply (RFC 792, RFC 4443 section 4.2), with
/// headers like those of make_udp_reply. Identifier, sequence and data stay, so the checksum
/// follows from the change of type. How many a second are answered is the caller's affair.
///
/// REQUIRES: `buffer` begins with the frame whose inspection (kEchoRequest) gave `view`.
ReplyFrame make_echo_reply(base::MutableOctets buffer, const FrameView& view) noexcept;

}  // namespace understudy::net
