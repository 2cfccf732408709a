#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace understudy::zone {

/// 64 x 64 to 128 bits, both halves folded: the mixing step of the wyhash family.
[[nodiscard]] inline std::uint64_t mix(std::uint64_t left, std::uint64_t right) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// The first `count` octets at `at`, of which eight are readable, with nothing of the others.
/// REQUIRES: 0 < count <= 8.
[[nodiscard]] inline std::uint64_t load_part(const std::uint8_t* at, std::size_t count) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    return word << (64 - 8 * count) % 64;
}

}  // namespace understudy::zone
