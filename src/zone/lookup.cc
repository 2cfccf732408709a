#include <understudy/zone/zone.h>
#include <algorithm>

namespace understudy::zone {
namespace {

void prefetch(const void* at) noexcept { __builtin_prefetch(at); }

}  // namespace

void Lookup::add(std::size_t labels) noexcept {
    Candidate& candidate = candidates_[count_++];
    candidate.labels = labels;
    candidate.hash = name_->hash(labels);
    candidate.ref = zone_->table_.root();
    candidate.used_bits = 0;
    if (candidate.ref.tag() == 0) {
        // The first node of the directory is at hand after a few queries; the second may not be.
        const Directory& root = Directory::at(candidate.ref);
        candidate.used_bits = root.bits;
        candidate.ref = root.entries()[candidate.hash >> (64U - root.bits)];
    }
    prefetch(candidate.ref.tag() == 0
                 ? BlockStore::at(candidate.ref)
                 : static_cast<const void*>(&line_of(candidate.ref, candidate.hash)));
}

void Lookup::start(const Zone& zone, const NameKey& name) noexcept {
    zone_ = &zone;
    name_ = &name;
    count_ = 0;
    if (zone.table_.is_empty()) {
        return;
    }
    const std::size_t depth = name.label_count() - zone.apex_labels_;
    for (const std::uint8_t interrupt : zone.interrupt_depths_) {
        if (interrupt >= depth || count_ == kMaxCandidates - 1) {
            break;
        }
        add(zone.apex_labels_ + interrupt);
    }
    if (depth > 0 && depth < zone.nodes_by_depth_.size()) {
        add(name.label_count());
    }
}

void Lookup::find_pages() noexcept {
    for (Candidate& candidate : std::span(candidates_).first(count_)) {
        if (candidate.ref.tag() != 0) {
            continue;
        }
        while (candidate.ref.tag() == 0) {
            const Directory& node = Directory::at(candidate.ref);
            candidate.ref =
                node.entries()[candidate.hash << candidate.used_bits >> (64U - node.bits)];
            candidate.used_bits += node.bits;
        }
        prefetch(&line_of(candidate.ref, candidate.hash));
    }
}

void Lookup::find_nodes() const noexcept {
    for (const Candidate& candidate : std::span(candidates_).first(count_)) {
        const Line& line = line_of(candidate.ref, candidate.hash);
        const std::uint32_t slots = line.match(HashBits::fingerprint(candidate.hash));
        if (slots != 0) {
            const std::uint8_t* node =
                BlockStore::at(candidate.ref) +
                line.offsets[static_cast<std::size_t>(std::countr_zero(slots))];
            prefetch(node);
            prefetch(node + kGranuleOctets);
        }
    }
}

/// The node of the name's suffix: by its page where that is known.
std::optional<Node> Lookup::find(std::size_t labels) const noexcept {
    const auto candidates = std::span(candidates_).first(count_);
    const auto candidate = std::ranges::find(candidates, labels, &Candidate::labels);
    if (candidate == candidates.end()) {
        return zone_->find(*name_, labels);
    }
    const base::Octets wanted = zone_->relative(*name_, labels);
    const std::uint64_t hash = candidate->hash;
    const std::uint8_t* found =
        NameTable::find_in(candidate->ref, hash, [wanted, hash](const std::uint8_t* node) {
            return StoredNode(node).is(wanted, hash);
        });
    return found != nullptr ? std::optional(Node(*zone_, StoredNode(found))) : std::nullopt;
}

Match Lookup::finish() const noexcept {
    const std::size_t apex = zone_->apex_labels_;
    const std::size_t labels = name_->label_count();
    const Node at_apex = zone_->apex_node();
    if (labels == apex) {
        return {Match::Kind::kExact, at_apex, apex};
    }
    if (at_apex.stored().has(StoredNode::kDname)) {
        return {Match::Kind::kDname, at_apex, apex};
    }
    for (const std::uint8_t depth : zone_->interrupt_depths_) {
        if (apex + depth >= labels) {
            break;
        }
        const auto node = find(apex + depth);
        if (node && node->is_cut()) {
            return {Match::Kind::kCut, *node, apex + depth};
        }
        if (node && node->stored().has(StoredNode::kDname)) {
            return {Match::Kind::kDname, *node, apex + depth};
        }
    }
    if (const auto node = find(labels)) {
        return {node->is_cut() ? Match::Kind::kCut : Match::Kind::kExact, *node, labels};
    }
    return missing();
}

/// The closest encloser: what exists has all its ancestors, so the depth is halved.
Match Lookup::missing() const noexcept {
    const std::size_t apex = zone_->apex_labels_;
    std::size_t exists = apex;
    Node encloser = zone_->apex_node();
    std::size_t lacks = std::min(name_->label_count(), apex + zone_->nodes_by_depth_.size());
    while (lacks - exists > 1) {
        const std::size_t middle = exists + (lacks - exists) / 2;
        if (const auto node = find(middle)) {
            exists = middle;
            encloser = *node;
        } else {
            lacks = middle;
        }
    }
    return {Match::Kind::kMissing, encloser, exists};
}

}  // namespace understudy::zone
