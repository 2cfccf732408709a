#pragma once

#include <understudy/zone/name_key.h>
#include <understudy/zone/name_table.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "zone/lineage.h"

namespace understudy::zone {

/// What gives a stored node's hash again.
struct NodeHasher {
    std::uint64_t apex = 0;  // the hash of the apex
    HashKey key;

    [[nodiscard]] std::uint64_t operator()(StoredNode node) const noexcept {
        return node.hash(apex, key);
    }
};

/// Makes the next version of a table, node by node. Pages and directory nodes of older versions are
/// copied at the first change, those of its own are changed in place or replaced.
class TableEdit {
  public:
    /// `retired` takes what the new version lacks of the old one. REQUIRES: outlives the edit.
    TableEdit(NameTable base,
              const NodeHasher& hasher,
              Version birth,
              std::vector<Retired>& retired)
        : table_(base), hasher_(hasher), birth_(birth), retired_(retired) {}

    [[nodiscard]] const NameTable& table() const noexcept { return table_; }

    /// Puts `node` in the place of `old`, which stands in this table, or, null, beside the others.
    /// What `old` has outside of its page is retired with it. Octets of `node`: see append_node.
    void put(std::uint64_t hash, const std::uint8_t* old, base::Octets node);

    /// Takes `old` away.
    void erase(std::uint64_t hash, const std::uint8_t* old);

  private:
    /// A node of the directory on the way to a page.
    struct Step {
        BlockRef node;
        std::size_t index = 0;   // of the entry that was followed
        unsigned used_bits = 0;  // of the hash, by the nodes above
    };
    /// A range of entries of a directory node: those that share `depth` bits.
    struct Slot {
        Directory* node = nullptr;
        unsigned used_bits = 0;
        std::size_t first = 0;
        unsigned depth = 0;

        void set(BlockRef ref) const noexcept;
    };

    void change(std::uint64_t hash, const std::uint8_t* old, const PageNode* put);
    [[nodiscard]] std::vector<Step> own_path(std::uint64_t hash);
    [[nodiscard]] BlockRef copy_directory(BlockRef node, unsigned bits);
    void grow(std::vector<Step>& path, unsigned bits);
    void refer(std::span<const Step> above, BlockRef ref) noexcept;
    void place(const Slot& slot, std::vector<PageNode> nodes);
    [[nodiscard]] BlockRef make_subtree(std::vector<PageNode> nodes,
                                        unsigned used_bits,
                                        unsigned depth) const;
    [[nodiscard]] bool merge(const Slot& slot, std::vector<PageNode>& nodes);
    void retire(BlockRef block, std::size_t octets, Version birth) {
        zone::retire(block, octets, birth, birth_, retired_);
    }
    void retire_page(BlockRef page) { retire(page, header_of(page).octets, header_of(page).birth); }

    NameTable table_;
    const NodeHasher& hasher_;
    Version birth_;
    std::vector<Retired>& retired_;
};

/// Releases every block of the table that was born after `oldest`: with 0 all of them.
void release_table(NameTable table, Version oldest) noexcept;

}  // namespace understudy::zone
