#include <understudy/zone/zone.h>

#include <algorithm>

#include "zone/lineage.h"
#include "zone/order_tree_edit.h"
#include "zone/relative_name.h"
#include "zone/table_edit.h"

namespace understudy::zone {

// ---- Node

OwnerParts Node::owner_parts() const noexcept {
    const base::Octets own_apex = stored_.own_apex();
    return {stored_.owner(), own_apex.empty() ? zone_->apex() : wire::NameView(own_apex)};
}

wire::NameBuffer Node::owner() const noexcept {
    const OwnerParts parts = owner_parts();
    return whole_name(parts.relative, parts.apex.octets());
}

RRset Node::records(const StoredRRset& rrset) const noexcept {
    return {rrset.type, rrset.count, rrset.records, owner_parts()};
}

RRset Node::signatures(const StoredRRset& rrset) const noexcept {
    return {wire::type::kRrsig, count_records(rrset.signatures), rrset.signatures, owner_parts()};
}

Node::Iterator Node::begin() const noexcept {
    StoredNode::Iterator first = stored_.begin();
    if (is_cut()) {
        ++first;  // the referral
    }
    return {*this, first};
}

void Node::Iterator::skip() noexcept {
    while (at_ != node_.stored_.end() && (*at_).count == 0) {
        ++at_;
    }
}

RRset Node::Iterator::operator*() const noexcept { return node_.records(*at_); }

std::optional<RRset> Node::find(wire::Type type) const noexcept {
    const auto stored = find_stored(type);
    return stored ? std::optional(records(*stored)) : std::nullopt;
}

std::optional<RRset> Node::signatures(wire::Type covered) const noexcept {
    const auto stored = stored_.find(covered);
    return stored && !stored->signatures.empty() && covered != kReferralType
               ? std::optional(signatures(*stored))
               : std::nullopt;
}

Referral Node::referral() const noexcept {
    StoredNode::Iterator at = stored_.begin();
    const StoredRRset glue = *at;
    do {
        ++at;
    } while ((*at).type != wire::type::kNs);
    const std::uint8_t* const fixups = glue.signatures.data() + sizeof(std::uint16_t);
    const auto of_ns = load_field<std::uint16_t>(glue.signatures.data());
    return {.ns = *at,
            .ns_fixups = {fixups, of_ns},
            .glue = glue.records,
            .glue_fixups = {fixups + of_ns, glue.end()},
            .glue_count = glue.count & ~unsigned{kMayHaveSiblings},
            .may_have_siblings = (glue.count & kMayHaveSiblings) != 0};
}

// ---- Zone

Zone::Zone() = default;

Zone::~Zone() {
    if (!lineage_) {
        return;  // never finished, and its builder has seen to its blocks
    }
    const Lineage::Heir heir = lineage_->drop(version_);
    if (heir.has_successor) {
        return;
    }
    release_table(table_, heir.predecessor);
    release_order_tree(chain_.order, heir.predecessor);
    if (const BlockHeader& apex = BlockHeader::of(apex_node_); apex.birth > heir.predecessor) {
        BlockStore::process().release(apex_node_, apex.octets);
    }
}

NegativeBody Zone::negative_body() const noexcept {
    const StoredRRset soa = StoredRRset::load(negative_body_.data());
    const std::uint8_t* const fixups = soa.end() + sizeof(std::uint16_t);
    const auto of_records = load_field<std::uint16_t>(soa.end());
    const std::uint8_t* const end = negative_body_.data() + negative_body_.size();
    return {soa, {fixups, of_records}, {fixups + of_records, end}};
}

std::optional<Node> Zone::find(const NameKey& name, std::size_t labels) const noexcept {
    if (labels == apex_labels_) {
        return apex_node();
    }
    if (labels - apex_labels_ >= nodes_by_depth_.size()) {
        return std::nullopt;
    }
    const std::uint64_t hash = name.hash(labels);
    const base::Octets wanted = relative(name, labels);
    const std::uint8_t* found = table_.find(hash, [wanted, hash](const std::uint8_t* node) {
        return StoredNode(node).is(wanted, hash);
    });
    return found != nullptr ? std::optional(Node(*this, StoredNode(found))) : std::nullopt;
}

std::optional<Node> Zone::find_relative(base::Octets labels) const noexcept {
    return labels.empty() ? apex_node()
                          : find_relative(labels, hash_below(apex_hash_, labels, key_));
}

std::optional<Node> Zone::find_relative(base::Octets labels, std::uint64_t hash) const noexcept {
    const std::uint8_t* found = table_.find(hash, [labels, hash](const std::uint8_t* node) {
        return StoredNode(node).is(labels, hash);
    });
    return found != nullptr ? std::optional(Node(*this, StoredNode(found))) : std::nullopt;
}

std::optional<Node> Zone::find(const NameKey& name) const noexcept {
    return find(name, name.label_count());
}

std::optional<Node> Zone::find_wildcard(const NameKey& name, std::size_t labels) const noexcept {
    std::array<std::uint8_t, wire::kMaxNameOctets + kWordOctets> wanted{1, '*'};
    const base::Octets encloser = relative(name, labels);
    std::ranges::copy(encloser, &wanted[2]);
    const std::uint64_t hash = name.wildcard_hash(labels);
    const std::uint8_t* found =
        table_.find(hash,
                    [hash, name = base::Octets(wanted).first(encloser.size() + 2)](
                        const std::uint8_t* node) { return StoredNode(node).is(name, hash); });
    return found != nullptr ? std::optional(Node(*this, StoredNode(found))) : std::nullopt;
}

void Zone::count_node(std::size_t depth, bool interrupts, int by) {
    if (nodes_by_depth_.size() <= depth) {
        nodes_by_depth_.resize(depth + 1);
        interrupts_by_depth_.resize(depth + 1);
    }
    const auto step = static_cast<std::uint32_t>(by);
    nodes_by_depth_[depth] += step;
    interrupts_by_depth_[depth] += interrupts ? step : 0U;
    node_count_ += static_cast<std::size_t>(by);
}

void Zone::settle_depths() {
    while (nodes_by_depth_.back() == 0) {  // the apex is not gone
        nodes_by_depth_.pop_back();
        interrupts_by_depth_.pop_back();
    }
    interrupt_depths_.clear();
    for (std::size_t depth = 1; depth < interrupts_by_depth_.size(); ++depth) {
        if (interrupts_by_depth_[depth] != 0) {
            interrupt_depths_.push_back(static_cast<std::uint8_t>(depth));
        }
    }
    open_depth_end_ = nodes_by_depth_.size();
}

bool Zone::is_open(base::Octets relative) const noexcept {
    const NameKey name(whole_name(relative, apex().octets()).view(), key_);
    return lookup(name).labels == name.label_count();
}

void Zone::find_open_depth() {
    if (interrupt_depths_.empty()) {
        return;
    }
    std::size_t end = interrupt_depths_.front() + std::size_t{1};
    if (end < nodes_by_depth_.size()) {
        // Empty non-terminals do not tell their names, but what is below them is as open.
        table_.for_each_node([&](StoredNode node) {
            const std::size_t depth = depth_of(node.owner());
            if (depth >= end && is_open(node.owner())) {
                end = depth + 1;
            }
        });
    }
    open_depth_end_ = end;
}

ZoneOutline Zone::outline() const noexcept {
    ZoneOutline outline{.root = table_.root(),
                        .open_depth_end = static_cast<std::uint8_t>(open_depth_end_)};
    const std::size_t interrupts = std::min(interrupt_depths_.size(), ZoneOutline::kInterrupts);
    std::copy_n(interrupt_depths_.begin(), interrupts, outline.interrupts.begin());
    const unsigned flags =
        (apex_node().stored().has(StoredNode::kDname) ? unsigned{ZoneOutline::kDnameAtApex} : 0U) |
        (interrupts < interrupt_depths_.size() ? unsigned{ZoneOutline::kMoreInterrupts} : 0U) |
        (denial() == Denial::kNsec ? unsigned{ZoneOutline::kNsec} : 0U) |
        (denial() == Denial::kNsec3 ? unsigned{ZoneOutline::kNsec3} : 0U);
    outline.flags = static_cast<std::uint8_t>(flags);
    return outline;
}

void Zone::prefetch_negative() const noexcept {
    const std::uint8_t* const body = negative_body_.data();
    __builtin_prefetch(body);
    __builtin_prefetch(body + kGranuleOctets);
    __builtin_prefetch(BlockStore::at(apex_node_));
}

std::size_t Zone::memory_octets() const noexcept {
    std::size_t octets = sizeof *this + apex_.view().size() + negative_body_.capacity() +
                         nodes_by_depth_.capacity() * sizeof(std::uint32_t) +
                         interrupts_by_depth_.capacity() * sizeof(std::uint32_t) +
                         interrupt_depths_.capacity() + chain_.salt.capacity() +
                         chain_.order.memory_octets() +
                         BlockStore::rounded(BlockHeader::of(apex_node_).octets);
    table_.for_each_block(
        [&octets](BlockRef, std::size_t of_block) { octets += BlockStore::rounded(of_block); });
    return octets;
}

// ---- RecordCursor

// NOLINTBEGIN(bugprone-unchecked-optional-access): a node is entered from the start, and an RRset
// before its records are walked.

RecordCursor::RecordCursor(const Zone& zone) : zone_(&zone) {
    enter_node(zone.apex_node().stored());
    if (zone.table_.is_empty()) {
        return;
    }
    if (zone.table_.root().tag() != 0) {
        enter_page(zone.table_.root());
    } else {
        path_[depth_++] = {zone.table_.root()};
    }
}

void RecordCursor::enter_page(BlockRef page) noexcept {
    node_at_ = first_node_of(page);
    nodes_left_ = header_of(page).nodes;
}

void RecordCursor::enter_node(StoredNode node) noexcept {
    node_.emplace(*zone_, node);
    owner_ = node_->owner();
    stored_.emplace(node.begin());
    if (node_->is_cut()) {
        ++*stored_;  // the referral
    }
    in_signatures_ = false;
}

bool RecordCursor::next_node() noexcept {
    while (true) {
        if (nodes_left_ > 0) {
            const StoredNode node(node_at_);
            node_at_ += node.octets();
            --nodes_left_;
            enter_node(node);
            return true;
        }
        if (depth_ == 0) {
            return false;
        }
        Step& step = path_[depth_ - 1];
        const Directory& directory = Directory::at(step.node);
        if (step.next == directory.size()) {
            --depth_;
            continue;
        }
        const BlockRef entry = directory.entries()[step.next];
        step.next += Directory::span_of(entry, directory.bits);
        if (entry.tag() != 0) {
            enter_page(entry);
        } else {
            path_[depth_++] = {entry};
        }
    }
}

bool RecordCursor::next_rrset() noexcept {
    while (*stored_ != node_->stored().end()) {
        const StoredRRset stored = **stored_;
        const wire::Type type = stored.type;
        if (!in_signatures_) {
            in_signatures_ = true;
            if (stored.count != 0 && type != wire::type::kSoa) {
                rrset_ = node_->records(stored);
                return true;
            }
            continue;
        }
        in_signatures_ = false;
        ++*stored_;
        if (!stored.signatures.empty()) {
            rrset_ = node_->signatures(stored);
            return true;
        }
    }
    return false;
}

std::optional<RecordCursor::Record> RecordCursor::next() noexcept {
    if (at_) {
        ++*at_;
    }
    while (!at_ || *at_ == rrset_->end()) {
        while (!next_rrset()) {
            if (!next_node()) {
                at_.reset();
                return std::nullopt;
            }
        }
        at_.emplace(rrset_->begin());
    }
    return Record{owner_.view(), rrset_->type(), rrset_->ttl_s(), **at_};
}

// NOLINTEND(bugprone-unchecked-optional-access)

}  // namespace understudy::zone
