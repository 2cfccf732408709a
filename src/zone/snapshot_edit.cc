#include "zone/snapshot_edit.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

namespace understudy::zone {
namespace {

std::uint64_t hash_of(const BucketEntry& entry) noexcept { return ServedCell::at(entry.cell).hash; }

}  // namespace

ServedCell::ServedCell(ServedZone zone, const NameKey& apex)
    : open_zone(zone.access == nullptr ? zone.zone.get() : nullptr),
      hash(apex.hash(apex.label_count())),
      apex_size(static_cast<std::uint8_t>(apex.name().size())),
      rotates_answers(zone.rotates_answers),
      served(std::move(zone)) {
    const base::Octets name = apex.name().octets();
    std::ranges::copy(name.first(std::min(name.size(), kApexOctets)), apex_start.begin());
}

void release_cell(BlockRef cell) noexcept {
    ServedCell::at(cell).~ServedCell();
    BlockStore::process().release(cell, sizeof(ServedCell));
}

void release_trie(BlockRef ref, unsigned used) noexcept {
    if (is_branch(ref)) {
        for (std::size_t i = 0; i < Branch::size(used); ++i) {
            release_trie(Branch::at(ref).entries()[i], used + Branch::bits(used));
        }
        BlockStore::process().release(ref, Branch::octets(used));
        return;
    }
    while (!ref.is_null()) {
        const Bucket& bucket = Bucket::at(ref);
        for (std::size_t i = 0; i < ref.tag(); ++i) {
            release_cell(bucket.entries[i].cell);
        }
        BlockStore::process().release(std::exchange(ref, bucket.next), sizeof(Bucket));
    }
}

bool SnapshotEdit::put(ServedZone zone, const NameKey& apex) {
    apex_ = &apex;
    const BlockRef cell = BlockStore::process().allocate(sizeof(ServedCell));
    BucketEntry entry{.hint = static_cast<std::uint32_t>(apex.hash(apex.label_count())),
                      .cell = cell};
    if (zone.zone) {
        entry.outline = zone.zone->outline();
    }
    ::new (BlockStore::at(cell)) ServedCell(std::move(zone), apex);
    const std::size_t replaced = replaced_.cells.size();
    root_ = put(root_, 0, entry);
    return replaced_.cells.size() == replaced;
}

bool SnapshotEdit::remove(const NameKey& apex) {
    apex_ = &apex;
    const std::size_t replaced = replaced_.cells.size();
    root_ = remove(root_, 0);
    return replaced_.cells.size() > replaced;
}

BlockRef SnapshotEdit::put(BlockRef at, unsigned used, const BucketEntry& entry) {
    if (is_branch(at)) {
        at = own(at, used);
        BlockRef& below = Branch::at(at).entries()[Branch::slot(hash_of(entry), used)];
        below = put(below, used + Branch::bits(used), entry);
        return at;
    }
    take_entries(at);
    entries_.push_back(entry);
    return build(entries_, used);
}

BlockRef SnapshotEdit::remove(BlockRef at, unsigned used) {
    if (is_branch(at)) {
        at = own(at, used);
        const std::uint64_t hash = apex_->hash(apex_->label_count());
        BlockRef& below = Branch::at(at).entries()[Branch::slot(hash, used)];
        below = remove(below, used + Branch::bits(used));
        return merged(at, used);
    }
    take_entries(at);
    return build(entries_, used);
}

/// Puts into entries_ what a bucket and those that follow it hold, but for the zone at hand, and
/// retires them and that zone's cell.
void SnapshotEdit::take_entries(BlockRef bucket) {
    entries_.clear();
    while (!bucket.is_null()) {
        const Bucket& from = Bucket::at(bucket);
        for (const BucketEntry& entry : std::span(from.entries).first(bucket.tag())) {
            if (ServedCell::at(entry.cell).is(apex_->name())) {
                replaced_.cells.push_back(entry.cell);
            } else {
                entries_.push_back(entry);
            }
        }
        const BlockRef next = from.next;
        retire(bucket, sizeof(Bucket), from.birth);
        bucket = next;
    }
}

/// What holds these entries, whose hashes agree in the `used` first bits.
BlockRef SnapshotEdit::build(std::span<BucketEntry> entries, unsigned used) {
    if (entries.size() <= Bucket::kEntries || used == Branch::kHashBits) {
        return build_buckets(entries);
    }
    const auto slot_of = [used](const BucketEntry& entry) {
        return Branch::slot(hash_of(entry), used);
    };
    std::ranges::sort(entries, {}, slot_of);
    const BlockRef made = BlockStore::process().allocate(Branch::octets(used));
    auto* const branch = ::new (BlockStore::at(made)) Branch{version_};
    std::fill_n(branch->entries(), Branch::size(used), BlockRef());
    for (auto group = entries; !group.empty();) {
        const std::size_t slot = slot_of(group.front());
        const auto end = std::ranges::find_if(
            group, [&](const BucketEntry& entry) { return slot_of(entry) != slot; });
        const auto size = static_cast<std::size_t>(end - group.begin());
        branch->entries()[slot] = build(group.first(size), used + Branch::bits(used));
        group = group.subspan(size);
    }
    return made;
}

/// A bucket, or as many as it takes, each but the last full.
BlockRef SnapshotEdit::build_buckets(std::span<const BucketEntry> entries) {
    BlockRef next;
    for (auto left = entries; !left.empty();) {
        const std::size_t count =
            next.is_null() ? (left.size() - 1) % Bucket::kEntries + 1 : Bucket::kEntries;
        const BlockRef made =
            BlockStore::process().allocate(sizeof(Bucket), static_cast<unsigned>(count));
        auto* const bucket = ::new (BlockStore::at(made)) Bucket{.birth = version_, .next = next};
        std::ranges::copy(left.last(count), bucket->entries.begin());
        left = left.first(left.size() - count);
        next = made;
    }
    return next;
}

/// The branch, or a bucket in its place where one holds all that is below.
BlockRef SnapshotEdit::merged(BlockRef branch, unsigned used) {
    const std::span below(Branch::at(branch).entries(), Branch::size(used));
    std::size_t count = 0;
    for (const BlockRef ref : below) {
        const bool is_more =
            is_branch(ref) || (ref.tag() == Bucket::kEntries && !Bucket::at(ref).next.is_null());
        count += is_more ? Bucket::kEntries + 1 : ref.tag();
        if (count > Bucket::kEntries) {
            return branch;
        }
    }
    std::vector<BucketEntry> entries;
    for (const BlockRef ref : below) {
        if (!ref.is_null()) {
            const Bucket& bucket = Bucket::at(ref);
            entries.insert(
                entries.end(), bucket.entries.begin(), bucket.entries.begin() + ref.tag());
            retire(ref, sizeof(Bucket), bucket.birth);
        }
    }
    retire(branch, Branch::octets(used), version_);
    return build_buckets(entries);
}

/// The branch as one that may be written.
BlockRef SnapshotEdit::own(BlockRef branch, unsigned used) {
    const Version birth = Branch::at(branch).birth;
    if (birth == version_) {
        return branch;
    }
    const std::size_t octets = Branch::octets(used);
    const BlockRef copy = BlockStore::process().allocate(octets);
    std::memcpy(BlockStore::at(copy), BlockStore::at(branch), octets);
    Branch::at(copy).birth = version_;
    retire(branch, octets, birth);
    return copy;
}

void SnapshotEdit::retire(BlockRef block, std::size_t octets, Version birth) {
    if (birth == version_) {
        BlockStore::process().release(block, octets);
    } else {
        replaced_.blocks.push_back(
            {.block = block, .octets = static_cast<std::uint32_t>(octets), .birth = birth});
    }
}

}  // namespace understudy::zone
