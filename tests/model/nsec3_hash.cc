#include "model/nsec3_hash.h"

#include <openssl/sha.h>
#include <string_view>

namespace understudy::model {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
constexpr unsigned kDigitBits = 5;
constexpr unsigned kOctetBits = 8;

/// Takes a number's bits from groups of `from` to groups of `to`, highest first.
template <typename From, typename To>
void regroup(const From& source, unsigned from, unsigned to, To put) {
    unsigned bits = 0;
    unsigned count = 0;
    for (const unsigned group : source) {
        bits = (bits << from | group) & 0xFFFF;
        count += from;
        while (count >= to) {
            count -= to;
            put(bits >> count & ((1U << to) - 1));
        }
    }
}

}  // namespace

Hash hash(const wire::Name& name, const HashParameters& parameters) {
    const wire::Name lowered = name.lowered();
    Hash value(lowered.view().octets().begin(), lowered.view().octets().end());
    for (unsigned i = 0; i <= parameters.iterations; ++i) {
        value.insert(value.end(), parameters.salt.begin(), parameters.salt.end());
        Hash digest(kHashOctets);
        SHA1(value.data(), value.size(), digest.data());
        value = digest;
    }
    return value;
}

std::string to_base32hex(const Hash& hash) {
    std::string text;
    regroup(hash, kOctetBits, kDigitBits, [&text](unsigned digit) { text += kDigits[digit]; });
    return text;
}

Hash from_base32hex(std::string_view text) {
    std::vector<unsigned> digits;
    for (const char character : text) {
        const std::size_t digit =
            kDigits.find(static_cast<char>(wire::to_lower(static_cast<std::uint8_t>(character))));
        if (digit == std::string_view::npos) {
            return {};
        }
        digits.push_back(static_cast<unsigned>(digit));
    }
    Hash hash;
    regroup(digits, kDigitBits, kOctetBits, [&hash](unsigned octet) {
        hash.push_back(static_cast<std::uint8_t>(octet));
    });
    return hash.size() == kHashOctets ? hash : Hash{};
}

}  // namespace understudy::model
