#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/block_store.h>
#include <understudy/zone/page.h>
#include <understudy/zone/stored_node.h>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace understudy::zone {

/// A node of the directory: 2^bits references, to pages or further nodes, chosen by the next bits
/// of the hash. It doubles as its pages split, so growth copies one node and never the directory.
/// Further nodes stand only below one of kMaxBits, each at an entry of its own.
struct Directory {
    static constexpr unsigned kMaxBits = 9;

    Version birth = 0;
    std::uint8_t bits = 0;   // at least 1
    std::uint8_t depth = 0;  // as a page's: bits of the node above that lead here
    std::uint16_t reserved = 0;

    [[nodiscard]] static const Directory& at(BlockRef ref) noexcept {
        return *reinterpret_cast<const Directory*>(BlockStore::at(ref));
    }
    [[nodiscard]] const BlockRef* entries() const noexcept {
        return reinterpret_cast<const BlockRef*>(this + 1);
    }
    [[nodiscard]] BlockRef* entries() noexcept { return reinterpret_cast<BlockRef*>(this + 1); }
    [[nodiscard]] std::size_t size() const noexcept { return std::size_t{1} << bits; }
    [[nodiscard]] static std::size_t octets(unsigned bits) noexcept {
        return sizeof(Directory) + (sizeof(BlockRef) << bits);
    }

    /// Calls `visit(ref, span)` with each page or node below, once, and how many entries refer to
    /// it.
    template <typename Visit>
    void for_each_entry(Visit visit) const {
        for (std::size_t i = 0; i < size();) {
            const BlockRef entry = entries()[i];
            const std::size_t span = span_of(entry, bits);
            i += span;
            visit(entry, span);
        }
    }

    /// How many entries of a node of so many bits refer to this page or node.
    [[nodiscard]] static std::size_t span_of(BlockRef ref, unsigned bits) noexcept {
        return std::size_t{1} << (bits - (ref.tag() != 0 ? header_of(ref).depth : at(ref).depth));
    }
};
static_assert(sizeof(Directory) == 8);

/// One version of a persistent hash table from names to nodes: a directory whose leaves are pages.
/// Versions share what is the same in both. The nodes' octets are the caller's affair; a name's
/// node is found by fingerprint, and the caller confirms it.
class NameTable {
  public:
    NameTable() = default;

    [[nodiscard]] BlockRef root() const noexcept { return root_; }
    [[nodiscard]] bool is_empty() const noexcept { return root_.is_null(); }

    /// The page that a name with this hash stands in. REQUIRES: not empty.
    [[nodiscard]] BlockRef page(std::uint64_t hash) const noexcept { return page(root_, 0, hash); }

    /// The same below a node of the directory, or a page, above which so many bits were used.
    [[nodiscard]] static BlockRef page(BlockRef ref,
                                       unsigned used_bits,
                                       std::uint64_t hash) noexcept {
        hash <<= used_bits;
        while (ref.tag() == 0) {
            const Directory& node = Directory::at(ref);
            ref = node.entries()[hash >> (64U - node.bits)];
            hash <<= node.bits;
        }
        return ref;
    }

    /// Calls `accept(node)` with each node of this fingerprint until it says true, and returns that
    /// node or null.
    template <typename Accept>
    [[nodiscard]] const std::uint8_t* find(std::uint64_t hash, Accept accept) const noexcept {
        if (is_empty()) {
            return nullptr;
        }
        return find_in(page(hash), hash, accept);
    }

    template <typename Accept>
    [[nodiscard]] static const std::uint8_t* find_in(BlockRef page,
                                                     std::uint64_t hash,
                                                     Accept accept) noexcept {
        const Line& line = line_of(page, hash);
        for (std::uint32_t slots = line.match(HashBits::fingerprint(hash)); slots != 0;
             slots &= slots - 1) {
            const std::uint8_t* node =
                BlockStore::at(page) +
                line.offsets[static_cast<std::size_t>(std::countr_zero(slots))];
            if (accept(node)) {
                return node;
            }
        }
        return nullptr;
    }

    /// Calls `visit(block, octets)` with every block: directory nodes, pages and what their nodes
    /// refer to.
    template <typename Visit>
    void for_each_block(Visit visit) const {
        if (!is_empty()) {
            walk(root_, visit);
        }
    }

    /// Calls `visit(StoredNode)` with every node.
    template <typename Visit>
    void for_each_node(Visit visit) const;

  private:
    friend class TableBuilder;
    friend class TableEdit;
    friend class TableReader;

    template <typename Visit>
    static void walk(BlockRef ref, Visit& visit);

    BlockRef root_;
};

[[nodiscard]] inline const std::uint8_t* first_node_of(BlockRef page) noexcept {
    return reinterpret_cast<const std::uint8_t*>(&header_of(page) + 1);
}

/// Calls `visit(StoredNode)` with the nodes of a page.
template <typename Visit>
void for_each_node_of(BlockRef page, Visit visit) {
    const std::uint8_t* at = first_node_of(page);
    for (std::size_t left = header_of(page).nodes; left > 0; --left) {
        const StoredNode node(at);
        at += node.octets();
        visit(node);
    }
}

template <typename Visit>
void NameTable::walk(BlockRef ref, Visit& visit) {
    if (ref.tag() != 0) {
        for_each_node_of(ref, [&visit](StoredNode node) {
            if (const BlockRef outside = node.external(); !outside.is_null()) {
                visit(outside, BlockHeader::of(outside).octets);
            }
        });
        visit(ref, header_of(ref).octets);
        return;
    }
    const Directory& node = Directory::at(ref);
    node.for_each_entry([&visit](BlockRef entry, std::size_t) { walk(entry, visit); });
    visit(ref, Directory::octets(node.bits));
}

template <typename Visit>
void NameTable::for_each_node(Visit visit) const {
    for_each_block([&visit](BlockRef block, std::size_t) {
        if (block.tag() != 0) {
            for_each_node_of(block, visit);
        }
    });
}

}  // namespace understudy::zone
