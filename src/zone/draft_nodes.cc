#include "zone/draft_nodes.h"

#include <algorithm>
#include <bit>

namespace understudy::zone {
namespace {

bool same_name(base::Octets left, base::Octets right) noexcept {
    return std::ranges::equal(left, right, {}, wire::to_lower, wire::to_lower);
}

bool is_wildcard(base::Octets owner) noexcept { return owner[0] == 1 && owner[1] == '*'; }

base::Octets parent(base::Octets owner) noexcept { return owner.subspan(1U + owner[0]); }

}  // namespace

std::size_t DraftNode::depth() const noexcept {
    std::size_t labels = 0;
    for (base::Octets rest = owner; !rest.empty(); rest = parent(rest)) {
        ++labels;
    }
    return labels;
}

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

/// One node for the runs of each name. Two names of one hash come apart.
void DraftNodes::collect() {
    const std::span<RecordRuns::Run> runs = records_.sorted();
    nodes_.reserve(runs.size());
    for (std::size_t first = 0; first < runs.size();) {
        runs[std::min(first + RecordRuns::kAhead, runs.size() - 1)].prefetch();
        std::size_t last = first + 1;
        while (last < runs.size() && runs[last].hash() == runs[first].hash()) {
            ++last;
        }
        while (first < last) {
            const base::Octets owner = runs[first].owner();
            const auto others = std::stable_partition(
                runs.begin() + static_cast<std::ptrdiff_t>(first),
                runs.begin() + static_cast<std::ptrdiff_t>(last),
                [owner](const RecordRuns::Run& run) { return same_name(run.owner(), owner); });
            const auto end = static_cast<std::size_t>(others - runs.begin());
            nodes_.push_back({.hash = runs[first].hash(),
                              .owner = owner,
                              .runs = runs.subspan(first, end - first)});
            first = end;
        }
    }
}

/// The place of a name in the hash table, or the free one where it belongs.
std::uint32_t& DraftNodes::slot(std::uint64_t hash, base::Octets owner) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = hash & mask;
    const auto is_it = [&](const DraftNode& node) {
        return node.hash == hash && same_name(node.owner, owner);
    };
    while (slots_[i] != 0 && !is_it(nodes_[slots_[i] - 1])) {
        i = (i + 1) & mask;
    }
    return slots_[i];
}

void DraftNodes::index() {
    slots_.assign(std::bit_ceil(nodes_.size() * 2 + 2), 0);
    for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
        slot(nodes_[i].hash, nodes_[i].owner) = i + 1;
    }
}

DraftNode& DraftNodes::parent_of(std::size_t child) {
    const base::Octets owner = parent(nodes_[child].owner);
    if (owner.empty()) {
        return apex_;
    }
    if (slots_.size() < nodes_.size() * 2) {
        index();
    }
    const std::uint64_t hash = hash_below(records_.apex_hash(), owner, records_.hash_key());
    std::uint32_t& found = slot(hash, owner);
    if (found == 0) {
        nodes_.push_back({.hash = hash, .owner = owner});
        found = static_cast<std::uint32_t>(nodes_.size());
        added_name_octets_ += owner.size() + records_.apex().size();
    }
    return nodes_[found - 1];
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
        std::ranges::stable_sort(nodes_, {}, &DraftNode::hash);
        slots_.clear();
    }
}

const DraftNode* DraftNodes::find(wire::NameView name) {
    const base::Octets owner = name.octets().first(name.size() - records_.apex().size());
    if (owner.empty()) {
        return &apex_;
    }
    if (slots_.empty()) {
        index();
    }
    const std::uint32_t found =
        slot(hash_below(records_.apex_hash(), owner, records_.hash_key()), owner);
    return found != 0 ? &nodes_[found - 1] : nullptr;
}

}  // namespace understudy::zone
