#pragma once

#include <understudy/base/octets.h>
#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::crypto {

/// Of SHA-1, the one algorithm that NSEC3 has (RFC 5155 §11).
inline constexpr std::size_t kNsec3HashOctets = 20;

using Nsec3Hash = std::array<std::uint8_t, kNsec3HashOctets>;

/// Hashes a name as NSEC3 owners are hashed: SHA-1 over name and salt, then `iterations` times over
/// the digest and salt (RFC 5155 §5). `name`: uncompressed and in lower case. Any thread; allocates
/// nothing.
[[nodiscard]] Nsec3Hash nsec3_hash(base::Octets name,
                                   base::Octets salt,
                                   std::uint16_t iterations) noexcept;

}  // namespace understudy::crypto
