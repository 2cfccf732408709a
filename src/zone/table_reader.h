#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/name_table.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

#include "zone/image_blocks.h"
#include "zone/node_check.h"

namespace understudy::zone {

/// Reads a table out of an image: each node of the directory and page is one that TableBuilder or
/// TableEdit would make, each name in the place where it is looked for, and there once.
class TableReader {
  public:
    /// Called with each node once it is known to be sound; `check` tells of it.
    using Visit = std::function<void(StoredNode node, const NodeCheck& check)>;

    /// REQUIRES: `blocks` and `check` outlive it.
    TableReader(ImageBlocks& blocks, NodeCheck& check, Visit visit)
        : blocks_(blocks), check_(check), visit_(std::move(visit)) {}

    /// `root`: as the image refers to it. An empty table where there is a fault.
    [[nodiscard]] NameTable read(BlockRef root);

  private:
    /// Where a block stands: at this entry of a node of the directory of so many bits, below which
    /// `used_bits` of the hashes are taken.
    struct Place {
        std::uint64_t prefix = 0;  // the hashes begin with its upper used_bits
        unsigned used_bits = 0;
        unsigned bits = 0;
        std::size_t entry = 0;

        /// Whether a block of this depth may stand at the entry.
        [[nodiscard]] bool takes(unsigned depth) const noexcept;
        /// Whether the hash leads to a block of this depth here.
        [[nodiscard]] bool holds(std::uint64_t hash, unsigned depth) const noexcept;
    };
    /// The page at hand, and its lines as they ought to be.
    struct Page {
        BlockRef ref;
        std::array<Line, kMaxLines> lines{};
        std::array<std::size_t, kMaxLines> used{};
        std::array<std::array<std::uint64_t, Line::kSlots>, kMaxLines> hashes{};
        std::size_t blocks_outside = 0;
    };

    /// The block in the store, or null, a fault.
    [[nodiscard]] BlockRef read(BlockRef image, const Place& place);
    [[nodiscard]] BlockRef read_directory(const Place& place);
    [[nodiscard]] bool read_entries(BlockRef node, const Place& first);
    [[nodiscard]] BlockRef read_page(unsigned lines, const Place& place);
    [[nodiscard]] bool check_nodes(Page& page, const Place& place);
    [[nodiscard]] std::size_t check_node(Page& page, std::size_t offset, const Place& place);
    [[nodiscard]] bool read_outside(Page& page, std::uint8_t* reference);
    [[nodiscard]] bool enter(Page& page, std::size_t offset);
    [[nodiscard]] static bool has_twice(const Page& page, std::size_t line) noexcept;

    ImageBlocks& blocks_;
    NodeCheck& check_;
    Visit visit_;
};

}  // namespace understudy::zone
