#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace understudy::zone {

/// 32 octets at once: one register where the machine has it, several where not.
inline constexpr std::size_t kWordOctets = 32;
using OctetWord = std::uint8_t __attribute__((vector_size(kWordOctets)));

[[nodiscard]] inline OctetWord load_word(const std::uint8_t* at) noexcept {
    OctetWord word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

inline void store_word(std::uint8_t* at, OctetWord word) noexcept {
    std::memcpy(at, &word, sizeof word);
}

/// With `A` to `Z` in lower case (RFC 4343).
template <typename Word>
[[nodiscard]] Word lowered(Word word) noexcept {
    constexpr std::uint8_t kLetters = 26;
    constexpr std::uint8_t kDistance = 'a' - 'A';
    const auto is_letter = reinterpret_cast<Word>(word - std::uint8_t{'A'} < kLetters);
    return word + (is_letter & kDistance);
}

/// A bit for each octet in which they differ.
[[nodiscard]] inline std::uint32_t differing(OctetWord left, OctetWord right) noexcept {
#ifdef __AVX2__
    const auto equal = reinterpret_cast<__m256i>(left == right);
    return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(equal));
#else
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kWordOctets; ++i) {
        bits |= static_cast<std::uint32_t>(left[i] != right[i]) << i;
    }
    return bits;
#endif
}

/// Whether `size` octets at `any_case` are those at `lower_case`, letters aside. REQUIRES: both are
/// readable in whole words.
[[nodiscard]] inline bool equal_lowered(const std::uint8_t* any_case,
                                        const std::uint8_t* lower_case,
                                        std::size_t size) noexcept {
    for (; size > kWordOctets; size -= kWordOctets) {
        if (differing(lowered(load_word(any_case)), load_word(lower_case)) != 0) {
            return false;
        }
        any_case += kWordOctets;
        lower_case += kWordOctets;
    }
    const std::uint32_t differ = differing(lowered(load_word(any_case)), load_word(lower_case));
    constexpr unsigned kBits = 32;
    return size == 0 || differ << (kBits - size) == 0;
}

}  // namespace understudy::zone
