#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>

namespace understudy::base {

/// Octets as they stand on the wire, most significant first.
using Octets = std::span<const std::uint8_t>;
using MutableOctets = std::span<std::uint8_t>;

static_assert(std::endian::native == std::endian::little, "the byte order helpers swap");

// REQUIRES of all: as many readable (load) or writable (store) octets at `at` as the name says; no
// alignment.

[[nodiscard]] inline std::uint16_t load_be16(const std::uint8_t* at) noexcept {
    std::uint16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap16(value);
}

[[nodiscard]] inline std::uint32_t load_be32(const std::uint8_t* at) noexcept {
    std::uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap32(value);
}

[[nodiscard]] inline std::uint64_t load_be64(const std::uint8_t* at) noexcept {
    std::uint64_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return __builtin_bswap64(value);
}

inline void store_be16(std::uint8_t* at, std::uint16_t value) noexcept {
    value = __builtin_bswap16(value);
    std::memcpy(at, &value, sizeof value);
}

inline void store_be32(std::uint8_t* at, std::uint32_t value) noexcept {
    value = __builtin_bswap32(value);
    std::memcpy(at, &value, sizeof value);
}

inline void store_be64(std::uint8_t* at, std::uint64_t value) noexcept {
    value = __builtin_bswap64(value);
    std::memcpy(at, &value, sizeof value);
}

}  // namespace understudy::base
