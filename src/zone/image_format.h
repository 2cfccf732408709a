#pragma once

#include <understudy/zone/block_store.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/stored_node.h>
#include <array>
#include <cstddef>
#include <cstdint>

#include "zone/rrset_encoder.h"

namespace understudy::zone {

/// What an image begins with (image.h). The first three fields stand there in every format.
struct ImageHeader {
    static constexpr std::array<char, 8> kMagic{'U', 'S', 'T', 'D', 'Z', 'O', 'N', 'E'};
    static constexpr std::uint32_t kByteOrder = 0x01020304;
    /// To be raised with any change of this header or of what stands in blocks.
    static constexpr std::uint32_t kFormat = 1;

    std::array<char, 8> magic = kMagic;
    std::uint32_t byte_order = kByteOrder;
    std::uint32_t format = kFormat;
    std::uint64_t key_check = 0;
    std::uint64_t octets = 0;  // of the whole image
    std::uint64_t nodes = 0;   // names, the apex and empty non-terminals included
    std::uint64_t records = 0;
    std::uint64_t chain_keys = 0;  // in the order tree
    std::uint32_t blocks = 0;
    std::uint32_t serial = 0;
    std::uint32_t table_root = 0;  // as a reference; 0: there is none
    std::uint32_t order_root = 0;
    std::uint8_t apex_octets = 0;
    std::uint8_t depths = 0;  // labels below the apex that names have, and one
    std::array<std::uint8_t, 6> reserved{};
};
static_assert(sizeof(ImageHeader) == 80);

inline constexpr std::size_t kImageSumOctets = sizeof(std::uint64_t);

/// The most that the RRsets of a name take.
inline constexpr std::size_t kMaxRRsetsOctets =
    1 + kMaxTypesAtName * (StoredRRset::kHeaderOctets + 2 * StoredRRset::kMaxOctets);

/// How a block refers to its `number`th block, from 1 on.
[[nodiscard]] constexpr BlockRef image_ref(std::size_t number, unsigned tag) noexcept {
    return {static_cast<std::uint32_t>(number), tag};
}

/// The number that stands for a hash key in images: the hash of a name that only serves for this.
[[nodiscard]] std::uint64_t key_check(const HashKey& key) noexcept;

}  // namespace understudy::zone
