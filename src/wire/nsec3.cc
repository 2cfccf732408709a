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

std::optional<Nsec3Digest> nsec3_label_hash(base::Octets label) noexcept {
    if (label.size() != kNsec3LabelOctets) {
        return std::nullopt;
    }
    Nsec3Digest hash;
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

std::array<std::uint8_t, kNsec3LabelOctets> nsec3_hash_label(const Nsec3Digest& hash) noexcept {
    // Five octets are eight digits: what takes 40 bits is spread over 64, by halves, and all eight
    // become letters and figures at once.
    constexpr std::size_t kOctets = 5;
    constexpr std::size_t kDigits = 8;
    constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
    std::array<std::uint8_t, kNsec3LabelOctets> label;
    for (std::size_t i = 0; i * kOctets < hash.size(); ++i) {
        const std::uint8_t* const octets = &hash[i * kOctets];
        std::uint64_t bits = std::uint64_t{base::load_be32(octets)} << 8U | octets[4];
        bits = (bits & 0xFF'FFF0'0000) << 12U | (bits & 0x0F'FFFF);
        bits = (bits & 0x000F'FC00'000F'FC00) << 6U | (bits & 0x0000'03FF'0000'03FF);
        bits = (bits & 0x03E0'03E0'03E0'03E0) << 3U | (bits & 0x001F'001F'001F'001F);
        const std::uint64_t letters = (bits + kOnes * (0x80 - 10)) >> 7U & kOnes;
        base::store_be64(&label[i * kDigits], bits + kOnes * '0' + letters * ('a' - '0' - 10));
    }
    return label;
}

}  // namespace understudy::wire
