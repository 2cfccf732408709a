#include "zone/key_list.h"

#include <algorithm>

#include "zone/order_tree_builder.h"

namespace understudy::zone {

void KeyList::push_back(base::Octets key) {
    begins_.push_back(octets_.size());
    octets_.push_back(static_cast<std::uint8_t>(key.size()));
    octets_.insert(octets_.end(), key.begin(), key.end());
}

OrderTree KeyList::to_tree(Version birth) {
    std::ranges::sort(begins_, [this](std::uint64_t left, std::uint64_t right) {
        return std::ranges::lexicographical_compare(at(left), at(right));
    });
    OrderTreeBuilder tree(birth);
    for (const std::uint64_t begin : begins_) {
        tree.add(at(begin));
    }
    return tree.build();
}

}  // namespace understudy::zone
