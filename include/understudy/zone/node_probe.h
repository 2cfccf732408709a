#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/block_store.h>
#include <understudy/zone/name_table.h>
#include <understudy/zone/stored_node.h>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace understudy::zone {

/// One hash's way through a NameTable, in steps between which the cache lines that the next one
/// needs can arrive: `start`, `find_page` until it says true, `find_likely`, `find`.
class NodeProbe {
  public:
    /// Nothing but start() may be asked of it.
    // NOLINTNEXTLINE(modernize-use-equals-default,*.UninitializedObject): unused is not touched
    NodeProbe() noexcept {}

    /// REQUIRES: `root` is the root of a table that is not empty.
    void start(BlockRef root, std::uint64_t hash) noexcept {
        hash_ = hash;
        ref_ = root;
        used_bits_ = 0;
        if (ref_.tag() == 0) {
            // The first node of the directory is at hand after a few queries; the second may not
            // be.
            const Directory& node = Directory::at(ref_);
            used_bits_ = node.bits;
            ref_ = node.entries()[hash >> (64U - node.bits)];
        }
        __builtin_prefetch(ref_.tag() == 0 ? BlockStore::at(ref_)
                                           : static_cast<const void*>(&line_of(ref_, hash_)));
    }

    /// One step down the directory. Whether the page is known.
    [[nodiscard]] bool find_page() noexcept {
        if (ref_.tag() != 0) {
            return true;
        }
        const Directory& node = Directory::at(ref_);
        ref_ = node.entries()[hash_ << used_bits_ >> (64U - node.bits)];
        used_bits_ += node.bits;
        // A node below the second one has a few entries, in one line.
        __builtin_prefetch(ref_.tag() == 0 ? BlockStore::at(ref_)
                                           : static_cast<const void*>(&line_of(ref_, hash_)));
        return ref_.tag() != 0;
    }

    /// Whether it seems that there is a node, of which so many cache lines will be read.
    template <std::size_t kLines>
    bool find_likely() noexcept {
        const Line& line = line_of(ref_, hash_);
        const std::uint32_t slots = line.match(HashBits::fingerprint(hash_));
        likely_ = nullptr;
        if (slots != 0) {
            likely_ = BlockStore::at(ref_) +
                      line.offsets[static_cast<std::size_t>(std::countr_zero(slots))];
            for (std::size_t i = 0; i < kLines; ++i) {
                __builtin_prefetch(likely_ + i * kGranuleOctets);
            }
        }
        return slots != 0;
    }

    /// The node of this name relative to the apex, in lower case. REQUIRES: readable in whole
    /// words.
    [[nodiscard]] std::optional<StoredNode> find(base::Octets lowered) const noexcept {
        if (likely_ == nullptr) {
            return std::nullopt;
        }
        const auto is_wanted = [lowered, hash = hash_](const std::uint8_t* node) {
            return StoredNode(node).is(lowered, hash);
        };
        if (is_wanted(likely_)) [[likely]] {
            return StoredNode(likely_);
        }
        const std::uint8_t* const found = NameTable::find_in(ref_, hash_, is_wanted);
        return found != nullptr ? std::optional(StoredNode(found)) : std::nullopt;
    }

  private:
    std::uint64_t hash_;
    BlockRef ref_;  // the page, or a node of the directory on the way to it
    std::uint32_t used_bits_;
    const std::uint8_t* likely_;  // the first node of this fingerprint, or null
};

}  // namespace understudy::zone
