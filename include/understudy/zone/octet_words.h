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
[[nodiscard]] inline OctetWord lowered(OctetWord word) noexcept {
    // Moved so that the letters are the greatest signed numbers: what vectors compare at once.
    constexpr std::uint8_t kUp = 127 - 'Z';
    constexpr std::int8_t kBelow = 127 - ('Z' - 'A') - 1;
    constexpr std::uint8_t kDistance = 'a' - 'A';
    using Signed = std::int8_t __attribute__((vector_size(kWordOctets)));
    const auto is_letter =
        reinterpret_cast<OctetWord>(reinterpret_cast<Signed>(word + kUp) > kBelow);
    return word + (is_letter & kDistance);
}

/// A bit for each octet in which they differ, one by one: what `differing` is without a wide
/// instruction for it, and what it is held to.
[[nodiscard]] inline std::uint32_t differing_one_by_one(OctetWord left, OctetWord right) noexcept {
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < kWordOctets; ++i) {
        bits |= static_cast<std::uint32_t>(left[i] != right[i]) << i;
    }
    return bits;
}

/// A bit for each octet in which they differ.
[[nodiscard]] inline std::uint32_t differing(OctetWord left, OctetWord right) noexcept {
#ifdef __AVX2__
    const auto equal = reinterpret_cast<__m256i>(left == right);
    return ~static_cast<std::uint32_t>(_mm256_movemask_epi8(equal));
#else
    return differing_one_by_one(left, right);
#endif
}

/// Whether the first `size` octets, at most a word's, differ. REQUIRES: size > 0.
[[nodiscard]] inline bool differ_within(OctetWord left,
                                        OctetWord right,
                                        std::size_t size) noexcept {
    return differing(left, right) << (kWordOctets - size) != 0;
}

/// Whether `size` octets at `left`, each word of them changed by `change`, are those at `right`.
/// REQUIRES: both are readable in whole words.
template <typename Change>
[[nodiscard]] bool equal_changed(const std::uint8_t* left,
                                 const std::uint8_t* right,
                                 std::size_t size,
                                 Change change) noexcept {
    for (; size > kWordOctets; size -= kWordOctets) {
        if (differing(change(load_word(left)), load_word(right)) != 0) {
            return false;
        }
        left += kWordOctets;
        right += kWordOctets;
    }
    return size == 0 || !differ_within(change(load_word(left)), load_word(right), size);
}

/// Whether `size` octets at `any_case` are those at `lower_case`, letters aside. REQUIRES: as
/// equal_changed.
[[nodiscard]] inline bool equal_lowered(const std::uint8_t* any_case,
                                        const std::uint8_t* lower_case,
                                        std::size_t size) noexcept {
    return equal_changed(any_case, lower_case, size, [](OctetWord word) { return lowered(word); });
}

/// The same, letters in the same case. REQUIRES: as equal_changed.
[[nodiscard]] inline bool equal_octets(const std::uint8_t* left,
                                       const std::uint8_t* right,
                                       std::size_t size) noexcept {
    return equal_changed(left, right, size, [](OctetWord word) { return word; });
}

}  // namespace understudy::zone
