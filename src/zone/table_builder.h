#pragma once

#include <understudy/zone/name_table.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace understudy::zone {

/// Makes a table of nodes that come in the order of their hashes, each page once.
class TableBuilder {
  public:
    /// Appends the octets of the node with this place in the order.
    using Encode = std::function<void(std::size_t index, std::vector<std::uint8_t>& octets)>;

    /// `hashes`: ascending. `encode` is called once for each place, in their order.
    TableBuilder(std::span<const std::uint64_t> hashes, Version birth, Encode encode)
        : hashes_(hashes), birth_(birth), encode_(std::move(encode)) {}

    [[nodiscard]] NameTable build();

    /// A table of what was made for each entry of its root, whose hashes agree in
    /// Directory::kMaxBits bits.
    [[nodiscard]] static NameTable join(std::span<const BlockRef> entries, Version birth);

    /// The page or directory node of all that is in the list, whose hashes agree in `used_bits`.
    [[nodiscard]] BlockRef make(unsigned used_bits, unsigned depth) {
        return make({0, hashes_.size()}, used_bits, depth);
    }

  private:
    struct Range {
        std::size_t first = 0;
        std::size_t last = 0;
    };
    /// A directory node in the making, as large as one may be.
    struct Draft {
        std::vector<BlockRef> entries;
        unsigned bits = 1;  // that it needs
    };

    [[nodiscard]] BlockRef make(Range range, unsigned used_bits, unsigned depth);
    [[nodiscard]] BlockRef make_page_of(Range range, unsigned depth);
    void fill(Range range, unsigned used_bits, unsigned depth, std::size_t first, Draft& draft);
    [[nodiscard]] std::span<const PageNode> load(Range range);

    std::span<const std::uint64_t> hashes_;
    Version birth_;
    Encode encode_;
    // The nodes encoded last: a range is halved until it fits a page.
    Range loaded_;
    std::vector<std::uint8_t> octets_;
    std::vector<PageNode> nodes_;
};

}  // namespace understudy::zone
