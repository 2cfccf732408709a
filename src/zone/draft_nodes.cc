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

DraftNodes::DraftNodes(RecordParts& records) : records_(records), parents_(records.count()) {
    apex_.hash = records.apex_hash();
    apex_.runs = records.apex_runs();
    records.sort();
    for (std::size_t part = 0; part < records.count(); ++part) {
        for_each_owner(records.runs(part), [this](std::span<RecordRuns::Run> runs) {
            tell_parents(runs.front().owner());
        });
    }
}

/// Counts a name with the one above it, which thereby exists, and so on.
void DraftNodes::tell_parents(base::Octets child) {
    while (true) {
        const bool wildcard = is_wildcard(child);
        const base::Octets owner = parent_of(child);
        if (owner.empty()) {
            ++apex_.children;
            apex_.has_wildcard_child |= wildcard;
            return;
        }
        const std::uint64_t hash = hash_below(records_.apex_hash(), owner, records_.hash_key());
        Parents& parents = parents_[records_.part_of(hash)];
        if (const auto found = parents.index.find(hash, owner)) {
            Parent& parent = parents.all[*found];
            ++parent.children;
            parent.has_wildcard_child |= wildcard;
            return;
        }
        const auto runs = runs_of(owner, hash);
        parents.all.push_back({.hash = hash,
                               .owner = runs.empty() ? keep(owner) : runs.front().owner(),
                               .children = 1,
                               .has_wildcard_child = wildcard,
                               .has_records = !runs.empty()});
        if (!runs.empty()) {
            return;
        }
        added_name_octets_ += owner.size() + records_.apex().size();
        child = parents.all.back().owner;
    }
}

/// A copy that outlives the part that it is from.
base::Octets DraftNodes::keep(base::Octets owner) {
    auto* const copy = static_cast<std::uint8_t*>(names_.allocate(owner.size(), 1));
    std::ranges::copy(owner, copy);
    return {copy, owner.size()};
}

/// Before all parts have been walked, perhaps not all of them where two names have one hash.
std::span<const RecordRuns::Run> DraftNodes::runs_of(base::Octets owner, std::uint64_t hash) {
    const auto same_hash = std::ranges::equal_range(
        records_.runs(records_.part_of(hash)), hash, {}, &RecordRuns::Run::hash);
    const auto is_of = [owner](const RecordRuns::Run& run) {
        return same_relative(run.owner(), owner);
    };
    const auto first = std::ranges::find_if(same_hash, is_of);
    return {first, std::find_if_not(first, same_hash.end(), is_of)};
}

std::optional<std::span<const RecordRuns::Run>> DraftNodes::find(base::Octets owner,
                                                                 std::uint64_t hash) {
    const auto runs = runs_of(owner, hash);
    const bool exists =
        !runs.empty() || parents_[records_.part_of(hash)].index.find(hash, owner).has_value();
    return exists ? std::optional(runs) : std::nullopt;
}

std::span<const DraftNode> DraftNodes::load(std::size_t part) {
    Parents& parents = parents_[part];
    loaded_.clear();
    for_each_owner(records_.runs(part), [this, &parents](std::span<RecordRuns::Run> runs) {
        DraftNode& node = loaded_.emplace_back(
            DraftNode{.hash = runs.front().hash(), .owner = runs.front().owner(), .runs = runs});
        if (const auto found = parents.index.find(node.hash, node.owner)) {
            node.children = parents.all[*found].children;
            node.has_wildcard_child = parents.all[*found].has_wildcard_child;
        }
    });
    const std::size_t with_records = loaded_.size();
    for (const Parent& parent : parents.all) {
        if (!parent.has_records) {
            loaded_.push_back({.hash = parent.hash,
                               .owner = parent.owner,
                               .children = parent.children,
                               .has_wildcard_child = parent.has_wildcard_child});
        }
    }
    if (loaded_.size() > with_records) {
        std::ranges::sort(loaded_, {}, &DraftNode::hash);
    }
    return loaded_;
}

void DraftNodes::release(std::size_t part) {
    records_.release(part);
    parents_[part].index.clear();
    parents_[part].all = {};
}

}  // namespace understudy::zone
