#pragma once

#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace understudy::model {

inline constexpr std::uint8_t kSha1 = 1;        // the one hash algorithm of NSEC3 (RFC 5155 §11)
inline constexpr std::uint8_t kOptOut = 1;      // in the flags of an NSEC3 record
inline constexpr std::size_t kHashOctets = 20;  // of SHA-1

using Hash = std::vector<std::uint8_t>;

/// How a chain hashes its names (RFC 5155 §5).
struct HashParameters {
    std::uint8_t algorithm = kSha1;
    std::uint16_t iterations = 0;  // beyond the first
    std::vector<std::uint8_t> salt;

    bool operator==(const HashParameters&) const = default;
};

/// REQUIRES: the algorithm is SHA-1.
[[nodiscard]] Hash hash(const wire::Name& name, const HashParameters& parameters);

/// base32hex without padding, in lower case (RFC 4648 §7).
[[nodiscard]] std::string to_base32hex(const Hash& hash);

/// The reverse; empty where the text is none of a SHA-1 hash.
[[nodiscard]] Hash from_base32hex(std::string_view text);

}  // namespace understudy::model
