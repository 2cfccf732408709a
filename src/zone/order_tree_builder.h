#pragma once

#include <understudy/zone/order_tree.h>
#include <cstddef>

#include "zone/order_pack.h"

namespace understudy::zone {

/// Makes a tree of keys that come in order: each node once, and as full as it may be.
class OrderTreeBuilder {
  public:
    explicit OrderTreeBuilder(Version birth) : birth_(birth) {}

    /// REQUIRES: greater than the key before, at most kMaxKeyOctets.
    void add(base::Octets key);

    /// The tree of what was added. The builder is used up.
    [[nodiscard]] OrderTree build();

  private:
    void make_next_leaf();

    Version birth_;
    std::size_t key_count_ = 0;
    KeyRun waiting_;       // for a leaf
    KeyBuffer separator_;  // on the left of what waits
    OrderBranches leaves_;
};

}  // namespace understudy::zone
