#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/block_store.h>
#include <understudy/zone/key_buffer.h>
#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace understudy::zone {

/// The tag of a reference to a node of an OrderTree.
enum OrderTag : unsigned { kOrderLeaf = 1, kOrderInner = 2 };

/// Three levels for a million names. A look-up reads some five lines of a leaf, whatever its size.
inline constexpr std::size_t kMaxOrderNodeOctets = 2048;

/// What a node of either kind begins with.
struct OrderHeader {
    Version birth = 0;         // the version that made it
    std::uint16_t octets = 0;  // of the block
    std::uint16_t count = 0;   // of keys in a leaf, of children in an inner node
    std::uint8_t heads = 0;
    std::uint8_t prefix_octets = 0;
    std::uint16_t reserved = 0;
};
static_assert(sizeof(OrderHeader) == 12);

/// How many octets both begin with alike.
[[nodiscard]] inline std::size_t common_octets(base::Octets left, base::Octets right) noexcept {
    const std::size_t limit = std::min(left.size(), right.size());
    std::size_t at = 0;
    while (at < limit && left[at] == right[at]) {
        ++at;
    }
    return at;
}

/// The same of `limit` octets, eight at once. REQUIRES: seven more are readable behind either.
[[nodiscard]] inline std::size_t common_octets(const std::uint8_t* left,
                                               const std::uint8_t* right,
                                               std::size_t limit) noexcept {
    for (std::size_t at = 0; at < limit; at += sizeof(std::uint64_t)) {
        std::uint64_t left_octets = 0;
        std::uint64_t right_octets = 0;
        std::memcpy(&left_octets, left + at, sizeof left_octets);
        std::memcpy(&right_octets, right + at, sizeof right_octets);
        if (left_octets != right_octets) {
            const auto bits =
                static_cast<std::size_t>(std::countr_zero(left_octets ^ right_octets));
            return std::min(at + bits / 8, limit);
        }
    }
    return limit;
}

/// Below 0, 0 or above 0 as `left` is less than, equal to or greater than `right`.
[[nodiscard]] inline int compare_keys(base::Octets left, base::Octets right) noexcept {
    const std::size_t common = std::min(left.size(), right.size());
    const int order = common > 0 ? std::memcmp(left.data(), right.data(), common) : 0;
    return order != 0 ? order : static_cast<int>(left.size()) - static_cast<int>(right.size());
}

/// The head of a key: what of it stands in one number, whose order is the keys' as long as two of
/// them differ. A key of fewer octets is filled up with zeros.
inline constexpr std::size_t kHeadOctets = sizeof(std::uint32_t);

[[nodiscard]] inline std::uint32_t head_of(base::Octets key) noexcept {
    if (key.size() >= kHeadOctets) {
        return base::load_be32(key.data());
    }
    std::uint32_t head = 0;
    for (std::size_t i = 0; i < kHeadOctets; ++i) {
        head = head << 8U | (i < key.size() ? key[i] : 0U);
    }
    return head;
}

/// How many of the ascending numbers are less than `bound`.
[[nodiscard]] inline std::size_t count_less(std::span<const std::uint32_t> numbers,
                                            std::uint64_t bound) noexcept {
    const std::uint32_t* first = numbers.data();
    std::size_t left = numbers.size();
    while (left > 1) {  // without a branch that depends on what stands there
        const std::size_t half = left / 2;
        first += first[half - 1] < bound ? half : 0;
        left -= half;
    }
    return static_cast<std::size_t>(first - numbers.data()) + (left == 1 && *first < bound ? 1 : 0);
}

/// A node as it stands in its block. Both kinds begin alike:
///
///     header 12 · prefix, filled up to a multiple of 4 · heads 4 each
///
/// The prefix is what all the node's keys begin with; it is left out elsewhere. A head stands for a
/// key that divides the node: every eighth of a leaf, every separator of an inner node. A search
/// reads the heads, which stand together, and confirms on the key only where they are equal.
class OrderNode {
  public:
    explicit OrderNode(BlockRef node) noexcept : at_(BlockStore::at(node)) {}

    [[nodiscard]] const OrderHeader& header() const noexcept {
        return *reinterpret_cast<const OrderHeader*>(at_);
    }
    [[nodiscard]] base::Octets prefix() const noexcept {
        return {at_ + sizeof(OrderHeader), header().prefix_octets};
    }
    [[nodiscard]] std::span<const std::uint32_t> heads() const noexcept {
        return {reinterpret_cast<const std::uint32_t*>(at_ + heads_offset(header().prefix_octets)),
                header().heads};
    }

    [[nodiscard]] static constexpr std::size_t heads_offset(std::size_t prefix_octets) noexcept {
        return sizeof(OrderHeader) + (prefix_octets + kHeadOctets - 1) / kHeadOctets * kHeadOctets;
    }

  protected:
    /// How many of the dividing keys are not greater than `key`. `at_most(index, rest)` says it of
    /// one whose head is that of `rest`, what `key` has behind the prefix.
    template <typename AtMost>
    [[nodiscard]] std::size_t rank(base::Octets key, AtMost at_most) const noexcept {
        const base::Octets start = prefix();
        const std::size_t common = std::min(key.size(), start.size());
        const int order = common > 0 ? std::memcmp(key.data(), start.data(), common) : 0;
        if (order != 0 || common < start.size()) {
            return order > 0 ? header().heads : 0;
        }
        const base::Octets rest = key.subspan(common);
        const std::uint32_t head = head_of(rest);
        std::size_t less = count_less(heads(), head);
        if (less == header().heads || heads()[less] != head) {
            return less;
        }
        std::size_t equal = count_less(heads().subspan(less), std::uint64_t{head} + 1);
        while (equal > 0) {
            const std::size_t half = (equal + 1) / 2;
            if (at_most(less + half - 1, rest)) {
                less += half;
                equal -= half;
            } else {
                equal = half - 1;
            }
        }
        return less;
    }

    [[nodiscard]] const std::uint8_t* behind_heads() const noexcept {
        return reinterpret_cast<const std::uint8_t*>(heads().data() + heads().size());
    }

    const std::uint8_t* at_;
};

/// A key as a leaf stores it: what it shares with the key before it, not counting the prefix, and
/// what follows.
///
///     3 bits shared · 5 bits rest · [shared 1] · [rest 1] · rest
///
/// All bits set say that the number stands in an octet of its own.
struct OrderEntry {
    static constexpr std::size_t kRestBits = 5;
    static constexpr std::size_t kLongShared = 7;
    static constexpr std::size_t kLongRest = 31;

    std::size_t shared = 0;
    base::Octets rest;

    [[nodiscard]] static OrderEntry load(const std::uint8_t* at) noexcept {
        std::size_t shared = *at >> kRestBits;
        std::size_t rest = *at & kLongRest;
        ++at;
        if (shared == kLongShared) {
            shared = *at++;
        }
        if (rest == kLongRest) {
            rest = *at++;
        }
        return {shared, {at, rest}};
    }
    [[nodiscard]] const std::uint8_t* end() const noexcept { return rest.data() + rest.size(); }

    [[nodiscard]] static std::size_t octets(std::size_t shared, std::size_t rest) noexcept {
        return 1U + (shared >= kLongShared ? 1U : 0U) + (rest >= kLongRest ? 1U : 0U) + rest;
    }
};

/// A leaf: keys in groups, of which each begins with one that shares nothing.
///
///     … heads · where the groups begin, octets from the start of the node, 2 each · OrderEntry … ·
///     kKeyChunkOctets unused, so that the last entry may be read at once
class OrderLeaf : public OrderNode {
  public:
    static constexpr std::size_t kGroupKeys = 8;
    static constexpr std::size_t kMaxKeys = 256;  // bounds what a change of one key rewrites

    using OrderNode::OrderNode;

    [[nodiscard]] static constexpr std::size_t groups(std::size_t keys) noexcept {
        return (keys + kGroupKeys - 1) / kGroupKeys;
    }

    /// How many groups begin with a key that is not greater than `key`.
    [[nodiscard]] std::size_t groups_at_most(base::Octets key) const noexcept {
        return rank(key, [this](std::size_t index, base::Octets rest) {
            return compare_keys(OrderEntry::load(group(index)).rest, rest) <= 0;
        });
    }

    /// Puts the greatest key that is not greater than `key` into `found`. REQUIRES: `groups` is
    /// groups_at_most(key) and not 0.
    void last_at_most(const KeyBuffer& key, std::size_t groups, KeyBuffer& found) const noexcept;

    /// Where a group begins. REQUIRES: index < groups(keys).
    [[nodiscard]] const std::uint8_t* group(std::size_t index) const noexcept {
        return at_ + reinterpret_cast<const std::uint16_t*>(behind_heads())[index];
    }

    void first(KeyBuffer& found) const noexcept;
    void last(KeyBuffer& found) const noexcept;

    /// Calls `visit(key)` with every key, in order.
    template <typename Visit>
    void for_each_key(const Visit& visit) const {
        KeyBuffer key;
        key.assign(prefix());
        const std::uint8_t* at = group(0);
        for (std::size_t left = header().count; left > 0; --left) {
            at = step(at, key);
            visit(key.view());
        }
    }

  private:
    /// Turns the key before into the one that stands at `at`; returns where the next stands.
    const std::uint8_t* step(const std::uint8_t* at, KeyBuffer& key) const noexcept {
        const OrderEntry entry = OrderEntry::load(at);
        key.splice_chunk(header().prefix_octets + entry.shared, entry.rest);
        return entry.end();
    }
};

/// An inner node: children with a separator between any two. It is greater than all keys on its
/// left and not greater than any on its right, and need not be a key.
///
///     … heads · children 4 each · marks of the separators 2 each · tails
///
/// A separator's first octets behind the prefix are in its head, the others are its tail. Its mark
/// says where the tail ends, counted from the first one's begin, and, in three bits, how many
/// octets of the head are its own.
class OrderInner : public OrderNode {
  public:
    static constexpr unsigned kMarkHeadBits = 3;

    using OrderNode::OrderNode;

    [[nodiscard]] std::span<const BlockRef> children() const noexcept {
        return {reinterpret_cast<const BlockRef*>(behind_heads()), header().count};
    }

    /// The child that `key` belongs to.
    [[nodiscard]] std::size_t index_of(base::Octets key) const noexcept {
        return rank(key, [this](std::size_t index, base::Octets rest) {
            return separator_at_most(index, rest);
        });
    }

    /// What stands between the children `index` and `index` + 1.
    void separator(std::size_t index, KeyBuffer& into) const noexcept;

  private:
    [[nodiscard]] const std::uint16_t* marks() const noexcept {
        return reinterpret_cast<const std::uint16_t*>(children().data() + children().size());
    }
    [[nodiscard]] std::size_t head_octets(std::size_t index) const noexcept {
        return marks()[index] & ((1U << kMarkHeadBits) - 1);
    }
    [[nodiscard]] base::Octets tail(std::size_t index) const noexcept;
    [[nodiscard]] bool separator_at_most(std::size_t index, base::Octets rest) const noexcept;
};

/// Calls `visit(node)` with each node from `node` down, what is below it first.
template <typename Visit>
void for_each_order_node(BlockRef node, const Visit& visit) {
    if (node.tag() == kOrderInner) {
        for (const BlockRef child : OrderInner(node).children()) {
            for_each_order_node(child, visit);
        }
    }
    visit(node);
}

// Numbers of a node's header and marks suffice.
static_assert(kMaxOrderNodeOctets < std::size_t{1} << (16U - OrderInner::kMarkHeadBits));
static_assert(kMaxOrderNodeOctets / (sizeof(std::uint32_t) + sizeof(BlockRef)) <= 256);
static_assert(OrderLeaf::groups(OrderLeaf::kMaxKeys) <= 255);

}  // namespace understudy::zone
