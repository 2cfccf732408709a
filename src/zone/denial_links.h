#pragma once

#include <understudy/zone/zone.h>
#include <vector>

#include "zone/lineage.h"
#include "zone/touched_nodes.h"

namespace understudy::zone {

/// The last pass of a change: which names belong to the chain that denies what is not there. They
/// do by their own records, and in an NSEC chain by the cuts and DNAMEs above them, so names that
/// the change does not touch can leave the chain or come to it.
class DenialLinks {
  public:
    /// REQUIRES: all outlive it; `next` is whole but for the order of its chain.
    DenialLinks(const Zone& next, TouchedNodes& touched) : next_(next), touched_(touched) {}

    /// Whether a cut or DNAME is gone from above names that are not touched: they may come to the
    /// chain, and only a look at the whole table finds them.
    [[nodiscard]] bool may_reveal_others();

    /// The order of the same chain after the change. REQUIRES: !may_reveal_others().
    [[nodiscard]] OrderTree changed(OrderTree order, Version draft, std::vector<Retired>& retired);

  private:
    void count_touched_children();
    [[nodiscard]] bool key_of(const TouchedNode& node, KeyBuffer& key) const noexcept;

    const Zone& next_;
    TouchedNodes& touched_;
};

}  // namespace understudy::zone
