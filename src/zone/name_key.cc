#include <sys/random.h>

#include <understudy/base/check.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/octet_words.h>
#include <algorithm>
#include <cstring>

#include "zone/mix.h"

namespace understudy::zone {
namespace {

/// The hash of the `size` octets at `label`, its length among them, put below the name whose hash
/// is `parent`. REQUIRES: seven octets are readable behind the label.
inline std::uint64_t extend(std::uint64_t parent,
                            const std::uint8_t* label,
                            std::size_t size,
                            std::uint64_t multiplier) noexcept {
    std::uint64_t hash = parent;
    for (; size > sizeof(std::uint64_t); size -= sizeof(std::uint64_t)) {
        hash = mix(hash ^ load_part(label, sizeof(std::uint64_t)), multiplier);
        label += sizeof(std::uint64_t);
    }
    return mix(hash ^ load_part(label, size), multiplier);
}

/// Lowers the letters of `size` octets. Lengths of labels are no letters. REQUIRES: whole words at
/// either end.
void lower(const std::uint8_t* from, std::size_t size, std::uint8_t* into) noexcept {
    std::size_t done = 0;
    do {
        store_word(into + done, lowered(load_word(from + done)));
        done += kWordOctets;
    } while (done < size);
}

/// The same of octets behind which nothing may be read.
void copy_lowered(const std::uint8_t* from, std::size_t size, std::uint8_t* into) noexcept {
    std::memcpy(into, from, size);
    lower(into, size, into);
}

}  // namespace

HashKey HashKey::random() {
    HashKey key;
    UNDERSTUDY_CHECK(getrandom(&key, sizeof key, 0) == sizeof key);
    key.second |= 1U;  // a multiplier of 0 would make every hash 0
    return key;
}

std::uint64_t hash_below(std::uint64_t parent, base::Octets labels, const HashKey& key) noexcept {
    std::array<std::uint8_t, wire::kMaxNameOctets + kWordOctets> copy;
    std::array<std::uint8_t, wire::kMaxLabels> starts;
    copy_lowered(labels.data(), labels.size(), copy.data());
    std::size_t count = 0;
    for (std::size_t at = 0; at < labels.size(); at += 1U + labels[at]) {
        starts[count++] = static_cast<std::uint8_t>(at);
    }
    std::uint64_t hash = parent;
    while (count > 0) {
        const std::uint8_t* label = &copy[starts[--count]];
        hash = extend(hash, label, 1U + *label, key.second);
    }
    return hash;
}

void NameKey::hash_labels(std::size_t count, const HashKey& key) noexcept {
    // Octets may be any object's: what the loop needs is kept out of the object.
    const std::uint64_t multiplier = key.second;
    std::uint64_t hash = key.first;
    hashes_[0] = hash;
    for (std::size_t labels = 1; labels <= count; ++labels) {
        const std::uint8_t* const label = &lowered_[starts_[count - labels]];
        hash = extend(hash, label, 1U + *label, multiplier);
        hashes_[labels] = hash;
    }
    multiplier_ = multiplier;
    label_count_ = count;
}

void NameKey::assign(wire::NameView name, const HashKey& key) noexcept {
    std::memcpy(lowered_.data(), name.octets().data(), name.size());
    static_cast<void>(take(lowered_.data(), name.size(), key));
}

std::size_t NameKey::take(const std::uint8_t* at, std::size_t limit, const HashKey& key) noexcept {
    limit = std::min(limit, wire::kMaxNameOctets);
    std::size_t count = 0;
    std::size_t start = 0;
    std::size_t octets = 0;
    for (;; start += 1 + octets) {
        if (start >= limit) {
            return 0;
        }
        starts_[count] = static_cast<std::uint8_t>(start);
        octets = at[start];
        if (octets == 0) {
            break;
        }
        if (octets > wire::kMaxLabelOctets) {
            return 0;
        }
        ++count;
    }
    const std::size_t size = start + 1;
    lower(at, size, lowered_.data());
    hash_labels(count, key);
    size_ = size;
    return size;
}

std::uint64_t NameKey::wildcard_hash(std::size_t labels) const noexcept {
    static constexpr std::array<std::uint8_t, sizeof(std::uint64_t)> kWildcardLabel{1, '*'};
    return extend(hashes_[labels], kWildcardLabel.data(), 2, multiplier_);
}

}  // namespace understudy::zone
