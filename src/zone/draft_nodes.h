#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "zone/name_index.h"
#include "zone/record_runs.h"
#include "zone/rrset_encoder.h"

namespace understudy::zone {

/// A name on its way from runs of records to a node.
struct DraftNode {
    std::uint64_t hash = 0;
    base::Octets owner{};                     // relative to the apex
    std::span<const RecordRuns::Run> runs{};  // none: an empty non-terminal
    std::uint32_t children = 0;
    bool has_wildcard_child = false;

    /// As StoredNode's.
    [[nodiscard]] base::Octets own_apex() const noexcept {
        return runs.empty() ? base::Octets() : runs.front().own_apex();
    }

    /// Sorted as they are stored, and normalised.
    [[nodiscard]] std::vector<RecordRef> records() const;
};

/// The names of a zone in the making: those with records and the empty non-terminals above them, in
/// the order of their hashes.
class DraftNodes {
  public:
    /// REQUIRES: `records` outlives it and takes no more.
    explicit DraftNodes(RecordRuns& records);
    DraftNodes(const DraftNodes&) = delete;
    DraftNodes& operator=(const DraftNodes&) = delete;

    [[nodiscard]] const DraftNode& apex() const noexcept { return apex_; }
    [[nodiscard]] std::span<const DraftNode> below_apex() const noexcept { return nodes_; }

    /// Null where there is none. REQUIRES: `name` is the apex or below.
    [[nodiscard]] const DraftNode* find(wire::NameView name);

    /// Of the names of empty non-terminals.
    [[nodiscard]] std::size_t added_name_octets() const noexcept { return added_name_octets_; }

  private:
    void collect();
    void add_ancestors();
    [[nodiscard]] DraftNode& parent_of(std::size_t child);

    RecordRuns& records_;
    DraftNode apex_;
    std::vector<DraftNode> nodes_;
    NameIndex<std::vector<DraftNode>> index_{nodes_};
    std::size_t added_name_octets_ = 0;
};

}  // namespace understudy::zone
