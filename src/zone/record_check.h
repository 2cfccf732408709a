#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <cstdint>

namespace understudy::zone {

/// Whether such a record may stand in a zone: no meta type, rdata of the type's form.
[[nodiscard]] base::Expected<void> check_record(wire::NameView owner,
                                                wire::Type type,
                                                base::Octets rdata);

[[nodiscard]] base::Expected<void> check_in_zone(wire::NameView owner, wire::NameView apex);

/// A TTL as it is kept: one above kMaxTtl counts as 0 (RFC 2181 §8).
[[nodiscard]] std::uint32_t kept_ttl(std::uint32_t ttl_s) noexcept;

}  // namespace understudy::zone
