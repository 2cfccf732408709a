#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "zone/name_index.h"
#include "zone/node_writer.h"
#include "zone/record_runs.h"

namespace understudy::zone {

/// A name that a change may alter: what it is in the base version, and what it is going to be.
struct TouchedNode {
    std::uint64_t hash = 0;
    base::Octets owner;                       // relative to the apex, in any case
    std::span<const RecordRuns::Run> runs{};  // none: its own records stay
    const std::uint8_t* before = nullptr;     // its stored node, or null

    bool has_records = false;
    bool rewrites_rrsets = false;  // as its records, or the glue of its referral, change
    std::uint8_t flags = 0;        // StoredNode::kCut, kDname, kWildcardChild
    std::uint32_t children = 0;
    std::uint32_t touched_children = 0;  // of those that will exist; see ZoneEdit

    [[nodiscard]] bool existed() const noexcept { return before != nullptr; }
    [[nodiscard]] bool exists() const noexcept {
        return has_records || children != 0 || owner.empty();
    }
    [[nodiscard]] bool interrupted() const noexcept {
        return existed() && interrupts(StoredNode(before).flags());
    }
    [[nodiscard]] bool changes() const noexcept {
        return rewrites_rrsets || existed() != exists() ||
               (existed() && (StoredNode(before).children() != children ||
                              (StoredNode(before).flags() & kNameFlags) != flags));
    }
};

/// The names that a change touches, the apex always the first. References to them stay good.
class TouchedNodes {
  public:
    /// REQUIRES: `base` outlives it.
    TouchedNodes(const Zone& base, std::uint64_t apex_hash);
    TouchedNodes(const TouchedNodes&) = delete;
    TouchedNodes& operator=(const TouchedNodes&) = delete;

    /// The node of this name; where it was not touched yet, as it is in the base version.
    /// REQUIRES: `owner` stays.
    TouchedNode& touch(base::Octets owner, std::uint64_t hash);
    TouchedNode& touch(base::Octets owner) { return touch(owner, hash_of(owner)); }

    /// Null where it is not touched.
    [[nodiscard]] TouchedNode* find(base::Octets owner, std::uint64_t hash);
    [[nodiscard]] TouchedNode* find(base::Octets owner) { return find(owner, hash_of(owner)); }

    [[nodiscard]] TouchedNode& apex() noexcept { return nodes_.front(); }
    [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
    [[nodiscard]] TouchedNode& operator[](std::size_t index) noexcept { return nodes_[index]; }
    [[nodiscard]] std::deque<TouchedNode>::iterator begin() noexcept { return nodes_.begin(); }
    [[nodiscard]] std::deque<TouchedNode>::iterator end() noexcept { return nodes_.end(); }

    [[nodiscard]] std::uint64_t hash_of(base::Octets owner) const noexcept {
        return owner.empty() ? apex_hash_ : hash_below(apex_hash_, owner, base_.hash_key());
    }

  private:
    const Zone& base_;
    std::uint64_t apex_hash_;
    std::deque<TouchedNode> nodes_;
    NameIndex<std::deque<TouchedNode>> index_{nodes_};
};

}  // namespace understudy::zone
