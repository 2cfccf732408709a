#pragma once

#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <cstdint>
#include <vector>

/// What a zone answers, in the slowest and plainest way: lists, searched from front to end. It
/// shares nothing with the server but names and numbers, so that the two do not err alike.
namespace understudy::model {

inline constexpr wire::Type kDnskey = 48;

struct Record {
    wire::Name owner;
    wire::Type type = 0;
    std::uint32_t ttl_s = 0;
    std::vector<std::uint8_t> rdata;  // uncompressed

    bool operator==(const Record&) const = default;
};

using Records = std::vector<Record>;

/// REQUIRES: an SOA at the apex, and what RFC 1034 §3.6.2 asks of CNAMEs.
struct Zone {
    wire::Name apex;
    Records records;
};

/// The name with `label` put before it.
[[nodiscard]] wire::Name below(const wire::Name& name, const std::vector<std::uint8_t>& label);

/// `*` directly below the name.
[[nodiscard]] wire::Name wildcard_below(const wire::Name& name);

/// The type that an RRSIG covers. REQUIRES: it is one.
[[nodiscard]] wire::Type covered_type(const Record& rrsig);

/// The records of this type at this name, with the lowest of their TTLs (RFC 2181 §5.2); RRSIGs
/// have a TTL for each type that they cover (RFC 4034 §3).
[[nodiscard]] Records rrset(const Zone& zone, const wire::Name& owner, wire::Type type);

/// The RRSIGs that cover it.
[[nodiscard]] Records signatures(const Zone& zone, const wire::Name& owner, wire::Type type);

[[nodiscard]] bool has(const Zone& zone, const wire::Name& owner, wire::Type type);

/// The name owns records, or names below it do (RFC 4592 §2.2.2). NSEC3 records and their RRSIGs
/// make no name exist (RFC 5155 §7.2.8).
[[nodiscard]] bool exists(const Zone& zone, const wire::Name& name);

/// An NSEC3 or an RRSIG of one.
[[nodiscard]] bool is_of_hashed_name(const Record& record);

}  // namespace understudy::model
