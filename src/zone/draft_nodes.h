#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

#include "zone/name_index.h"
#include "zone/record_parts.h"
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

/// The names of a zone in the making: those with records and the empty non-terminals above them,
/// part by part (see RecordParts).
class DraftNodes {
  public:
    /// REQUIRES: `records` outlives it and takes no more.
    explicit DraftNodes(RecordParts& records);
    DraftNodes(const DraftNodes&) = delete;
    DraftNodes& operator=(const DraftNodes&) = delete;

    [[nodiscard]] const DraftNode& apex() const noexcept { return apex_; }

    /// The names of a part in the order of their hashes. Good until the next call.
    [[nodiscard]] std::span<const DraftNode> load(std::size_t part);

    /// Lets go of a part's names and records.
    void release(std::size_t part);

    /// The runs of this name below the apex, none of an empty non-terminal; nothing where it does
    /// not exist. REQUIRES: its part was not released.
    [[nodiscard]] std::optional<std::span<const RecordRuns::Run>> find(base::Octets owner,
                                                                       std::uint64_t hash);

    /// Of the names of empty non-terminals.
    [[nodiscard]] std::size_t added_name_octets() const noexcept { return added_name_octets_; }

  private:
    /// A name below the apex that has children.
    struct Parent {
        std::uint64_t hash;
        base::Octets owner;
        std::uint32_t children = 0;
        bool has_wildcard_child = false;
        bool has_records;
    };
    /// Those of a part.
    struct Parents {
        std::vector<Parent> all;
        NameIndex<std::vector<Parent>> index{all};
    };

    void tell_parents(base::Octets child);
    [[nodiscard]] std::span<const RecordRuns::Run> runs_of(base::Octets owner, std::uint64_t hash);
    [[nodiscard]] base::Octets keep(base::Octets owner);

    RecordParts& records_;
    DraftNode apex_;
    std::deque<Parents> parents_;  // by part
    std::vector<DraftNode> loaded_;
    std::pmr::monotonic_buffer_resource names_;  // of empty non-terminals
    std::size_t added_name_octets_ = 0;
};

}  // namespace understudy::zone
