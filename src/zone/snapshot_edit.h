#pragma once

#include <understudy/zone/block_store.h>
#include <understudy/zone/snapshot.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "zone/lineage.h"
#include "zone/snapshot_table.h"

namespace understudy::zone {

/// What a version of a snapshot's trie has and its successor lacks.
struct Replaced {
    std::vector<Retired> blocks;
    std::vector<BlockRef> cells;
};

/// The next version of a snapshot's trie in the making: copies what it changes once, and what it
/// made itself it changes in place.
class SnapshotEdit {
  public:
    /// `version`: the next one's.
    SnapshotEdit(BlockRef root, Version version) : root_(root), version_(version) {}

    /// Adds a zone or replaces the one with its apex. Whether it is new.
    bool put(ServedZone zone, const NameKey& apex);

    /// Whether there was a zone of this apex.
    bool remove(const NameKey& apex);

    [[nodiscard]] BlockRef root() const noexcept { return root_; }
    [[nodiscard]] Replaced take_replaced() { return std::move(replaced_); }

  private:
    [[nodiscard]] BlockRef put(BlockRef at, unsigned used, const BucketEntry& entry);
    [[nodiscard]] BlockRef remove(BlockRef at, unsigned used);
    void take_entries(BlockRef bucket);
    [[nodiscard]] BlockRef build(std::span<BucketEntry> entries, unsigned used);
    [[nodiscard]] BlockRef build_buckets(std::span<const BucketEntry> entries);
    [[nodiscard]] BlockRef merged(BlockRef branch, unsigned used);
    [[nodiscard]] BlockRef own(BlockRef branch, unsigned used);
    void retire(BlockRef block, std::size_t octets, Version birth);

    BlockRef root_;
    Version version_;
    Replaced replaced_;
    const NameKey* apex_ = nullptr;     // of the zone at hand
    std::vector<BucketEntry> entries_;  // of the buckets at hand
};

}  // namespace understudy::zone
