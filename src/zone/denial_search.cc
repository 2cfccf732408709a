#include <understudy/zone/canonical_key.h>
#include <understudy/zone/denial_search.h>
#include <algorithm>
#include <array>

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
        std::array<std::uint8_t, wire::kMaxNameOctets> labels;
        owner_.start(*zone_, base::Octets(labels).first(from_canonical_key(found.view(), labels)));
        return;
    }
    wire::Nsec3Digest hash;
    std::copy_n(found.view().begin(), hash.size(), hash.begin());
    std::array<std::uint8_t, 1 + wire::kNsec3LabelOctets> label{wire::kNsec3LabelOctets};
    std::ranges::copy(wire::nsec3_hash_label(hash), &label[1]);
    owner_.start(*zone_, label);
}

}  // namespace understudy::zone
