#include "zone/zone_edit.h"

#include <understudy/base/check.h>
#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "zone/denial_links.h"
#include "zone/order_tree_edit.h"

namespace understudy::zone {
namespace {

bool is_address(const RecordRef& record) noexcept {
    return record.type == wire::type::kA || record.type == wire::type::kAaaa;
}

bool touches_addresses(const TouchedNode& node) {
    std::vector<RecordRef> records;
    for (const RecordRuns::Run& run : node.runs) {
        run.append_records(records);
    }
    return std::ranges::any_of(records, is_address);
}

/// REQUIRES: whole labels in front of this apex.
std::string name_text(const RecordRuns::Run& run, wire::NameView apex) {
    std::array<std::uint8_t, wire::kMaxNameOctets> octets;
    std::ranges::copy(run.owner(), octets.begin());
    std::ranges::copy(apex.octets(), &octets[run.owner().size()]);
    return wire::NameView(base::Octets(octets).first(run.owner().size() + apex.size())).to_text();
}

/// Counts a child that came into existence or went out of it.
void tell_parent(const TouchedNode& node, TouchedNode& parent) noexcept {
    parent.children += node.exists() ? 1U : ~0U;
    if (is_wildcard(node.owner)) {
        parent.flags = static_cast<std::uint8_t>(
            node.exists() ? parent.flags | StoredNode::kWildcardChild
                          : parent.flags & ~unsigned{StoredNode::kWildcardChild});
    }
}

/// The node as it will stand, without its records.
NodeDraft draft_of(const TouchedNode& node) noexcept {
    NodeDraft draft{.owner = node.owner,
                    .own_apex = {},
                    .hash = node.hash,
                    .children = node.children,
                    .has_wildcard_child = (node.flags & StoredNode::kWildcardChild) != 0,
                    .records = {}};
    if (node.existed() && !StoredNode(node.before).has(StoredNode::kUnnamed)) {
        draft.owner = StoredNode(node.before).owner();
        draft.own_apex = StoredNode(node.before).own_apex();
        return draft;
    }
    const auto added = std::ranges::find(node.runs, Operation::kAdd, &RecordRuns::Run::operation);
    if (added != node.runs.end()) {
        draft.owner = added->owner();
        draft.own_apex = added->own_apex();
    }
    return draft;
}

}  // namespace

ZoneEdit::ZoneEdit(const Zone& base, const Change& change, Strictness strictness)
    : base_(base),
      strictness_(strictness),
      version_(base.lineage_->next()),
      apex_runs_(change.runs_->apex_runs().begin(), change.runs_->apex_runs().end()),
      runs_(change.runs_->runs().begin(), change.runs_->runs().end()),
      touched_(base, base.apex_hash_),
      hasher_{base.apex_hash_, base.key_},
      table_(base.table_, hasher_, version_, retired_),
      next_(new Zone),
      writer_(*next_, version_, [this](wire::NameView host, std::vector<RecordRef>& into) {
          return find_addresses(host, into);
      }) {
    UNDERSTUDY_CHECK(base.lineage_->newest_living() == base.version_);
    UNDERSTUDY_CHECK(std::ranges::equal(change.runs_->apex().octets(), base.apex().octets()) &&
                     change.runs_->hash_key() == base.key_);
    RecordRuns::sort_runs(runs_);
    copy_base();
}

ZoneEdit::~ZoneEdit() {
    if (!next_) {
        return;
    }
    release_table(table_.table(), base_.version_);
    release_order_tree(next_->chain_.order, base_.version_);
    if (const BlockHeader& apex = BlockHeader::of(next_->apex_node_); apex.birth == version_) {
        BlockStore::process().release(next_->apex_node_, apex.octets);
    }
}

void ZoneEdit::copy_base() {
    next_->key_ = base_.key_;
    next_->apex_ = base_.apex_;
    next_->apex_labels_ = base_.apex_labels_;
    next_->apex_hash_ = base_.apex_hash_;
    next_->soa_ = base_.soa_;
    next_->negative_ttl_s_ = base_.negative_ttl_s_;
    next_->record_count_ = base_.record_count_;
    next_->node_count_ = base_.node_count_;
    next_->table_ = base_.table_;
    next_->apex_node_ = base_.apex_node_;
    next_->negative_body_ = base_.negative_body_;
    next_->nodes_by_depth_ = base_.nodes_by_depth_;
    next_->interrupts_by_depth_ = base_.interrupts_by_depth_;
    next_->interrupt_depths_ = base_.interrupt_depths_;
    next_->chain_ = base_.chain_;
}

base::Expected<std::unique_ptr<const Zone>> ZoneEdit::run() {
    if (auto good = change_records(); !good) {
        return base::fail(std::move(good.error().message));
    }
    settle_existence();
    count_cuts();
    touch_referrals();
    write_nodes();
    if (auto good = write_apex(); !good) {
        return base::fail(std::move(good.error().message));
    }
    if (!writer_.fault().empty()) {
        return base::fail(writer_.fault());
    }
    link_denial();
    settle_open_depth();
    return finish();
}

// ---- Records

NodeRecords ZoneEdit::records_before(const TouchedNode& node) const {
    return node.existed() ? NodeRecords(Node(base_, StoredNode(node.before))) : NodeRecords();
}

NodeRecords ZoneEdit::records_after(const TouchedNode& node) const {
    NodeRecords records = records_before(node);
    static_cast<void>(take_steps(node, records));  // they were good in the first pass
    return records;
}

base::Expected<void> ZoneEdit::take_steps(const TouchedNode& node, NodeRecords& records) const {
    std::vector<RecordRef> steps;
    for (const RecordRuns::Run& run : node.runs) {
        const bool removes = run.operation() == Operation::kRemove;
        steps.clear();
        run.append_records(steps);
        for (const RecordRef& step : steps) {
            const bool done = removes ? records.remove(step) : records.add(step);
            if (!done && strictness_ == Strictness::kStrict) {
                return base::fail((removes ? "no record to remove of type "
                                           : "a record to add is there already, of type ") +
                                  std::to_string(step.type) + " at " +
                                  name_text(run, base_.apex()));
            }
        }
    }
    return {};
}

base::Expected<void> ZoneEdit::change_records_of(TouchedNode& node) {
    NodeRecords records = records_before(node);
    const std::size_t before = records.count();
    if (auto good = take_steps(node, records); !good) {
        return good;
    }
    next_->record_count_ += records.count() - before;
    node.has_records = records.count() != 0;
    node.rewrites_rrsets = true;
    node.flags = static_cast<std::uint8_t>((node.flags & StoredNode::kWildcardChild) |
                                           flags_of(records.normalised(), node.owner.empty()));
    return {};
}

base::Expected<void> ZoneEdit::change_records() {
    touched_.apex().runs = apex_runs_;
    for_each_owner(std::span(runs_), [this](std::span<RecordRuns::Run> runs) {
        touched_.touch(runs.front().owner(), runs.front().hash()).runs = runs;
    });
    for (TouchedNode& node : touched_) {
        if (!node.runs.empty()) {
            if (auto good = change_records_of(node); !good) {
                return good;
            }
        }
    }
    return {};
}

// ---- Existence

/// A name is settled when those below it are.
void ZoneEdit::settle_existence() {
    std::vector<std::vector<TouchedNode*>> by_depth(1);
    const auto file = [&by_depth](TouchedNode& node) {
        const std::size_t depth = depth_of(node.owner);
        by_depth.resize(std::max(by_depth.size(), depth + 1));
        by_depth[depth].push_back(&node);
    };
    for (TouchedNode& node : touched_) {
        file(node);
    }
    for (std::size_t depth = by_depth.size() - 1; depth > 0; --depth) {
        for (const TouchedNode* node : by_depth[depth]) {
            if (node->existed() == node->exists()) {
                continue;
            }
            const std::size_t known = touched_.size();
            TouchedNode& parent = touched_.touch(parent_of(node->owner));
            tell_parent(*node, parent);
            if (touched_.size() > known) {
                file(parent);
            }
        }
    }
}

// ---- Cuts

void ZoneEdit::count_cuts() {
    for (const TouchedNode& node : touched_) {
        const std::size_t depth = depth_of(node.owner);
        if (node.existed()) {
            next_->count_node(depth, node.interrupted(), -1);
        }
        if (node.exists()) {
            next_->count_node(depth, interrupts(node.flags), 1);
        }
    }
    next_->settle_depths();
}

// ---- Glue

void ZoneEdit::touch_cuts_above(const TouchedNode& node) {
    std::size_t depth = depth_of(node.owner);
    for (base::Octets owner = node.owner; !owner.empty(); owner = parent_of(owner), --depth) {
        if (depth >= next_->interrupts_by_depth_.size() ||
            next_->interrupts_by_depth_[depth] == 0) {
            continue;
        }
        TouchedNode& above = touched_.touch(owner);
        above.rewrites_rrsets = above.rewrites_rrsets || (above.flags & StoredNode::kCut) != 0;
    }
}

void ZoneEdit::touch_referrals() {
    const std::size_t count = touched_.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (touches_addresses(touched_[i])) {
            touch_cuts_above(touched_[i]);
        }
    }
}

bool ZoneEdit::find_addresses(wire::NameView host, std::vector<RecordRef>& into) {
    const base::Octets owner = host.octets().first(host.size() - base_.apex().size());
    const std::uint64_t hash = touched_.hash_of(owner);
    // Addresses are stored as they are: their octets outlive the NodeRecords.
    if (const TouchedNode* touched = touched_.find(owner, hash)) {
        if (touched->exists()) {
            append_addresses(records_after(*touched).normalised(), into);
        }
        return touched->exists();
    }
    const std::optional<Node> stored = base_.find_relative(LoweredName(owner).view(), hash);
    if (stored) {
        append_addresses(NodeRecords(*stored).normalised(), into);
    }
    return stored.has_value();
}

// ---- Nodes

void ZoneEdit::append_rewritten(const TouchedNode& node, std::vector<std::uint8_t>& into) const {
    static constexpr std::array<std::uint8_t, 1> kNoRRsets{0};
    const NodeDraft draft = draft_of(node);
    append_node({.flags = node.flags,
                 .owner = draft.owner,
                 .own_apex = draft.own_apex,
                 .hash = node.hash,
                 .children = node.children,
                 .rrsets = node.existed() ? StoredNode(node.before).stored_rrsets() : kNoRRsets},
                node.owner.empty(),
                version_,
                into);
}

void ZoneEdit::write(const TouchedNode& node) {
    const std::uint64_t hash = node.hash;
    const LoweredName lowered(node.owner);
    const std::uint8_t* const old =
        table_.table().find(hash, [name = lowered.view(), hash](const std::uint8_t* at) {
            return StoredNode(at).is(name, hash);
        });
    if (!node.exists()) {
        table_.erase(hash, old);
        return;
    }
    octets_.clear();
    if (node.rewrites_rrsets) {
        NodeRecords records = records_after(node);
        NodeDraft draft = draft_of(node);
        draft.records = records.normalised();
        writer_.append(draft, octets_);
    } else {
        append_rewritten(node, octets_);
    }
    table_.put(hash, old, octets_);
}

void ZoneEdit::write_nodes() {
    for (const TouchedNode& node : touched_) {
        if (!node.owner.empty() && (node.existed() || node.exists()) && node.changes()) {
            write(node);
        }
    }
    next_->table_ = table_.table();
}

base::Expected<void> ZoneEdit::write_apex() {
    const TouchedNode& apex = touched_.apex();
    if (!apex.changes()) {
        return {};
    }
    if (apex.rewrites_rrsets) {
        NodeRecords records = records_after(apex);
        NodeDraft draft = draft_of(apex);
        draft.records = records.normalised();
        if (auto good = writer_.write_apex(draft); !good) {
            return good;
        }
    } else {
        octets_.clear();
        append_rewritten(apex, octets_);
        next_->apex_node_ = make_block(octets_, version_);
    }
    const BlockHeader& old = BlockHeader::of(base_.apex_node_);
    retire(base_.apex_node_, old.octets, old.birth, version_, retired_);
    return {};
}

// ---- Denial

void ZoneEdit::link_denial() {
    Zone::Chain chain = next_->choose_chain();
    const Zone::Chain& old = base_.chain_;
    DenialLinks links(*next_, touched_);
    const bool is_same =
        chain.kind == old.kind && chain.iterations == old.iterations && chain.salt == old.salt;
    next_->chain_ = std::move(chain);
    if (!is_same || links.may_reveal_others()) {
        next_->order_chain(version_);
        retire_order_tree(old.order, version_, retired_);
    } else {
        next_->chain_.order = links.changed(old.order, version_, retired_);
    }
    next_->find_apex_proofs();
}

/// The bound is raised for names that are new. Where a cut or a DNAME is gone, anything below it
/// may be open, and the bound is that of all names.
void ZoneEdit::settle_open_depth() {
    std::size_t end = base_.open_depth_end_;
    for (const TouchedNode& node : touched_) {
        if (node.interrupted() && !interrupts(node.flags)) {
            return;
        }
        const std::size_t depth = depth_of(node.owner);
        if (node.exists() && depth >= end && next_->is_open(node.owner)) {
            end = depth + 1;
        }
    }
    next_->open_depth_end_ = std::min(end, next_->open_depth_end_);
}

std::unique_ptr<const Zone> ZoneEdit::finish() {
    next_->lineage_ = base_.lineage_;
    next_->version_ = version_;
    next_->lineage_->commit(version_, std::move(retired_));
    return std::unique_ptr<const Zone>(next_.release());
}

}  // namespace understudy::zone
