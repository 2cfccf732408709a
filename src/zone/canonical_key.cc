#include <understudy/zone/canonical_key.h>
#include <algorithm>
#include <array>

namespace understudy::zone {
namespace {

constexpr std::uint8_t kSeparator = 0;

std::uint8_t to_key_octet(std::uint8_t octet) noexcept {
    const std::uint8_t lower = wire::to_lower(octet);
    return lower < 'A' ? static_cast<std::uint8_t>(lower + 1) : lower;
}

std::uint8_t from_key_octet(std::uint8_t octet) noexcept {
    return octet <= 'A' ? static_cast<std::uint8_t>(octet - 1) : octet;
}

}  // namespace

void to_canonical_key(base::Octets labels, KeyBuffer& key) noexcept {
    std::array<std::uint8_t, wire::kMaxLabels> starts;
    std::size_t count = 0;
    for (std::size_t at = 0; at < labels.size(); at += 1U + labels[at]) {
        starts[count++] = static_cast<std::uint8_t>(at);
    }
    key.clear();
    for (std::size_t left = count; left > 0; --left) {
        if (left != count) {
            key.push_back(kSeparator);
        }
        const std::size_t start = starts[left - 1];
        for (const std::uint8_t octet : labels.subspan(start + 1U, labels[start])) {
            key.push_back(to_key_octet(octet));
        }
    }
}

std::size_t from_canonical_key(base::Octets key,
                               std::span<std::uint8_t, wire::kMaxNameOctets> labels) noexcept {
    if (key.empty()) {
        return 0;
    }
    const std::size_t octets = key.size() + 1;
    std::size_t before = octets;  // the labels that are written stand behind it
    for (std::size_t begin = 0; begin <= key.size();) {
        const auto rest = key.subspan(begin);
        const auto size =
            static_cast<std::size_t>(std::ranges::find(rest, kSeparator) - rest.begin());
        before -= 1 + size;
        labels[before] = static_cast<std::uint8_t>(size);
        std::ranges::transform(
            rest.first(size), labels.subspan(before + 1).begin(), from_key_octet);
        begin += size + 1;
    }
    return octets;
}

}  // namespace understudy::zone
