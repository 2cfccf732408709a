#include <understudy/base/check.h>
#include <understudy/zone/snapshot.h>
#include <algorithm>
#include <bit>

namespace understudy::zone {
namespace {

std::uint32_t hint_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash >> 32U);
}

}  // namespace

bool QueryAccess::allows(const base::IpAddress& source, const wire::Name* key) const noexcept {
    return std::ranges::any_of(grants, [&](const Grant& grant) {
        const bool address_fits =
            grant.addresses.empty() ||
            std::ranges::any_of(grant.addresses, [&](const base::IpPrefix& prefix) {
                return prefix.contains(source);
            });
        const bool key_fits =
            grant.keys.empty() ||
            (key != nullptr && std::ranges::find(grant.keys, *key) != grant.keys.end());
        return address_fits && key_fits;
    });
}

Snapshot::Snapshot(std::vector<ServedZone> zones, const HashKey& key)
    : key_(key), zones_(std::move(zones)), slots_(std::bit_ceil(zones_.size() * 2 + 1)) {
    const std::size_t mask = slots_.size() - 1;
    for (std::uint32_t index = 0; index < zones_.size(); ++index) {
        const ServedZone& served = zones_[index];
        const NameKey apex(served.apex, key_);
        UNDERSTUDY_CHECK(find_exact(apex) == nullptr);
        UNDERSTUDY_CHECK(!served.zone || (served.zone->apex() == served.apex.view() &&
                                          served.zone->hash_key() == key_));
        std::size_t i = apex.hash(apex.label_count()) & mask;
        while (slots_[i].zone != 0) {
            i = (i + 1) & mask;
        }
        slots_[i] = {hint_of(apex.hash(apex.label_count())), index + 1};
        deepest_labels_ = std::max(deepest_labels_, apex.label_count());
    }
}

const ServedZone* Snapshot::probe(const NameKey& name, std::size_t labels) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    const std::uint32_t hint = hint_of(name.hash(labels));
    for (std::size_t i = name.hash(labels) & mask; slots_[i].zone != 0; i = (i + 1) & mask) {
        const ServedZone& zone = zones_[slots_[i].zone - 1];
        if (slots_[i].hint == hint && zone.apex.view() == name.suffix(labels)) {
            return &zone;
        }
    }
    return nullptr;
}

void Snapshot::prefetch(const NameKey& name) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t labels = std::min(name.label_count(), deepest_labels_) + 1; labels > 0;
         --labels) {
        __builtin_prefetch(&slots_[name.hash(labels - 1) & mask]);
    }
}

const ServedZone* Snapshot::find_likely(const NameKey& name,
                                        std::size_t& apex_labels) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t labels = std::min(name.label_count(), deepest_labels_) + 1; labels > 0;
         --labels) {
        const std::uint64_t hash = name.hash(labels - 1);
        for (std::size_t i = hash & mask; slots_[i].zone != 0; i = (i + 1) & mask) {
            if (slots_[i].hint == hint_of(hash)) {
                const ServedZone* const zone = &zones_[slots_[i].zone - 1];
                __builtin_prefetch(zone);
                apex_labels = labels - 1;
                return zone;
            }
        }
    }
    return nullptr;
}

const ServedZone* Snapshot::find(const NameKey& name, std::size_t most_labels) const noexcept {
    for (std::size_t labels = std::min({name.label_count(), most_labels, deepest_labels_}) + 1;
         labels > 0;
         --labels) {
        if (const ServedZone* zone = probe(name, labels - 1); zone != nullptr) {
            return zone;
        }
    }
    return nullptr;
}

const ServedZone* Snapshot::find_exact(const NameKey& name) const noexcept {
    return probe(name, name.label_count());
}

}  // namespace understudy::zone
