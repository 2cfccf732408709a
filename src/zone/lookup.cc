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
    candidate.ref = outline_.root;
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
    start(zone.outline(), zone.apex_labels(), name);
    set_zone(zone);
}

void Lookup::start(const ZoneOutline& outline,
                   std::size_t apex_labels,
                   const NameKey& name) noexcept {
    name_ = &name;
    outline_ = outline;
    apex_labels_ = apex_labels;
    count_ = 0;
    if (outline.root.is_null()) {
        return;
    }
    const std::size_t depth = name.label_count() - apex_labels;
    for (const std::uint8_t interrupt : outline.interrupts) {
        if (interrupt == 0 || interrupt >= depth) {
            break;
        }
        add(apex_labels + interrupt);
    }
    if (depth > 0 && depth < outline.depth_end) {
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

bool Lookup::find_nodes() const noexcept {
    bool found = false;
    for (const Candidate& candidate : std::span(candidates_).first(count_)) {
        const Line& line = line_of(candidate.ref, candidate.hash);
        const std::uint32_t slots = line.match(HashBits::fingerprint(candidate.hash));
        if (slots != 0) {
            found = true;
            const std::uint8_t* node =
                BlockStore::at(candidate.ref) +
                line.offsets[static_cast<std::size_t>(std::countr_zero(slots))];
            prefetch(node);
            prefetch(node + kGranuleOctets);
        }
    }
    return found;
}

std::span<const std::uint8_t> Lookup::interrupts() const noexcept {
    if (outline_.has(ZoneOutline::kMoreInterrupts)) {
        return zone_->interrupt_depths_;
    }
    const auto end = std::ranges::find(outline_.interrupts, 0);
    return {outline_.interrupts.begin(), end};
}

/// The node of the name's suffix: by its page where that is known.
std::optional<Node> Lookup::find(std::size_t labels) const noexcept {
    const auto candidates = std::span(candidates_).first(count_);
    const auto candidate = std::ranges::find(candidates, labels, &Candidate::labels);
    if (candidate == candidates.end()) {
        return zone_->find(*name_, labels);
    }
    const base::Octets suffix = name_->suffix(labels).octets();
    const base::Octets wanted = suffix.first(suffix.size() - name_->suffix(apex_labels_).size());
    const std::uint64_t hash = candidate->hash;
    const std::uint8_t* found =
        NameTable::find_in(candidate->ref, hash, [wanted, hash](const std::uint8_t* node) {
            return StoredNode(node).is(wanted, hash);
        });
    return found != nullptr ? std::optional(Node(*zone_, StoredNode(found))) : std::nullopt;
}

Match Lookup::finish() const noexcept {
    const std::size_t apex = apex_labels_;
    const std::size_t labels = name_->label_count();
    if (labels == apex) {
        return {Match::Kind::kExact, zone_->apex_node(), apex};
    }
    if (outline_.has(ZoneOutline::kDnameAtApex)) {
        return {Match::Kind::kDname, zone_->apex_node(), apex};
    }
    for (const std::uint8_t depth : interrupts()) {
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
    const std::size_t apex = apex_labels_;
    std::size_t exists = apex;
    Node encloser = zone_->apex_node();
    std::size_t lacks = std::min(name_->label_count(), apex + outline_.depth_end);
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
