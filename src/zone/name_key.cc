#include <sys/random.h>

#include <understudy/base/check.h>
#include <understudy/zone/name_key.h>
#include <cstring>

namespace understudy::zone {
namespace {

/// 64 x 64 to 128 bits, both halves folded: the mixing step of the wyhash family.
std::uint64_t mix(std::uint64_t left, std::uint64_t right) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(left) * right;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

/// The hash of `label` (with its length octet) put below the name whose hash is `parent`.
std::uint64_t extend(std::uint64_t parent, base::Octets label, const HashKey& key) noexcept {
    std::uint64_t hash = parent;
    while (!label.empty()) {
        std::uint64_t chunk = 0;
        const std::size_t count = label.size() < sizeof chunk ? label.size() : sizeof chunk;
        std::memcpy(&chunk, label.data(), count);
        hash = mix(hash ^ chunk, key.second);
        label = label.subspan(count);
    }
    return hash;
}

}  // namespace

HashKey HashKey::random() {
    HashKey key;
    UNDERSTUDY_CHECK(getrandom(&key, sizeof key, 0) == sizeof key);
    key.second |= 1U;  // a multiplier of 0 would make every hash 0
    return key;
}

NameKey::NameKey(wire::NameView name, const HashKey& key) noexcept : key_(key) {
    lowered_.assign_lowered(name);
    const base::Octets octets = lowered_.view().octets();
    std::size_t at = 0;
    while (octets[at] != 0) {
        starts_[label_count_++] =
            static_cast<std::uint8_t>(at);  // leftmost first: turned around below
        at += 1U + octets[at];
    }
    for (std::size_t i = 0; i < label_count_ / 2; ++i) {
        std::swap(starts_[i], starts_[label_count_ - 1 - i]);
    }
    for (std::size_t labels = label_count_; labels > 0; --labels) {
        starts_[labels] = starts_[labels - 1];
    }
    starts_[0] = static_cast<std::uint8_t>(at);
    hashes_[0] = key.first;
    for (std::size_t labels = 1; labels <= label_count_; ++labels) {
        const std::size_t start = starts_[labels];
        hashes_[labels] =
            extend(hashes_[labels - 1], octets.subspan(start, 1U + octets[start]), key);
    }
}

std::uint64_t NameKey::wildcard_hash(std::size_t labels) const noexcept {
    static constexpr std::array<std::uint8_t, 2> kWildcardLabel{1, '*'};
    return extend(hashes_[labels], kWildcardLabel, key_);
}

}  // namespace understudy::zone
