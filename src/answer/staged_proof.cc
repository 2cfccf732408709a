#include "answer/staged_proof.h"

namespace understudy::answer {

using zone::Denial;
using zone::NameKey;
using zone::Node;
using zone::Zone;

bool StagedProof::name_error(const Zone& zone, const NameKey& name, std::size_t encloser) noexcept {
    zone_ = &zone;
    const std::size_t apex = zone.apex_labels();
    if (encloser != apex || !zone.apex_wildcard_proof()) {
        return false;
    }
    if (zone.denial() == Denial::kNsec) {
        shape_ = Shape::kNameError;
        return search_.start(zone, name.between(apex, name.label_count()));
    }
    shape_ = Shape::kHashedError;
    return zone.apex_hash_proof() && search_.start(zone, zone.nsec3_hash(name.suffix(apex + 1)));
}

bool StagedProof::no_data(const Zone& zone,
                          const NameKey& name,
                          std::size_t labels,
                          const Node& node) noexcept {
    zone_ = &zone;
    const std::size_t apex = zone.apex_labels();
    if (zone.denial() == Denial::kNsec3) {
        shape_ = Shape::kHashedData;
        is_below_apex_ = labels == apex + 1;
        return search_.start(zone, zone.nsec3_hash(name.suffix(labels)));
    }
    if (node.find(wire::type::kNsec)) {
        shape_ = Shape::kOwn;
        return true;
    }
    shape_ = Shape::kCover;
    return node.is_empty() && search_.start(zone, name.between(apex, labels));
}

bool StagedProof::collect(const Node& own, Nodes& nodes) const noexcept {
    if (shape_ == Shape::kOwn) {
        nodes.insert(own);
        return true;
    }
    const auto found = search_.node();
    if (!found || (shape_ == Shape::kHashedError && search_.matches())) {
        return false;
    }
    if (shape_ == Shape::kHashedError || (shape_ == Shape::kHashedData && !search_.matches())) {
        const auto apex = zone_->apex_hash_proof();
        if (!apex || (shape_ == Shape::kHashedData && !is_below_apex_)) {
            return false;
        }
        nodes.insert(*apex);
    }
    nodes.insert(*found);
    if (shape_ == Shape::kNameError || shape_ == Shape::kHashedError) {
        if (const auto wildcard = zone_->apex_wildcard_proof()) {
            nodes.insert(*wildcard);
        }
    }
    return true;
}

}  // namespace understudy::answer
