#pragma once

#include <understudy/base/octets.h>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace understudy::net {

/// A ones-complement sum of 16-bit words (RFC 1071), neither folded nor inverted.
///
/// It is kept modulo 2^64 - 1, a multiple of 2^16 - 1, so that eight octets are added at a time
/// with an end-around carry and nothing overflows at any length. The words are summed in the
/// machine's byte order, which gives the same sum with its octets swapped; only `folded` swaps.
///
/// Sums add up: the sum of a whole is the sum of its pieces, each piece that begins at an odd
/// offset taken `swapped`. That is how sums stored with pieces of an answer become its checksum.
class InternetSum {
  public:
    constexpr InternetSum() = default;

    /// A word that has the value `word` on the wire.
    [[nodiscard]] static constexpr InternetSum of_word(std::uint16_t word) noexcept {
        return InternetSum(__builtin_bswap16(word));
    }

    /// An odd last octet counts as the high half of a word, as RFC 1071 pads it.
    [[nodiscard]] static InternetSum of(base::Octets octets) noexcept;

    /// The same where the compiler knows the length: headers, without loop or branch.
    template <std::size_t kOctets>
    [[nodiscard]] static InternetSum of_fixed(const std::uint8_t* at) noexcept {
        constexpr std::size_t kHalfOctets = 4;
        constexpr std::size_t kStepOctets = 8;
        static_assert(kOctets % kHalfOctets == 0);
        InternetSum sum;
        if constexpr (kOctets >= kStepOctets) {
            sum.value_ = load64(at);
            sum += of_fixed<kOctets - kStepOctets>(at + kStepOctets);
        } else if constexpr (kOctets == kHalfOctets) {
            std::uint32_t word = 0;
            std::memcpy(&word, at, sizeof word);
            sum.value_ = word;
        }
        return sum;
    }

    constexpr InternetSum& operator+=(InternetSum other) noexcept {
        value_ = add(value_, other.value_);
        return *this;
    }

    friend constexpr InternetSum operator+(InternetSum left, InternetSum right) noexcept {
        return left += right;
    }

    /// The sum of the same octets standing one octet further on.
    [[nodiscard]] constexpr InternetSum swapped() const noexcept {
        return InternetSum(__builtin_bswap16(fold()));
    }

    /// The sum as a word of the wire. Two sums of the same octets may differ in 0 against 0xFFFF
    /// only if all octets are zero.
    [[nodiscard]] constexpr std::uint16_t folded() const noexcept {
        return __builtin_bswap16(fold());
    }

    /// What goes into a header's checksum field.
    [[nodiscard]] constexpr std::uint16_t checksum() const noexcept {
        return static_cast<std::uint16_t>(~folded());
    }

    /// Whether octets that include their own checksum are intact.
    [[nodiscard]] constexpr bool is_intact() const noexcept { return fold() == 0xFFFF; }

  private:
    explicit constexpr InternetSum(std::uint64_t value) noexcept : value_(value) {}

    [[nodiscard]] static constexpr std::uint64_t add(std::uint64_t left,
                                                     std::uint64_t right) noexcept {
        std::uint64_t sum = 0;
        const bool carry = __builtin_add_overflow(left, right, &sum);
        return sum + static_cast<std::uint64_t>(carry);
    }

    [[nodiscard]] static std::uint64_t load64(const std::uint8_t* at) noexcept {
        std::uint64_t value = 0;
        std::memcpy(&value, at, sizeof value);
        return value;
    }

    [[nodiscard]] constexpr std::uint16_t fold() const noexcept {
        std::uint32_t half = 0;
        const bool half_carry = __builtin_add_overflow(
            static_cast<std::uint32_t>(value_), static_cast<std::uint32_t>(value_ >> 32), &half);
        half += static_cast<std::uint32_t>(half_carry);
        std::uint16_t word = 0;
        const bool carry = __builtin_add_overflow(
            static_cast<std::uint16_t>(half), static_cast<std::uint16_t>(half >> 16), &word);
        return static_cast<std::uint16_t>(word + static_cast<std::uint16_t>(carry));
    }

    std::uint64_t value_ = 0;
};

/// The checksum of octets of which one word has changed from `before` to `after` (RFC 1624, eqn.
/// 3).
[[nodiscard]] constexpr std::uint16_t updated_checksum(std::uint16_t checksum,
                                                       std::uint16_t before,
                                                       std::uint16_t after) noexcept {
    const InternetSum sum = InternetSum::of_word(static_cast<std::uint16_t>(~checksum)) +
                            InternetSum::of_word(static_cast<std::uint16_t>(~before)) +
                            InternetSum::of_word(after);
    return sum.checksum();
}

// The pseudo header of an upper-layer checksum (RFC 768, RFC 8200 section 8.1).
//
// `addresses`: source and destination as they stand next to each other in the IP header, 8 or 32
// octets. Their order does not matter, so a reply's sum is the query's but for the length.

[[nodiscard]] inline InternetSum pseudo_header_sum_v4(const std::uint8_t* addresses,
                                                      std::uint8_t protocol,
                                                      std::uint16_t length_octets) noexcept {
    return InternetSum::of_fixed<8>(addresses) + InternetSum::of_word(protocol) +
           InternetSum::of_word(length_octets);
}

[[nodiscard]] inline InternetSum pseudo_header_sum_v6(const std::uint8_t* addresses,
                                                      std::uint8_t protocol,
                                                      std::uint16_t length_octets) noexcept {
    return InternetSum::of_fixed<32>(addresses) + InternetSum::of_word(protocol) +
           InternetSum::of_word(length_octets);
}

inline InternetSum InternetSum::of(base::Octets octets) noexcept {
    constexpr std::size_t kWord = sizeof(std::uint64_t);
    const std::uint8_t* at = octets.data();
    std::size_t left = octets.size();
    if (left < kWord) {
        std::uint64_t tail = 0;
        for (std::size_t i = 0; i < left; ++i) {
            tail |= std::uint64_t{at[i]} << (8 * i);
        }
        return InternetSum(tail);
    }
    // Two chains, because each addition waits for the carry of the one before it.
    std::uint64_t even = 0;
    std::uint64_t odd = 0;
    for (; left >= 4 * kWord; left -= 4 * kWord, at += 4 * kWord) {
        even = add(add(even, load64(at)), load64(at + 2 * kWord));
        odd = add(add(odd, load64(at + kWord)), load64(at + 3 * kWord));
    }
    for (; left >= kWord; left -= kWord, at += kWord) {
        even = add(even, load64(at));
    }
    if (left != 0) {
        // The last eight octets once more, shifted so that only the new ones remain.
        odd = add(odd, load64(at + left - kWord) >> (8 * (kWord - left)));
    }
    return InternetSum(add(even, odd));
}

}  // namespace understudy::net
