#include <understudy/zone/lookup.h>
#include <algorithm>
#include <span>

namespace understudy::zone {

void Lookup::add(std::size_t labels) noexcept {
    Candidate& candidate = candidates_[count_++];
    candidate.labels = labels;
    candidate.probe.start(outline_->root, name_->hash(labels));
}

void Lookup::start(const ZoneOutline& outline,
                   std::size_t apex_labels,
                   const NameKey& name) noexcept {
    name_ = &name;
    outline_ = &outline;
    apex_labels_ = apex_labels;
    count_ = 0;
    has_own_ = false;
    lacks_ = 0;
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
    if (depth > 0 && depth < outline.open_depth_end) {
        add(name.label_count());
        has_own_ = true;
    }
}

bool Lookup::find_pages() noexcept {
    bool all = true;
    for (Candidate& candidate : std::span(candidates_.data(), count_)) {
        all &= candidate.probe.find_page();
    }
    return all;
}

bool Lookup::find_nodes() noexcept {
    // An RRset, and its signatures.
    constexpr std::size_t kLines = 3;
    constexpr std::size_t kSignedLines = 4;
    bool found = false;
    for (Candidate& candidate : std::span(candidates_.data(), count_)) {
        found |= outline_->has_chain() ? candidate.probe.find_likely<kSignedLines>()
                                       : candidate.probe.find_likely<kLines>();
    }
    return found;
}

std::optional<StoredNode> Lookup::find(const Candidate& candidate) const noexcept {
    return candidate.probe.find(name_->between(apex_labels_, candidate.labels));
}

bool Lookup::settle(Match::Kind kind, StoredNode node, std::size_t labels) noexcept {
    kind_ = kind;
    node_ = node;
    labels_ = labels;
    return true;
}

/// Whether an ancestor of the name ends the zone's say about it.
bool Lookup::interrupts(StoredNode node, std::size_t labels) noexcept {
    if (node.has(StoredNode::kCut)) {
        return settle(Match::Kind::kCut, node, labels);
    }
    return node.has(StoredNode::kDname) && settle(Match::Kind::kDname, node, labels);
}

/// The same of any above it.
bool Lookup::finds_interrupt() noexcept {
    for (std::size_t i = 0; i < count_ - has_own_; ++i) {
        const auto node = find(candidates_[i]);
        if (node && interrupts(*node, candidates_[i].labels)) {
            return true;
        }
    }
    return outline_->has(ZoneOutline::kMoreInterrupts) && finds_deep_interrupt();
}

/// The same of any as deep as the outline has no room for.
bool Lookup::finds_deep_interrupt() noexcept {
    for (const std::uint8_t depth : zone_->interrupt_depths_) {
        const std::size_t labels = apex_labels_ + depth;
        if (labels >= name_->label_count()) {
            break;
        }
        const auto node = zone_->find(*name_, labels);
        if (node && interrupts(node->stored(), labels)) {
            return true;
        }
    }
    return false;
}

bool Lookup::decide() noexcept {
    if (lacks_ != 0) {
        return narrow();
    }
    const std::size_t labels = name_->label_count();
    if (labels == apex_labels_) {
        return settle(Match::Kind::kExact, zone_->apex_node().stored(), labels);
    }
    if (outline_->has(ZoneOutline::kDnameAtApex)) [[unlikely]] {
        return settle(Match::Kind::kDname, zone_->apex_node().stored(), apex_labels_);
    }
    if (finds_interrupt()) {
        return true;
    }
    if (has_own_) {
        if (const auto node = find(candidates_[count_ - 1])) {
            const bool is_cut = node->has(StoredNode::kCut);
            return settle(is_cut ? Match::Kind::kCut : Match::Kind::kExact, *node, labels);
        }
    }
    settle(Match::Kind::kMissing, zone_->apex_node().stored(), apex_labels_);
    lacks_ = std::min(labels, apex_labels_ + outline_->open_depth_end);
    count_ = 0;
    return narrow();
}

bool Lookup::narrow() noexcept {
    if (count_ != 0) {
        const std::size_t labels = candidates_[0].labels;
        if (const auto node = find(candidates_[0])) {
            settle(Match::Kind::kMissing, *node, labels);
        } else {
            lacks_ = labels;
        }
        count_ = 0;
    }
    if (lacks_ - labels_ <= 1) {
        return true;
    }
    add(labels_ + (lacks_ - labels_) / 2);
    return false;
}

Match Zone::lookup(const NameKey& name) const noexcept {
    const ZoneOutline own_outline = outline();
    Lookup lookup;
    lookup.start(own_outline, apex_labels(), name);
    lookup.set_zone(*this);
    do {
        while (!lookup.find_pages()) {
        }
        lookup.find_nodes();
    } while (!lookup.decide());
    return lookup.match();
}

}  // namespace understudy::zone
