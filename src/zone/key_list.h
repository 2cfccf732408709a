#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/order_tree.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace understudy::zone {

/// Keys in any order, on their way into a tree. They stand one behind the other: a chain of
/// millions of names takes no allocation for each.
class KeyList {
  public:
    /// REQUIRES: at most kMaxKeyOctets, and not in the list.
    void push_back(base::Octets key);

    /// The tree of them all. The list is used up.
    [[nodiscard]] OrderTree to_tree(Version birth);

  private:
    [[nodiscard]] base::Octets at(std::uint64_t begin) const noexcept {
        return base::Octets(octets_).subspan(begin + 1, octets_[begin]);
    }

    std::vector<std::uint8_t> octets_;  // of each key its length, then itself
    std::vector<std::uint64_t> begins_;
};

}  // namespace understudy::zone
