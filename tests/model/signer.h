#pragma once

#include "model/nsec3_hash.h"
#include "model/zone.h"

namespace understudy::model {

enum class Chain : std::uint8_t { kNone, kNsec, kNsec3 };

/// How a zone is signed.
struct Signing {
    Chain chain = Chain::kNsec;
    bool opt_out = false;            // no NSEC3 for what is insecure (RFC 5155 §6)
    HashParameters parameters = {};  // of NSEC3
    bool minimum_as_ttl = false;     // of the chain, as before RFC 9077
    unsigned keys = 1;               // each makes a signature of every RRset
};

/// The zone with a DNSKEY RRset, a chain after RFC 4034 §4 or RFC 5155 §7.1 and RRSIGs. All of an
/// RRSIG is as it has to be but the signature, whose octets only tell one from another; what a
/// signer must not sign has none. An unsigned zone (kNone) stays as it is. REQUIRES: `zone` has no
/// record of DNSSEC but DS.
[[nodiscard]] Zone sign(const Zone& zone, const Signing& signing);

/// Adds to a signed zone a further NSEC3 chain with its RRSIGs, but no NSEC3PARAM: one that is
/// being made or taken away.
[[nodiscard]] Zone with_spare_chain(const Zone& unsigned_zone, Zone zone, const Signing& signing);

}  // namespace understudy::model
