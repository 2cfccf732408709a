#pragma once

#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "records.h"

namespace understudy::bench {

/// How a zone denies that a name exists.
enum class Chain : std::uint8_t {
    kNone,
    kNsec,   // RFC 4034
    kNsec3,  // RFC 5155: SHA-1, no iterations, no salt (RFC 9276 §3.1)
};

/// Signs a zone on its way into another sink: DNSKEY, a signature for each RRset, the chain of
/// denial. Signatures have the length of ECDSA P-256's (RFC 6605 §4) but are a mere digest of what
/// they cover, so that a check can tell whether a record stands in an answer as it was signed.
///
/// REQUIRES: RRsets of one record each, the records of a name together, no name more than one label
/// below the apex, no delegation.
class Signer final : public RecordSink {
  public:
    Signer(RecordSink& into, wire::NameView apex, Chain chain);

    void add(wire::NameView owner,
             wire::Type type,
             std::uint32_t ttl_s,
             base::Octets rdata) override;

    /// Writes what no record asked for: the keys, and the chain over all names that came.
    void finish(std::uint32_t negative_ttl_s);

  private:
    /// One name's place in the chain.
    struct Link {
        std::string key;  // what the chain is ordered by: the label below the apex, or the hash
        std::uint64_t types = 0;  // bit by type
    };

    void sign(wire::NameView owner, wire::Type type, std::uint32_t ttl_s, base::Octets rdata);
    void join(wire::NameView owner, wire::Type type);
    void write_nsec(const Link& link, const Link& next, std::uint32_t ttl_s);
    void write_nsec3(const Link& link, const Link& next, std::uint32_t ttl_s);

    RecordSink& into_;
    wire::Name apex_;
    Chain chain_;
    wire::Name last_owner_;
    std::vector<Link> links_;
};

/// The signature's rdata for an RRset of one record.
[[nodiscard]] std::vector<std::uint8_t> rrsig_rdata(wire::NameView owner,
                                                    wire::NameView apex,
                                                    wire::Type type,
                                                    std::uint32_t original_ttl_s,
                                                    base::Octets rdata);

/// The hash of a name as NSEC3 has it: 20 octets.
[[nodiscard]] std::string nsec3_hash(wire::NameView name);

/// The label of an NSEC3 record: base32hex in lower case (RFC 4648 §7).
[[nodiscard]] std::string nsec3_label(std::string_view hash);

}  // namespace understudy::bench
