#include <understudy/zone/order_tree.h>

#include "zone/order_node.h"

namespace understudy::zone {
namespace {

/// Header, heads and groups of most nodes stand in their first lines.
void prefetch(BlockRef node) noexcept {
    constexpr std::size_t kLines = 4;
    for (std::size_t line = 0; line < kLines; ++line) {
        __builtin_prefetch(BlockStore::at(node) + line * kGranuleOctets);
    }
}

BlockRef last_leaf(BlockRef node) noexcept {
    while (node.tag() == kOrderInner) {
        node = OrderInner(node).children().back();
    }
    return node;
}

}  // namespace

void OrderSearch::start(const OrderTree& tree) noexcept {
    leaf_ = tree.root_;
    before_ = BlockRef();
    while (leaf_.tag() == kOrderInner) {
        const OrderInner inner(leaf_);
        const std::size_t index = inner.index_of(key_.view());
        leaf_ = inner.children()[index];
        prefetch(leaf_);
        if (index > 0) {
            before_ = inner.children()[index - 1];
        }
    }
}

void OrderSearch::find_group() noexcept {
    const OrderLeaf leaf(leaf_);
    groups_ = leaf.groups_at_most(key_.view());
    if (groups_ > 0) {
        __builtin_prefetch(leaf.group(groups_ - 1));
        __builtin_prefetch(leaf.group(groups_ - 1) + kGranuleOctets);
    }
}

bool OrderSearch::finish(KeyBuffer& found) const noexcept {
    if (groups_ > 0) {
        OrderLeaf(leaf_).last_at_most(key_, groups_, found);
        return true;
    }
    // Between the separator and the leaf's first key.
    if (before_.is_null()) {
        return false;
    }
    OrderLeaf(last_leaf(before_)).last(found);
    return true;
}

bool OrderTree::at_or_before(base::Octets key, KeyBuffer& found) const noexcept {
    if (is_empty()) {
        return false;
    }
    OrderSearch search;
    search.key().assign(key);
    search.start(*this);
    search.find_group();
    return search.finish(found);
}

bool OrderTree::first(KeyBuffer& found) const noexcept {
    if (is_empty()) {
        return false;
    }
    BlockRef node = root_;
    while (node.tag() == kOrderInner) {
        node = OrderInner(node).children().front();
    }
    OrderLeaf(node).first(found);
    return true;
}

bool OrderTree::last(KeyBuffer& found) const noexcept {
    if (is_empty()) {
        return false;
    }
    OrderLeaf(last_leaf(root_)).last(found);
    return true;
}

std::size_t OrderTree::memory_octets() const noexcept {
    std::size_t octets = 0;
    if (!is_empty()) {
        for_each_order_node(root_, [&octets](BlockRef node) {
            octets += BlockStore::rounded(OrderNode(node).header().octets);
        });
    }
    return octets;
}

void OrderTree::for_each_key(const std::function<void(base::Octets key)>& visit) const {
    if (!is_empty()) {
        for_each_order_node(root_, [&visit](BlockRef node) {
            if (node.tag() == kOrderLeaf) {
                OrderLeaf(node).for_each_key(visit);
            }
        });
    }
}

}  // namespace understudy::zone
