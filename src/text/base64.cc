#include <understudy/text/base64.h>
#include <array>
#include <cstddef>

namespace understudy::text {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::size_t kQuartet = 4;  // digits that stand for three octets
constexpr unsigned kDigitBits = 6;

/// The digits of the last quartet that are padding: 0, 1 or 2.
std::size_t padding_count(std::string_view text) noexcept {
    if (text.ends_with("==")) {
        return 2;
    }
    return text.ends_with('=') ? 1 : 0;
}

}  // namespace

base::Expected<std::vector<std::uint8_t>> decode_base64(std::string_view text) {
    if (text.size() % kQuartet != 0) {
        return base::fail("base64 comes in groups of four characters, here are " +
                          std::to_string(text.size()));
    }
    text.remove_suffix(padding_count(text));
    std::vector<std::uint8_t> octets;
    octets.reserve(text.size() / kQuartet * 3 + 2);
    std::uint32_t bits = 0;
    unsigned bit_count = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t digit = kAlphabet.find(text[i]);
        if (digit == std::string_view::npos) {
            return base::fail("character " + std::to_string(i + 1) + " is not base64");
        }
        bits = bits << kDigitBits | static_cast<std::uint32_t>(digit);
        bit_count += kDigitBits;
        if (bit_count >= 8) {
            bit_count -= 8;
            octets.push_back(static_cast<std::uint8_t>(bits >> bit_count));
            bits &= (1U << bit_count) - 1;
        }
    }
    if (bits != 0) {
        return base::fail("the last character of the base64 holds bits that stand for nothing");
    }
    return octets;
}

}  // namespace understudy::text
