#include <understudy/zone/order_tree.h>

#include "zone/order_node.h"

namespace understudy::zone {
namespace {

/// Header, heads and groups of most nodes stand in their first lines.
void prefetch(BlockRef node) noexcept {
    constexpr std::size_t kLines = 3;
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

void walk(BlockRef node, const std::function<void(base::Octets key)>& visit) {
    if (node.tag() == kOrderLeaf) {
        OrderLeaf(node).for_each_key(visit);
        return;
    }
    for (const BlockRef child : OrderInner(node).children()) {
        walk(child, visit);
    }
}

std::size_t octets_below(BlockRef node) noexcept {
    std::size_t octets = BlockStore::rounded(OrderNode(node).header().octets);
    if (node.tag() == kOrderInner) {
        for (const BlockRef child : OrderInner(node).children()) {
            octets += octets_below(child);
        }
    }
    return octets;
}

}  // namespace

bool OrderTree::at_or_before(base::Octets key, KeyBuffer& found) const noexcept {
    if (is_empty()) {
        return false;
    }
    KeyBuffer padded;
    padded.assign(key);
    BlockRef node = root_;
    BlockRef before;  // what ends next to the subtree of `node`, on its left
    while (node.tag() == kOrderInner) {
        const OrderInner inner(node);
        const std::size_t index = inner.index_of(padded.view());
        node = inner.children()[index];
        prefetch(node);
        if (index > 0) {
            before = inner.children()[index - 1];
        }
    }
    if (OrderLeaf(node).at_or_before(padded, found)) {
        return true;
    }
    // Between the separator and the leaf's first key.
    if (before.is_null()) {
        return false;
    }
    OrderLeaf(last_leaf(before)).last(found);
    return true;
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
    return is_empty() ? 0 : octets_below(root_);
}

void OrderTree::for_each_key(const std::function<void(base::Octets key)>& visit) const {
    if (!is_empty()) {
        walk(root_, visit);
    }
}

}  // namespace understudy::zone
