#pragma once

#include <understudy/zone/order_tree.h>
#include <cstddef>
#include <optional>
#include <vector>

#include "zone/lineage.h"
#include "zone/order_pack.h"

namespace understudy::zone {

/// Makes the next version of a tree, key by key. Nodes of older versions are copied at the first
/// change; of its own, inner nodes are changed in place, leaves replaced.
class OrderTreeEdit {
  public:
    /// `retired` takes what the new version lacks of the old one. REQUIRES: outlives the edit.
    OrderTreeEdit(OrderTree base, Version birth, std::vector<Retired>& retired)
        : tree_(base), birth_(birth), retired_(retired) {}

    [[nodiscard]] const OrderTree& tree() const noexcept { return tree_; }

    /// Returns false, and changes nothing, where the key is there already.
    /// REQUIRES: at most kMaxKeyOctets.
    bool insert(base::Octets key);

    /// Returns false, and changes nothing, where the key is not there.
    bool erase(base::Octets key);

  private:
    /// Whether the key is there: far cheaper than to load its leaf, and mostly all that a change of
    /// a signed name needs to know.
    [[nodiscard]] bool has(base::Octets key) const noexcept;

    /// An inner node on the way to a leaf.
    struct Step {
        BlockRef node;
        std::size_t index = 0;  // of the child that was followed
    };

    /// REQUIRES: the tree is not empty.
    [[nodiscard]] BlockRef descend(base::Octets key, std::vector<Step>& path) const;

    /// The sibling that should be joined with the last step's child, if that has only these octets.
    [[nodiscard]] static std::optional<std::size_t> sibling_to_join(const std::vector<Step>& path,
                                                                    std::size_t octets);
    [[nodiscard]] OrderRange join_leaf(const std::vector<Step>& path, KeyRun& keys);
    [[nodiscard]] OrderRange join_inner(const std::vector<Step>& path, OrderBranches& branches);

    /// Puts `nodes` in the place of the children `gap` of the last step's node.
    void replace(std::vector<Step> path, OrderRange gap, OrderBranches nodes);
    [[nodiscard]] BlockRef with_child(const Step& step, BlockRef child);
    void plant(OrderBranches nodes);

    void retire(BlockRef node);

    OrderTree tree_;
    Version birth_;
    std::vector<Retired>& retired_;
};

/// Retires every block of a tree, for a version `draft` that has another one.
void retire_order_tree(OrderTree tree, Version draft, std::vector<Retired>& retired);

/// Releases every block of the tree that was born after `oldest`: with 0 all of them.
void release_order_tree(OrderTree tree, Version oldest) noexcept;

}  // namespace understudy::zone
