#include "records.h"

#include <algorithm>

namespace understudy::bench {

Label::Label(std::size_t number) noexcept {
    static constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
    constexpr std::uint64_t kMask = kMostNumbers - 1;
    // Each step can be undone, so that no two numbers meet.
    std::uint64_t code = (number * 0x2C1B3C6D) & kMask;
    code ^= code >> 15U;
    code = (code * 0x297A2D39) & kMask;
    code ^= code >> 15U;
    size_ = kFewest + mixed(number) % (kMost - kFewest + 1);
    for (std::size_t i = 0; i < kMost; ++i) {
        letters_[i] = kAlphabet[code >> (5 * (i % kFewest)) & 31U];
    }
}

NameMaker& NameMaker::label(std::string_view text) noexcept {
    octets_[size_++] = static_cast<std::uint8_t>(text.size());
    std::ranges::copy(text, &octets_[size_]);
    size_ += text.size();
    return *this;
}

NameMaker& NameMaker::nibbles(std::uint64_t value, unsigned count) noexcept {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    for (; count > 0; --count, value >>= 4U) {
        octets_[size_++] = 1;
        octets_[size_++] = static_cast<std::uint8_t>(kDigits[value & 15U]);
    }
    return *this;
}

wire::NameView NameMaker::below(wire::NameView ancestor) noexcept {
    std::ranges::copy(ancestor.octets(), &octets_[size_]);
    return wire::NameView(base::Octets(octets_).first(size_ + ancestor.size()));
}

}  // namespace understudy::bench
