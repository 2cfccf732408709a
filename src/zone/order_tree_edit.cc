#include "zone/order_tree_edit.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace understudy::zone {
namespace {

// Nodes are joined before they get small, and not so tightly that the next insertion splits them.
constexpr std::size_t kSmallOctets = kMaxOrderNodeOctets / 2;
constexpr std::size_t kComfortableOctets = kMaxOrderNodeOctets * 3 / 4;

const OrderHeader& header_of(BlockRef node) noexcept { return OrderNode(node).header(); }

OrderRange gap_of_one(std::size_t index) noexcept { return {index, index + 1}; }

/// A node and its sibling, joined.
OrderRange gap_of_two(std::size_t index, std::size_t sibling) noexcept {
    const std::size_t first = std::min(index, sibling);
    return {first, first + 2};
}

/// A reference of a node that is not published yet.
BlockRef& child_at(BlockRef node, std::size_t index) noexcept {
    return const_cast<BlockRef&>(OrderInner(node).children()[index]);
}

}  // namespace

void OrderTreeEdit::retire(BlockRef node) {
    const OrderHeader header = header_of(node);
    zone::retire(node, header.octets, header.birth, birth_, retired_);
}

BlockRef OrderTreeEdit::descend(base::Octets key, std::vector<Step>& path) const {
    BlockRef node = tree_.root_;
    while (node.tag() == kOrderInner) {
        const OrderInner inner(node);
        path.push_back({node, inner.index_of(key)});
        node = inner.children()[path.back().index];
    }
    return node;
}

std::optional<std::size_t> OrderTreeEdit::sibling_to_join(const std::vector<Step>& path,
                                                          std::size_t octets) {
    if (path.empty() || octets > kSmallOctets) {
        return std::nullopt;
    }
    const auto children = OrderInner(path.back().node).children();
    const std::size_t index = path.back().index;
    const auto joins = [&children, octets](std::size_t sibling) {
        return header_of(children[sibling]).octets + octets <= kComfortableOctets;
    };
    if (index > 0 && joins(index - 1)) {
        return index - 1;
    }
    if (index + 1 < children.size() && joins(index + 1)) {
        return index + 1;
    }
    return std::nullopt;
}

OrderRange OrderTreeEdit::join_leaf(const std::vector<Step>& path, KeyRun& keys) {
    if (path.empty()) {
        return {};
    }
    const std::size_t index = path.back().index;
    if (keys.empty()) {
        return gap_of_one(index);
    }
    const auto sibling = sibling_to_join(path, leaf_octets(keys, {0, keys.size()}));
    if (!sibling) {
        return gap_of_one(index);
    }
    const BlockRef other = OrderInner(path.back().node).children()[*sibling];
    const KeyRun others = load_leaf(other);
    const bool is_left = *sibling < index;
    KeyRun both = is_left ? others : keys;
    const KeyRun& right = is_left ? keys : others;
    both.append(right, 0, right.size());
    // A shorter prefix may make the two longer than they were.
    if (!fits_leaf(both, {0, both.size()}) ||
        leaf_octets(both, {0, both.size()}) > kComfortableOctets) {
        return gap_of_one(index);
    }
    keys = std::move(both);
    retire(other);
    return gap_of_two(index, *sibling);
}

OrderRange OrderTreeEdit::join_inner(const std::vector<Step>& path, OrderBranches& branches) {
    if (path.empty()) {
        return {};
    }
    const std::size_t index = path.back().index;
    if (branches.nodes.empty()) {
        return gap_of_one(index);
    }
    const auto sibling = sibling_to_join(path, inner_octets(branches, {0, branches.nodes.size()}));
    if (!sibling) {
        return gap_of_one(index);
    }
    const OrderInner parent(path.back().node);
    const BlockRef other = parent.children()[*sibling];
    const OrderBranches others = load_inner(other);
    KeyBuffer separator;
    parent.separator(std::min(index, *sibling), separator);
    const bool is_left = *sibling < index;
    OrderBranches both = is_left ? others : branches;
    const OrderBranches& right = is_left ? branches : others;
    for (std::size_t i = 0; i < right.nodes.size(); ++i) {
        both.append(i == 0 ? separator.view() : right.separator_before(i), right.nodes[i]);
    }
    if (inner_octets(both, {0, both.nodes.size()}) > kComfortableOctets) {
        return gap_of_one(index);
    }
    branches = std::move(both);
    retire(other);
    return gap_of_two(index, *sibling);
}

BlockRef OrderTreeEdit::with_child(const Step& step, BlockRef child) {
    const OrderHeader& header = header_of(step.node);
    BlockRef node = step.node;
    if (header.birth != birth_) {
        node = BlockStore::process().allocate(header.octets, kOrderInner);
        std::memcpy(BlockStore::at(node), BlockStore::at(step.node), header.octets);
        reinterpret_cast<OrderHeader*>(BlockStore::at(node))->birth = birth_;
        retire(step.node);
    }
    child_at(node, step.index) = child;
    return node;
}

void OrderTreeEdit::replace(std::vector<Step> path, OrderRange gap, OrderBranches nodes) {
    while (!path.empty()) {
        const Step step = path.back();
        path.pop_back();
        if (nodes.nodes.size() == 1 && gap.size() == 1) {
            nodes.nodes.front() = with_child(step, nodes.nodes.front());
            if (nodes.nodes.front() == step.node) {
                return;
            }
            gap = path.empty() ? OrderRange() : gap_of_one(path.back().index);
            continue;
        }
        OrderBranches branches = load_inner(step.node);
        branches.replace(gap.first, gap.last, nodes);
        retire(step.node);
        gap = join_inner(path, branches);
        nodes = make_inners(branches, birth_);
    }
    plant(std::move(nodes));
}

void OrderTreeEdit::plant(OrderBranches nodes) {
    while (nodes.nodes.size() > 1) {
        nodes = make_inners(nodes, birth_);
    }
    tree_.root_ = nodes.nodes.empty() ? BlockRef() : nodes.nodes.front();
    while (tree_.root_.tag() == kOrderInner && header_of(tree_.root_).count == 1) {
        const BlockRef only = OrderInner(tree_.root_).children().front();
        retire(tree_.root_);
        tree_.root_ = only;
    }
}

bool OrderTreeEdit::has(base::Octets key) const noexcept {
    KeyBuffer found;
    return tree_.at_or_before(key, found) && std::ranges::equal(found.view(), key);
}

bool OrderTreeEdit::insert(base::Octets key) {
    if (has(key)) {
        return false;
    }
    std::vector<Step> path;
    KeyRun keys;
    BlockRef leaf;
    if (!tree_.is_empty()) {
        leaf = descend(key, path);
        keys = load_leaf(leaf);
    }
    keys.insert(keys.count_less(key), key);
    if (!leaf.is_null()) {
        retire(leaf);
    }
    const OrderRange gap = path.empty() ? OrderRange() : gap_of_one(path.back().index);
    replace(std::move(path), gap, make_leaves(keys, birth_));
    ++tree_.key_count_;
    return true;
}

bool OrderTreeEdit::erase(base::Octets key) {
    if (!has(key)) {
        return false;
    }
    std::vector<Step> path;
    const BlockRef leaf = descend(key, path);
    KeyRun keys = load_leaf(leaf);
    keys.erase(keys.count_less(key));
    retire(leaf);
    const OrderRange gap = join_leaf(path, keys);
    replace(std::move(path), gap, make_leaves(keys, birth_));
    --tree_.key_count_;
    return true;
}

namespace {

/// A node is never born after what refers to it: what an older version has, all of it has.
void release_since(BlockRef node, Version oldest) noexcept {
    const OrderHeader& header = header_of(node);
    if (header.birth <= oldest) {
        return;
    }
    if (node.tag() == kOrderInner) {
        for (const BlockRef child : OrderInner(node).children()) {
            release_since(child, oldest);
        }
    }
    BlockStore::process().release(node, header.octets);
}

}  // namespace

void retire_order_tree(OrderTree tree, Version draft, std::vector<Retired>& retired) {
    if (!tree.is_empty()) {
        for_each_order_node(tree.root(), [&](BlockRef node) {
            const OrderHeader& header = header_of(node);
            retire(node, header.octets, header.birth, draft, retired);
        });
    }
}

void release_order_tree(OrderTree tree, Version oldest) noexcept {
    if (!tree.is_empty()) {
        release_since(tree.root(), oldest);
    }
}

}  // namespace understudy::zone
