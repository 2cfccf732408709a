#pragma once

#include <understudy/base/octets.h>

namespace understudy::net {

/// Whether the options of an IPv4 header (RFC 791, section 3.1) may be passed over: each lies
/// within the header, there are no more than kMaxIpv4Options, and none is a source route, which no
/// honest query has (RFC 7126, section 4.3). What follows the end of options is padding. Any octets
/// will do.
[[nodiscard]] bool are_ipv4_options_good(base::Octets options) noexcept;

}  // namespace understudy::net
