#pragma once

#include <understudy/zone/zone.h>
#include <memory>
#include <string>
#include <string_view>

/// Zones as a signer leaves them, but for the signatures: those are octets of no meaning.
namespace understudy::support {

/// The zone of this apex and master-file text, which brings its chain along, with an RRSIG for each
/// RRset that a signer signs: not for NS at a cut, not for glue.
[[nodiscard]] std::shared_ptr<const zone::Zone> make_signed_zone(std::string_view apex,
                                                                 std::string_view text);

/// The zone of RFC 4035 appendix A, with NSEC; MINIMUM and TTL of the SOA are 3600. For the
/// wildcard cases below it, `*.e` is an empty non-terminal.
extern const std::string_view kNsecZone;

/// The zone of RFC 5155 appendix A, with NSEC3 and opt-out.
extern const std::string_view kNsec3Zone;

/// What a response has, RRset by RRset, without TTLs and rdata:
///
///     NXDOMAIN aa
///     authority example. SOA signed
///     authority b.example. NSEC signed
///
/// Signatures that no RRset before them goes with stand as `RRSIG(A)`; owners are in lower case,
/// and of an NSEC3 owner's label the first 4 characters remain.
[[nodiscard]] std::string brief(std::string_view message_text);

}  // namespace understudy::support
