#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <understudy/zone/key_buffer.h>
#include <cstddef>
#include <cstdint>
#include <span>

namespace understudy::zone {

// A name of a zone as a string of octets whose order, by memcmp and then by length, is the
// canonical order of names (RFC 4034 §6.1): its labels below the apex, that next to the apex first,
// in lower case, with a 0 between them. The apex' key is empty.
//
// Nothing needs an escape: upper case letters do not occur, so the octets below `A` move up by one
// and leave 0 to the separators, which sort before whatever a longer label has.

/// The key of the name that has `labels` (each with its length, in any case, no root) in front of
/// the apex. REQUIRES: whole labels, at most 254 octets.
void to_canonical_key(base::Octets labels, KeyBuffer& key) noexcept;

/// The labels of which `key` was made, in lower case; returns how many octets they take.
[[nodiscard]] std::size_t from_canonical_key(
    base::Octets key, std::span<std::uint8_t, wire::kMaxNameOctets> labels) noexcept;

}  // namespace understudy::zone
