#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/order_tree.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>

#include "zone/image_blocks.h"
#include "zone/order_node.h"

namespace understudy::zone {

/// Reads an order tree out of an image: its keys ascend, and what divides them says so.
class OrderReader {
  public:
    using Visit = std::function<void(const KeyBuffer& key)>;

    /// `visit` is called with each key, in their order. REQUIRES: `blocks` outlives it.
    OrderReader(ImageBlocks& blocks, Visit visit) : blocks_(blocks), visit_(std::move(visit)) {}

    /// `root`: as the image refers to it. An empty tree where there is a fault.
    [[nodiscard]] OrderTree read(BlockRef root);

  private:
    /// A node has two children or more, or is what a change left: a root of one is none.
    static constexpr std::size_t kMostLevels = 40;

    [[nodiscard]] BlockRef read(BlockRef image, std::size_t level);
    [[nodiscard]] BlockRef take(unsigned tag);
    [[nodiscard]] bool read_leaf(BlockRef leaf);
    [[nodiscard]] bool read_inner(BlockRef inner, std::size_t level);
    [[nodiscard]] static bool check_inner(BlockRef inner);

    /// The entry at `at`, which must end before `end`.
    [[nodiscard]] static std::optional<OrderEntry> entry(const std::uint8_t* at,
                                                         const std::uint8_t* end) noexcept;
    /// Whether an entry may follow the key at hand; it becomes that.
    [[nodiscard]] bool put(const OrderEntry& entry, std::size_t prefix, std::size_t index);

    ImageBlocks& blocks_;
    Visit visit_;
    std::size_t key_count_ = 0;
    KeyBuffer key_;                          // the last one
    KeyBuffer least_;                        // what the next one must not be less than
    std::optional<std::size_t> leaf_level_;  // of all leaves
};

}  // namespace understudy::zone
