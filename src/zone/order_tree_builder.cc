#include "zone/order_tree_builder.h"

#include <utility>

namespace understudy::zone {
namespace {

/// Where a range that begins at `first` has to end, at the latest at `limit`, so that `fits(range)`
/// is true and would not be with one more; by bisection. REQUIRES: one alone fits.
template <typename Fits>
std::size_t longest_fit(std::size_t first, std::size_t limit, const Fits& fits) {
    std::size_t good = first + 1;
    std::size_t beyond = limit + 1;
    while (beyond - good > 1) {
        const std::size_t middle = good + (beyond - good) / 2;
        (fits(OrderRange{first, middle}) ? good : beyond) = middle;
    }
    return good;
}

OrderBranches make_level(const OrderBranches& below, Version birth) {
    OrderBranches level;
    for (std::size_t first = 0; first < below.nodes.size();) {
        constexpr std::size_t kMaxChildren = kMaxOrderNodeOctets / sizeof(BlockRef);
        const std::size_t last = longest_fit(
            first, std::min(first + kMaxChildren, below.nodes.size()), [&below](OrderRange range) {
                return fits_inner(below, range);
            });
        level.append(below.separator_before(first), make_inner(below, {first, last}, birth));
        first = last;
    }
    return level;
}

}  // namespace

void OrderTreeBuilder::add(base::Octets key) {
    waiting_.push_back(key);
    ++key_count_;
    if (waiting_.size() > OrderLeaf::kMaxKeys) {
        make_next_leaf();
    }
}

void OrderTreeBuilder::make_next_leaf() {
    const std::size_t end = longest_fit(
        0, waiting_.size(), [this](OrderRange range) { return fits_leaf(waiting_, range); });
    leaves_.append(separator_.view(), make_leaf(waiting_, {0, end}, birth_));
    if (end < waiting_.size()) {
        separator_.assign(waiting_.separator(end));
    }
    KeyRun rest;
    rest.append(waiting_, end, waiting_.size());
    waiting_ = std::move(rest);
}

OrderTree OrderTreeBuilder::build() {
    while (!waiting_.empty()) {
        make_next_leaf();
    }
    while (leaves_.nodes.size() > 1) {
        leaves_ = make_level(leaves_, birth_);
    }
    OrderTree tree;
    tree.key_count_ = key_count_;
    if (!leaves_.nodes.empty()) {
        tree.root_ = leaves_.nodes.front();
    }
    return tree;
}

}  // namespace understudy::zone
