#include <understudy/wire/name.h>
#include <understudy/wire/nsec3.h>
#include <string_view>

namespace understudy::wire {
namespace {

constexpr std::size_t kFixedOctets = 5;  // algorithm, flags, iterations, salt length
constexpr std::size_t kBitsPerDigit = 5;

static_assert(kNsec3LabelOctets * kBitsPerDigit == kNsec3Sha1Octets * 8);

/// The value of a base32hex digit, or -1.
int digit_value(std::uint8_t octet) noexcept {
    const std::uint8_t lower = to_lower(octet);
    if (lower >= '0' && lower <= '9') {
        return lower - '0';
    }
    return lower >= 'a' && lower <= 'v' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::optional<Nsec3Head> Nsec3Head::from_rdata(base::Octets rdata) noexcept {
    if (rdata.size() < kFixedOctets || rdata.size() - kFixedOctets < rdata[4]) {
        return std::nullopt;
    }
    return Nsec3Head{
        rdata[0], rdata[1], base::load_be16(&rdata[2]), rdata.subspan(kFixedOctets, rdata[4])};
}

std::optional<std::array<std::uint8_t, kNsec3Sha1Octets>> nsec3_label_hash(
    base::Octets label) noexcept {
    if (label.size() != kNsec3LabelOctets) {
        return std::nullopt;
    }
    std::array<std::uint8_t, kNsec3Sha1Octets> hash;
    std::uint32_t bits = 0;
    std::size_t bit_count = 0;
    std::size_t size = 0;
    for (const std::uint8_t octet : label) {
        const int value = digit_value(octet);
        if (value < 0) {
            return std::nullopt;
        }
        bits = (bits << kBitsPerDigit) | static_cast<std::uint32_t>(value);
        bit_count += kBitsPerDigit;
        if (bit_count >= 8) {
            bit_count -= 8;
            hash[size++] = static_cast<std::uint8_t>(bits >> bit_count);
        }
    }
    return hash;
}

std::array<std::uint8_t, kNsec3LabelOctets> nsec3_hash_label(
    const std::array<std::uint8_t, kNsec3Sha1Octets>& hash) noexcept {
    constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
    std::array<std::uint8_t, kNsec3LabelOctets> label;
    std::uint32_t bits = 0;
    std::size_t bit_count = 0;
    std::size_t size = 0;
    for (const std::uint8_t octet : hash) {
        bits = (bits << 8U) | octet;
        for (bit_count += 8; bit_count >= kBitsPerDigit;) {
            bit_count -= kBitsPerDigit;
            label[size++] =
                static_cast<std::uint8_t>(kDigits[bits >> bit_count & (kDigits.size() - 1)]);
        }
    }
    return label;
}

}  // namespace understudy::wire
