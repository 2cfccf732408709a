#pragma once

#include <understudy/zone/block_store.h>
#include <cstddef>
#include <vector>

#include "zone/key_run.h"
#include "zone/order_node.h"

namespace understudy::zone {

/// Subtrees of one height in the order of their keys, with a separator between any two.
struct OrderBranches {
    std::vector<BlockRef> nodes;
    KeyRun separators;

    /// What stands on the left of a node; nothing for the first.
    [[nodiscard]] base::Octets separator_before(std::size_t index) const noexcept {
        return index > 0 ? separators[index - 1] : base::Octets();
    }

    /// Puts a node behind the others. The separator of the first one is left out.
    void append(base::Octets separator, BlockRef node);

    /// Puts `others` in the place of the nodes `first` to `last`, the last one excluded.
    void replace(std::size_t first, std::size_t last, const OrderBranches& others);
};

/// Neighbours in a run or among branches, the last one excluded.
struct OrderRange {
    std::size_t first = 0;
    std::size_t last = 0;

    [[nodiscard]] std::size_t size() const noexcept { return last - first; }
};

/// What a leaf of these keys, or an inner node of these branches, would take.
/// REQUIRES: not empty.
[[nodiscard]] std::size_t leaf_octets(const KeyRun& keys, OrderRange range) noexcept;
[[nodiscard]] std::size_t inner_octets(const OrderBranches& branches, OrderRange range) noexcept;

/// Whether one node may hold them.
[[nodiscard]] bool fits_leaf(const KeyRun& keys, OrderRange range) noexcept;
[[nodiscard]] bool fits_inner(const OrderBranches& branches, OrderRange range) noexcept;

/// Writes a node. REQUIRES: not empty, and it fits.
[[nodiscard]] BlockRef make_leaf(const KeyRun& keys, OrderRange range, Version birth);
[[nodiscard]] BlockRef make_inner(const OrderBranches& branches, OrderRange range, Version birth);

/// Writes nodes of about the same size, as few as halving gives: none for nothing, mostly one or
/// two.
[[nodiscard]] OrderBranches make_leaves(const KeyRun& keys, Version birth);
[[nodiscard]] OrderBranches make_inners(const OrderBranches& branches, Version birth);

/// What a node is made of, read back.
[[nodiscard]] KeyRun load_leaf(BlockRef leaf);
[[nodiscard]] OrderBranches load_inner(BlockRef inner);

}  // namespace understudy::zone
