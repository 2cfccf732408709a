#include "zone/draft_nodes.h"

#include <algorithm>

namespace understudy::zone {

std::vector<RecordRef> DraftNode::records() const {
    std::vector<RecordRef> records;
    for (const RecordRuns::Run& run : runs) {
        run.append_records(records);
    }
    if (records.size() > 1) {
        std::ranges::sort(records, stored_before);
        normalise(records);
    }
    return records;
}

DraftNodes::DraftNodes(RecordRuns& records) : records_(records) {
    apex_.hash = records.apex_hash();
    apex_.runs = records.apex_runs();
    collect();
    add_ancestors();
}

void DraftNodes::collect() {
    nodes_.reserve(records_.runs().size());
    for_each_owner(records_.sorted(), [this](std::span<RecordRuns::Run> runs) {
        nodes_.push_back(
            {.hash = runs.front().hash(), .owner = runs.front().owner(), .runs = runs});
    });
}

DraftNode& DraftNodes::parent_of(std::size_t child) {
    const base::Octets owner = zone::parent_of(nodes_[child].owner);
    if (owner.empty()) {
        return apex_;
    }
    const std::uint64_t hash = hash_below(records_.apex_hash(), owner, records_.hash_key());
    if (const auto found = index_.find(hash, owner)) {
        return nodes_[*found];
    }
    added_name_octets_ += owner.size() + records_.apex().size();
    return nodes_.emplace_back(DraftNode{.hash = hash, .owner = owner});
}

void DraftNodes::add_ancestors() {
    const std::size_t with_records = nodes_.size();
    // What is added on the way comes at the end and gets its own parent in turn.
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const bool wildcard = is_wildcard(nodes_[i].owner);
        DraftNode& above = parent_of(i);
        ++above.children;
        above.has_wildcard_child = above.has_wildcard_child || wildcard;
    }
    if (nodes_.size() > with_records) {
        std::ranges::sort(nodes_, {}, &DraftNode::hash);
        index_.clear();
    }
}

const DraftNode* DraftNodes::find(wire::NameView name) {
    const base::Octets owner = name.octets().first(name.size() - records_.apex().size());
    if (owner.empty()) {
        return &apex_;
    }
    const auto found =
        index_.find(hash_below(records_.apex_hash(), owner, records_.hash_key()), owner);
    return found ? &nodes_[*found] : nullptr;
}

}  // namespace understudy::zone
