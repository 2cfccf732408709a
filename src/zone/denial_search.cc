#include <understudy/zone/canonical_key.h>
#include <understudy/zone/denial_search.h>
#include <algorithm>
#include <span>

namespace understudy::zone {

bool DenialSearch::start(const Zone& zone) noexcept {
    zone_ = &zone;
    if (zone.chain_.order.is_empty()) {
        return false;
    }
    order_.start(zone.chain_.order);
    return true;
}

bool DenialSearch::start(const Zone& zone, base::Octets labels) noexcept {
    to_canonical_key(labels, order_.key());
    return start(zone);
}

bool DenialSearch::start(const Zone& zone, const wire::Nsec3Digest& hash) noexcept {
    order_.key().assign(hash);
    return start(zone);
}

void DenialSearch::find_owner() noexcept {
    KeyBuffer found;
    if (!order_.finish(found)) {
        static_cast<void>(zone_->chain_.order.last(found));
    }
    matches_ = std::ranges::equal(found.view(), order_.key().view());
    if (zone_->denial() == Denial::kNsec) {
        owner_octets_ =
            from_canonical_key(found.view(), std::span(owner_).first<wire::kMaxNameOctets>());
    } else {
        wire::Nsec3Digest hash;
        std::copy_n(found.view().begin(), hash.size(), hash.begin());
        owner_[0] = wire::kNsec3LabelOctets;
        std::ranges::copy(wire::nsec3_hash_label(hash), &owner_[1]);
        owner_octets_ = 1 + wire::kNsec3LabelOctets;
    }
    if (owner_octets_ != 0) {
        const base::Octets owner = base::Octets(owner_).first(owner_octets_);
        probe_.start(zone_->table_.root(), hash_below(zone_->apex_hash_, owner, zone_->hash_key()));
    }
}

void DenialSearch::find_page() noexcept {
    if (owner_octets_ != 0) {
        probe_.find_page();
    }
}

void DenialSearch::find_node() noexcept {
    if (owner_octets_ != 0) {
        // NSEC stands behind most other types and their signatures.
        constexpr std::size_t kLines = 6;
        probe_.find_likely<kLines>();
    }
}

std::optional<Node> DenialSearch::node() const noexcept {
    if (owner_octets_ == 0) {
        return zone_->apex_node();
    }
    const auto stored = probe_.find(base::Octets(owner_).first(owner_octets_));
    return stored ? std::optional(Node(*zone_, *stored)) : std::nullopt;
}

}  // namespace understudy::zone
