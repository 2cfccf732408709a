#pragma once

#include <understudy/base/check.h>
#include <understudy/zone/name_table.h>
#include <new>

namespace understudy::zone {

/// Whether the bit of a hash that follows `used` others is set.
[[nodiscard]] inline bool next_bit(std::uint64_t hash, unsigned used) noexcept {
    return (hash << used >> 63U) != 0;
}

[[nodiscard]] inline Directory& directory(BlockRef ref) noexcept {
    return *reinterpret_cast<Directory*>(BlockStore::at(ref));
}

/// A node whose entries are not set yet.
[[nodiscard]] inline BlockRef make_directory(Version birth, unsigned bits, unsigned depth) {
    const BlockRef ref = BlockStore::process().allocate(Directory::octets(bits));
    new (BlockStore::at(ref)) Directory{.birth = birth,
                                        .bits = static_cast<std::uint8_t>(bits),
                                        .depth = static_cast<std::uint8_t>(depth)};
    return ref;
}

/// Names are at most as many as fit the machine, and their hashes are keyed: no bits run out.
inline void check_bits(unsigned used) noexcept {
    UNDERSTUDY_CHECK(used < HashBits::kDirectoryBits);
}

}  // namespace understudy::zone
