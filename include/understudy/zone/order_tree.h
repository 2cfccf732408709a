#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/block_store.h>
#include <understudy/zone/key_buffer.h>
#include <cstddef>
#include <functional>

namespace understudy::zone {

/// One version of a persistent B+ tree of keys: the owners of a zone's NSEC records
/// (canonical_key.h), or the hashes of its NSEC3 records. Denial of existence asks it for the
/// record that covers what does not exist; the key leads to the node through the zone's NameTable.
///
/// Keys are octet strings of at most kMaxKeyOctets, ordered by memcmp and then by length. Versions
/// share the blocks that are the same in both: OrderTreeBuilder, OrderTreeEdit and OrderReader make
/// them, release_order_tree and the zone's Lineage release them.
///
/// A value of two words, to be copied. Any thread may read a version that is published and not
/// released.
class OrderTree {
  public:
    OrderTree() = default;

    [[nodiscard]] BlockRef root() const noexcept { return root_; }
    [[nodiscard]] bool is_empty() const noexcept { return root_.is_null(); }
    [[nodiscard]] std::size_t key_count() const noexcept { return key_count_; }

    /// Puts the greatest key that is not greater than `key` into `found`, or returns false where
    /// there is none; what the buffer holds then is unspecified. REQUIRES: `key` is not in `found`.
    [[nodiscard]] bool at_or_before(base::Octets key, KeyBuffer& found) const noexcept;

    /// Puts the least or the greatest key into `found`, or returns false where there is none.
    [[nodiscard]] bool first(KeyBuffer& found) const noexcept;
    [[nodiscard]] bool last(KeyBuffer& found) const noexcept;

    /// What its blocks take, with those that it shares with other versions.
    [[nodiscard]] std::size_t memory_octets() const noexcept;

    /// Calls `visit(key)` with every key, in order. For checks and dumps, not for answers.
    void for_each_key(const std::function<void(base::Octets key)>& visit) const;

  private:
    friend class OrderSearch;
    friend class OrderReader;
    friend class OrderTreeBuilder;
    friend class OrderTreeEdit;

    BlockRef root_;
    std::size_t key_count_ = 0;
};

/// One key's way to the greatest that is not greater, in steps between which the cache lines that
/// the next one needs can arrive: `start`, `find_group`, `finish`.
class OrderSearch {
  public:
    /// What is searched for, to be set before `start`.
    [[nodiscard]] KeyBuffer& key() noexcept { return key_; }

    /// REQUIRES: `tree` is not empty.
    void start(const OrderTree& tree) noexcept;
    void find_group() noexcept;

    /// As OrderTree::at_or_before. REQUIRES: `found` is not key().
    [[nodiscard]] bool finish(KeyBuffer& found) const noexcept;

  private:
    KeyBuffer key_;
    BlockRef leaf_;
    BlockRef before_;     // what ends next to the leaf, on its left; null: nothing
    std::size_t groups_;  // of the leaf, that begin at or before the key
};

}  // namespace understudy::zone
