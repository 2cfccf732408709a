#include "zone/order_pack.h"

#include <understudy/base/check.h>
#include <new>

namespace understudy::zone {
namespace {

/// What all keys of the range begin with. REQUIRES: not empty.
base::Octets common_prefix(const KeyRun& keys, OrderRange range) noexcept {
    const base::Octets first = keys[range.first];
    return first.first(common_octets(first, keys[range.last - 1]));
}

/// What divides an inner node of these branches, one less than they are.
OrderRange separators_of(OrderRange branches) noexcept {
    return {branches.first, branches.last - 1};
}

base::Octets separator_prefix(const KeyRun& separators, OrderRange range) noexcept {
    return range.size() > 0 ? common_prefix(separators, range) : base::Octets();
}

/// Of the key at `index`, not counting the prefix. A group's first key shares nothing.
std::size_t shared_in_leaf(const KeyRun& keys,
                           OrderRange range,
                           std::size_t index,
                           std::size_t prefix_octets) noexcept {
    return (index - range.first) % OrderLeaf::kGroupKeys == 0 ? 0
                                                              : keys.shared(index) - prefix_octets;
}

/// Fills a block from its begin to its end.
class NodeWriter {
  public:
    NodeWriter(BlockRef node, const OrderHeader& header, base::Octets prefix) noexcept
        : start_(BlockStore::at(node)), at_(start_) {
        new (start_) OrderHeader(header);
        at_ += sizeof header;
        put(prefix);
        at_ = std::fill_n(at_, OrderNode::heads_offset(prefix.size()) - offset(), std::uint8_t{0});
    }

    [[nodiscard]] std::size_t offset() const noexcept {
        return static_cast<std::size_t>(at_ - start_);
    }
    void put(base::Octets octets) noexcept { at_ = std::ranges::copy(octets, at_).out; }
    void put_octet(std::size_t octet) noexcept { *at_++ = static_cast<std::uint8_t>(octet); }

    template <typename Field>
    void put_field(Field field) noexcept {
        std::memcpy(at_, &field, sizeof field);
        at_ += sizeof field;
    }

    void put_entry(std::size_t shared, base::Octets rest) noexcept {
        const std::size_t short_shared = std::min(shared, OrderEntry::kLongShared);
        const std::size_t short_rest = std::min(rest.size(), OrderEntry::kLongRest);
        put_octet(short_shared << OrderEntry::kRestBits | short_rest);
        if (short_shared == OrderEntry::kLongShared) {
            put_octet(shared);
        }
        if (short_rest == OrderEntry::kLongRest) {
            put_octet(rest.size());
        }
        put(rest);
    }

  private:
    std::uint8_t* start_;
    std::uint8_t* at_;
};

/// Calls `make(range)` with parts of the range that fit, halved as often as it takes.
template <typename Fits, typename Make>
void halve(OrderRange range, const Fits& fits, const Make& make) {
    if (range.size() == 0) {
        return;
    }
    if (fits(range)) {
        make(range);
        return;
    }
    UNDERSTUDY_CHECK(range.size() > 1);  // any one fits
    const std::size_t middle = range.first + range.size() / 2;
    halve({range.first, middle}, fits, make);
    halve({middle, range.last}, fits, make);
}

}  // namespace

void OrderBranches::append(base::Octets separator, BlockRef node) {
    if (!nodes.empty()) {
        separators.push_back(separator);
    }
    nodes.push_back(node);
}

void OrderBranches::replace(std::size_t first, std::size_t last, const OrderBranches& others) {
    std::size_t keep_before = first;  // separators
    std::size_t keep_from = last - 1;
    if (others.nodes.empty()) {
        // What now meets needs one separator of the two.
        if (keep_before > 0) {
            --keep_before;
        } else {
            keep_from = std::min(keep_from + 1, separators.size());
        }
    }
    KeyRun merged;
    merged.append(separators, 0, keep_before);
    merged.append(others.separators, 0, others.separators.size());
    merged.append(separators, keep_from, separators.size());
    separators = std::move(merged);
    const auto at = nodes.erase(nodes.begin() + static_cast<std::ptrdiff_t>(first),
                                nodes.begin() + static_cast<std::ptrdiff_t>(last));
    nodes.insert(at, others.nodes.begin(), others.nodes.end());
}

std::size_t leaf_octets(const KeyRun& keys, OrderRange range) noexcept {
    const std::size_t prefix = common_prefix(keys, range).size();
    std::size_t octets =
        OrderNode::heads_offset(prefix) + kKeyChunkOctets +
        OrderLeaf::groups(range.size()) * (sizeof(std::uint32_t) + sizeof(std::uint16_t));
    for (std::size_t i = range.first; i < range.last; ++i) {
        const std::size_t shared = shared_in_leaf(keys, range, i, prefix);
        octets += OrderEntry::octets(shared, keys[i].size() - prefix - shared);
    }
    return octets;
}

std::size_t inner_octets(const OrderBranches& branches, OrderRange range) noexcept {
    const OrderRange between = separators_of(range);
    const std::size_t prefix = separator_prefix(branches.separators, between).size();
    std::size_t octets = OrderNode::heads_offset(prefix) + range.size() * sizeof(BlockRef);
    for (std::size_t i = between.first; i < between.last; ++i) {
        const std::size_t rest = branches.separators[i].size() - prefix;
        octets +=
            sizeof(std::uint32_t) + sizeof(std::uint16_t) + rest - std::min(rest, kHeadOctets);
    }
    return octets;
}

bool fits_leaf(const KeyRun& keys, OrderRange range) noexcept {
    return range.size() <= OrderLeaf::kMaxKeys && leaf_octets(keys, range) <= kMaxOrderNodeOctets;
}

bool fits_inner(const OrderBranches& branches, OrderRange range) noexcept {
    return inner_octets(branches, range) <= kMaxOrderNodeOctets;
}

BlockRef make_leaf(const KeyRun& keys, OrderRange range, Version birth) {
    const std::size_t octets = leaf_octets(keys, range);
    UNDERSTUDY_CHECK(octets <= kMaxOrderNodeOctets);
    const base::Octets prefix = common_prefix(keys, range);
    const std::size_t groups = OrderLeaf::groups(range.size());
    const BlockRef leaf = BlockStore::process().allocate(octets, kOrderLeaf);
    NodeWriter writer(leaf,
                      {.birth = birth,
                       .octets = static_cast<std::uint16_t>(octets),
                       .count = static_cast<std::uint16_t>(range.size()),
                       .heads = static_cast<std::uint8_t>(groups),
                       .prefix_octets = static_cast<std::uint8_t>(prefix.size())},
                      prefix);
    for (std::size_t i = range.first; i < range.last; i += OrderLeaf::kGroupKeys) {
        writer.put_field(head_of(keys[i].subspan(prefix.size())));
    }
    std::size_t entry = writer.offset() + groups * sizeof(std::uint16_t);
    for (std::size_t i = range.first; i < range.last; ++i) {
        const std::size_t shared = shared_in_leaf(keys, range, i, prefix.size());
        if ((i - range.first) % OrderLeaf::kGroupKeys == 0) {
            writer.put_field(static_cast<std::uint16_t>(entry));
        }
        entry += OrderEntry::octets(shared, keys[i].size() - prefix.size() - shared);
    }
    for (std::size_t i = range.first; i < range.last; ++i) {
        const std::size_t shared = shared_in_leaf(keys, range, i, prefix.size());
        writer.put_entry(shared, keys[i].subspan(prefix.size() + shared));
    }
    return leaf;
}

BlockRef make_inner(const OrderBranches& branches, OrderRange range, Version birth) {
    const std::size_t octets = inner_octets(branches, range);
    UNDERSTUDY_CHECK(octets <= kMaxOrderNodeOctets);
    const OrderRange between = separators_of(range);
    const base::Octets prefix = separator_prefix(branches.separators, between);
    const auto rest_of = [&branches, &prefix](std::size_t index) {
        return branches.separators[index].subspan(prefix.size());
    };
    const BlockRef inner = BlockStore::process().allocate(octets, kOrderInner);
    NodeWriter writer(inner,
                      {.birth = birth,
                       .octets = static_cast<std::uint16_t>(octets),
                       .count = static_cast<std::uint16_t>(range.size()),
                       .heads = static_cast<std::uint8_t>(between.size()),
                       .prefix_octets = static_cast<std::uint8_t>(prefix.size())},
                      prefix);
    for (std::size_t i = between.first; i < between.last; ++i) {
        writer.put_field(head_of(rest_of(i)));
    }
    for (std::size_t i = range.first; i < range.last; ++i) {
        writer.put_field(branches.nodes[i]);
    }
    std::size_t end = 0;
    for (std::size_t i = between.first; i < between.last; ++i) {
        const std::size_t in_head = std::min(rest_of(i).size(), kHeadOctets);
        end += rest_of(i).size() - in_head;
        writer.put_field(static_cast<std::uint16_t>(end << OrderInner::kMarkHeadBits | in_head));
    }
    for (std::size_t i = between.first; i < between.last; ++i) {
        writer.put(rest_of(i).subspan(std::min(rest_of(i).size(), kHeadOctets)));
    }
    return inner;
}

OrderBranches make_leaves(const KeyRun& keys, Version birth) {
    OrderBranches leaves;
    halve(
        {0, keys.size()},
        [&keys](OrderRange range) { return fits_leaf(keys, range); },
        [&](OrderRange range) {
            leaves.append(keys.separator(range.first), make_leaf(keys, range, birth));
        });
    return leaves;
}

OrderBranches make_inners(const OrderBranches& branches, Version birth) {
    OrderBranches inners;
    halve(
        {0, branches.nodes.size()},
        [&branches](OrderRange range) { return fits_inner(branches, range); },
        [&](OrderRange range) {
            inners.append(branches.separator_before(range.first),
                          make_inner(branches, range, birth));
        });
    return inners;
}

KeyRun load_leaf(BlockRef leaf) {
    KeyRun keys;
    OrderLeaf(leaf).for_each_key([&keys](base::Octets key) { keys.push_back(key); });
    return keys;
}

OrderBranches load_inner(BlockRef inner) {
    const OrderInner node(inner);
    OrderBranches branches;
    branches.nodes.assign(node.children().begin(), node.children().end());
    KeyBuffer separator;
    for (std::size_t i = 0; i + 1 < branches.nodes.size(); ++i) {
        node.separator(i, separator);
        branches.separators.push_back(separator.view());
    }
    return branches;
}

}  // namespace understudy::zone
