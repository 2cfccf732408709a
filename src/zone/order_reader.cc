#include "zone/order_reader.h"

#include <algorithm>
#include <cstring>

#include "zone/image_format.h"
#include "zone/lineage.h"

namespace understudy::zone {
namespace {

/// Whether a head holds no more than its separator's own octets.
bool is_filled_up(std::uint32_t head, std::size_t own_octets) noexcept {
    return own_octets == kHeadOctets || head << 8U * own_octets == 0;
}

}  // namespace

OrderTree OrderReader::read(BlockRef root) {
    OrderTree tree;
    if (root.is_null()) {
        return tree;
    }
    if (root != image_ref(1, root.tag())) {
        blocks_.fail("the order's root is none");
        return tree;
    }
    least_.clear();
    tree.root_ = read(root, 0);
    tree.key_count_ = key_count_;
    return tree;
}

BlockRef OrderReader::read(BlockRef image, std::size_t level) {
    const bool is_leaf = image.tag() == kOrderLeaf;
    if ((!is_leaf && image.tag() != kOrderInner) || level == kMostLevels ||
        (is_leaf && leaf_level_.value_or(level) != level)) {
        blocks_.fail("a node of the order stands where none may");
        return {};
    }
    const BlockRef node = take(image.tag());
    if (node.is_null()) {
        return {};
    }
    if (is_leaf) {
        leaf_level_ = level;
    }
    const bool is_good = is_leaf ? read_leaf(node) : read_inner(node, level);
    return is_good ? node : BlockRef();
}

BlockRef OrderReader::take(unsigned tag) {
    const base::Octets front = blocks_.peek(sizeof(OrderHeader));
    if (front.empty()) {
        return {};
    }
    OrderHeader head;
    std::memcpy(&head, front.data(), sizeof head);
    const std::size_t heads_end =
        OrderNode::heads_offset(head.prefix_octets) + head.heads * sizeof(std::uint32_t);
    if (head.octets > kMaxOrderNodeOctets || head.octets < heads_end || head.count == 0) {
        blocks_.fail("a node of the order of " + std::to_string(head.octets) + " octets");
        return {};
    }
    const BlockRef node = blocks_.take(head.octets, tag);
    if (!node.is_null() && head.birth != kFirstVersion) {
        blocks_.fail("a node of the order of another version");
        return {};
    }
    return node;
}

// ---- Leaves

std::optional<OrderEntry> OrderReader::entry(const std::uint8_t* at,
                                             const std::uint8_t* end) noexcept {
    constexpr std::ptrdiff_t kMostHeadOctets = 3;
    std::array<std::uint8_t, kMostHeadOctets> head{};
    std::copy(at, at + std::min(kMostHeadOctets, end - at), head.begin());
    const OrderEntry parts = OrderEntry::load(head.data());
    const std::ptrdiff_t octets = parts.rest.data() - head.data();
    if (end - at < octets || static_cast<std::size_t>(end - at - octets) < parts.rest.size()) {
        return std::nullopt;
    }
    return OrderEntry{parts.shared, {at + octets, parts.rest.size()}};
}

bool OrderReader::put(const OrderEntry& entry, std::size_t prefix, std::size_t index) {
    const base::Octets rest = entry.rest;
    if (prefix + entry.shared + rest.size() > kMaxKeyOctets) {
        return false;
    }
    if (index > 0) {
        // What follows is greater, and what it shares is all that the two have in common; but for
        // the first of a group, which shares nothing.
        const base::Octets before = key_.view().subspan(prefix);
        if (index % OrderLeaf::kGroupKeys == 0) {
            if (entry.shared != 0 || compare_keys(before, rest) >= 0) {
                return false;
            }
        } else if (entry.shared > before.size() || rest.empty() ||
                   (entry.shared < before.size() && rest[0] <= before[entry.shared])) {
            return false;
        }
    } else if (entry.shared != 0) {
        return false;
    }
    key_.splice(prefix + entry.shared, rest);
    return true;
}

bool OrderReader::read_leaf(BlockRef leaf) {
    const OrderLeaf node(leaf);
    const OrderHeader& head = node.header();
    const std::size_t groups = OrderLeaf::groups(head.count);
    const std::size_t groups_at =
        OrderNode::heads_offset(head.prefix_octets) + groups * sizeof(std::uint32_t);
    const std::size_t entries_at = groups_at + groups * sizeof(std::uint16_t);
    if (head.count > OrderLeaf::kMaxKeys || head.heads != groups ||
        head.octets < entries_at + kKeyChunkOctets) {
        return blocks_.fail("a faulty leaf of the order");
    }
    const std::uint8_t* const start = BlockStore::at(leaf);
    const std::uint8_t* const end = start + head.octets - kKeyChunkOctets;
    const std::uint8_t* at = start + entries_at;
    const KeyBuffer before = key_;
    key_.assign(node.prefix());
    for (std::size_t i = 0; i < head.count; ++i) {
        const auto next = entry(at, end);
        const std::size_t group = i / OrderLeaf::kGroupKeys;
        const bool begins_group = i % OrderLeaf::kGroupKeys == 0;
        if (!next ||
            (begins_group &&
             (load_field<std::uint16_t>(start + groups_at + group * sizeof(std::uint16_t)) !=
                  at - start ||
              node.heads()[group] != head_of(next->rest))) ||
            !put(*next, head.prefix_octets, i)) {
            return blocks_.fail("a faulty key");
        }
        if (i == 0 && ((key_count_ > 0 && compare_keys(before.view(), key_.view()) >= 0) ||
                       compare_keys(least_.view(), key_.view()) > 0)) {
            return blocks_.fail("keys are not in their order");
        }
        ++key_count_;
        visit_(key_);
        at = next->end();
    }
    return at == end || blocks_.fail("octets behind keys");
}

// ---- Inner nodes

/// Whether its parts stand where they are looked for, and separators are keys.
bool OrderReader::check_inner(BlockRef inner) {
    const OrderHeader& head = OrderNode(inner).header();
    const OrderInner node(inner);
    if (head.heads + std::size_t{1} != head.count) {
        return false;
    }
    const std::size_t marks_at = OrderNode::heads_offset(head.prefix_octets) +
                                 head.heads * sizeof(std::uint32_t) + head.count * sizeof(BlockRef);
    const std::size_t tails_at = marks_at + head.heads * sizeof(std::uint16_t);
    if (head.octets < tails_at) {
        return false;
    }
    const std::uint8_t* const start = BlockStore::at(inner);
    std::size_t tail = 0;
    for (std::size_t i = 0; i < head.heads; ++i) {
        const auto mark = load_field<std::uint16_t>(start + marks_at + i * sizeof(std::uint16_t));
        const std::size_t in_head = mark & ((1U << OrderInner::kMarkHeadBits) - 1);
        const std::size_t tail_end = mark >> OrderInner::kMarkHeadBits;
        if (in_head > kHeadOctets || tail_end < tail ||
            (in_head < kHeadOctets && tail_end != tail) ||
            head.prefix_octets + in_head + (tail_end - tail) > kMaxKeyOctets ||
            !is_filled_up(node.heads()[i], in_head)) {
            return false;
        }
        tail = tail_end;
    }
    return tails_at + tail == head.octets;
}

bool OrderReader::read_inner(BlockRef inner, std::size_t level) {
    if (!check_inner(inner)) {
        return blocks_.fail("a faulty inner node of the order");
    }
    const OrderInner node(inner);
    const std::size_t count = node.children().size();
    for (std::size_t i = 0; i < count; ++i) {
        BlockRef& child = const_cast<BlockRef&>(node.children()[i]);
        if (child != image_ref(i + 1, child.tag())) {
            return blocks_.fail("an inner node of the order leads elsewhere");
        }
        if (i > 0) {
            node.separator(i - 1, least_);
            if (compare_keys(key_.view(), least_.view()) >= 0) {
                return blocks_.fail("a separator is not greater than what it follows");
            }
        }
        child = read(child, level + 1);
        if (child.is_null()) {
            return false;
        }
    }
    return true;
}

}  // namespace understudy::zone
