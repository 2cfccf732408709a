#pragma once

#include <understudy/zone/block_store.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/octet_words.h>
#include <understudy/zone/snapshot.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace understudy::zone {

/// Where a snapshot has a zone: shared by all versions that serve it as it is. The first cache line
/// holds what an answer reads.
struct alignas(kGranuleOctets) ServedCell {
    static constexpr std::size_t kApexOctets = 38;

    const Zone* open_zone = nullptr;  // null: no data, or not open to all
    std::uint64_t hash = 0;           // of the apex
    std::uint8_t apex_size = 0;       // in octets
    bool rotates_answers = false;
    std::array<std::uint8_t, kApexOctets> apex_start{};  // in lower case, as much as has room
    ServedZone served;

    ServedCell(ServedZone zone, const NameKey& apex);

    [[nodiscard]] static ServedCell& at(BlockRef ref) noexcept {
        return *reinterpret_cast<ServedCell*>(BlockStore::at(ref));
    }

    /// `name` in lower case. REQUIRES: it is readable in whole words.
    [[nodiscard]] bool is(wire::NameView name) const noexcept {
        return name.size() == apex_size &&
               (apex_size <= kApexOctets
                    ? equal_octets(apex_start.data(), name.octets().data(), apex_size)
                    : served.apex.view() == name);
    }
};
static_assert(sizeof(ServedCell) == 2 * kGranuleOctets);

/// A zone in a bucket: what a search needs before the cell has arrived.
struct BucketEntry {
    std::uint32_t hint = 0;  // the lower half of the apex' hash
    BlockRef cell;
    ZoneOutline outline{};
};

/// A leaf of a snapshot's trie. A reference to it has the number of its entries as its tag; 0 is a
/// branch.
struct alignas(kGranuleOctets) Bucket {
    static constexpr std::size_t kEntries = 3;

    Version birth = 0;
    BlockRef next;  // of a full bucket, where no bits are left to tell hashes apart
    std::array<BucketEntry, kEntries> entries{};

    [[nodiscard]] static Bucket& at(BlockRef ref) noexcept {
        return *reinterpret_cast<Bucket*>(BlockStore::at(ref));
    }

    /// The first entry of these and those that follow whose hash has this lower half and which
    /// `accept` takes, or null. `ref`: to a bucket, or null.
    template <typename Accept>
    [[nodiscard]] static const BucketEntry* find(BlockRef ref,
                                                 std::uint64_t hash,
                                                 Accept accept) noexcept {
        for (; !ref.is_null(); ref = at(ref).next) {
            for (std::size_t i = 0; i < ref.tag(); ++i) {
                const BucketEntry& entry = at(ref).entries[i];
                if (entry.hint == static_cast<std::uint32_t>(hash) && accept(entry)) {
                    return &entry;
                }
            }
        }
        return nullptr;
    }
};
static_assert(sizeof(Bucket) == kGranuleOctets);

/// A node of a snapshot's trie above the buckets: references that the next bits of the hash choose
/// from, null where nothing is. How many bits depends on those used up above alone, so an entry's
/// address is known before the branch arrives.
struct Branch {
    static constexpr unsigned kRootBits = 10;
    static constexpr unsigned kSecondBits = 7;
    static constexpr unsigned kLowerBits = 4;
    static constexpr unsigned kHashBits = 64;

    Version birth = 0;

    [[nodiscard]] static Branch& at(BlockRef ref) noexcept {
        return *reinterpret_cast<Branch*>(BlockStore::at(ref));
    }

    [[nodiscard]] static constexpr unsigned bits(unsigned used) noexcept {
        if (used == 0) {
            return kRootBits;
        }
        return used == kRootBits ? kSecondBits : std::min(kLowerBits, kHashBits - used);
    }
    [[nodiscard]] static constexpr std::size_t size(unsigned used) noexcept {
        return std::size_t{1} << bits(used);
    }
    [[nodiscard]] static constexpr std::size_t octets(unsigned used) noexcept {
        return sizeof(Branch) + size(used) * sizeof(BlockRef);
    }
    /// REQUIRES: used < kHashBits.
    [[nodiscard]] static std::size_t slot(std::uint64_t hash, unsigned used) noexcept {
        return hash << used >> (kHashBits - bits(used));
    }

    [[nodiscard]] BlockRef* entries() noexcept { return reinterpret_cast<BlockRef*>(this + 1); }
    [[nodiscard]] const BlockRef* entries() const noexcept {
        return reinterpret_cast<const BlockRef*>(this + 1);
    }
};

[[nodiscard]] inline bool is_branch(BlockRef ref) noexcept {
    return ref.tag() == 0 && !ref.is_null();
}

/// The bucket for this hash below `ref`, above which `used` bits of it were used, or null.
[[nodiscard]] inline BlockRef bucket_of(BlockRef ref, unsigned used, std::uint64_t hash) noexcept {
    while (is_branch(ref)) {
        ref = Branch::at(ref).entries()[Branch::slot(hash, used)];
        used += Branch::bits(used);
    }
    return ref;
}

/// Calls `visit(cell)` with every cell below `ref`.
template <typename Visit>
void for_each_cell(BlockRef ref, unsigned used, const Visit& visit) {
    if (is_branch(ref)) {
        for (std::size_t i = 0; i < Branch::size(used); ++i) {
            for_each_cell(Branch::at(ref).entries()[i], used + Branch::bits(used), visit);
        }
        return;
    }
    for (; !ref.is_null(); ref = Bucket::at(ref).next) {
        for (std::size_t i = 0; i < ref.tag(); ++i) {
            visit(Bucket::at(ref).entries[i].cell);
        }
    }
}

/// Frees a cell that no version serves any more.
void release_cell(BlockRef cell) noexcept;

/// Frees a version's whole trie, its cells included. `used`: bits of the hash above.
void release_trie(BlockRef ref, unsigned used) noexcept;

}  // namespace understudy::zone
