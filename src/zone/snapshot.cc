#include <understudy/base/check.h>
#include <understudy/zone/snapshot.h>
#include <algorithm>
#include <atomic>
#include <utility>

#include "zone/snapshot_edit.h"
#include "zone/snapshot_table.h"

namespace understudy::zone {

bool QueryAccess::allows(const base::IpAddress& source, const wire::Name* key) const noexcept {
    return std::ranges::any_of(grants, [&](const Grant& grant) {
        const bool address_fits =
            grant.addresses.empty() ||
            std::ranges::any_of(grant.addresses, [&](const base::IpPrefix& prefix) {
                return prefix.contains(source);
            });
        const bool key_fits =
            grant.keys.empty() ||
            (key != nullptr && std::ranges::find(grant.keys, *key) != grant.keys.end());
        return address_fits && key_fits;
    });
}

/// What a version keeps alive: its successor's, and so on, for what those retire it may still have.
struct Snapshot::Epoch {
    Version version = 1;
    BlockRef root;
    std::atomic<std::uint32_t> users = 1;  // the version, and the epoch before
    // Control thread: writes once, whoever lets go of the last user reads.
    Epoch* next = nullptr;
    Replaced replaced;  // by the next version
};

/// Lets go of an epoch and frees what thereby nobody has any more.
void Snapshot::ReleaseEpoch::operator()(Epoch* epoch) const noexcept {
    while (epoch != nullptr && epoch->users.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        for (const Retired& retired : epoch->replaced.blocks) {
            BlockStore::process().release(retired.block, retired.octets);
        }
        std::ranges::for_each(epoch->replaced.cells, release_cell);
        if (epoch->next == nullptr) {
            release_trie(epoch->root, 0);
        }
        delete std::exchange(epoch, epoch->next);
    }
}

Snapshot::Snapshot(const HashKey& key) : key_(key), epoch_(new Epoch) {}

Snapshot::Snapshot(std::vector<ServedZone> zones, const HashKey& key) : Snapshot(key) {
    SnapshotEdit edit(root_, epoch_->version);
    for (ServedZone& zone : zones) {
        put(std::move(zone), edit);
    }
    UNDERSTUDY_CHECK(size_ == zones.size());
    root_ = epoch_->root = edit.root();
    list_depths();
}

Snapshot Snapshot::next(std::vector<ServedZone> zones, std::span<const wire::Name> removed) const {
    UNDERSTUDY_CHECK(epoch_->next == nullptr);
    Snapshot next(key_);
    next.epoch_->version = epoch_->version + 1;
    next.size_ = size_;
    next.zones_by_depth_ = zones_by_depth_;
    SnapshotEdit edit(root_, next.epoch_->version);
    for (const wire::Name& name : removed) {
        const NameKey apex(name, key_);
        if (edit.remove(apex)) {
            --next.zones_by_depth_[apex.label_count()];
            --next.size_;
        }
    }
    for (ServedZone& zone : zones) {
        next.put(std::move(zone), edit);
    }
    next.root_ = next.epoch_->root = edit.root();
    next.list_depths();
    epoch_->replaced = edit.take_replaced();
    epoch_->next = next.epoch_.get();
    next.epoch_->users.store(2, std::memory_order_relaxed);  // published later, if at all
    return next;
}

void Snapshot::put(ServedZone zone, SnapshotEdit& edit) {
    UNDERSTUDY_CHECK(!zone.zone ||
                     (zone.zone->apex() == zone.apex.view() && zone.zone->hash_key() == key_));
    const NameKey apex(zone.apex, key_);
    if (edit.put(std::move(zone), apex)) {
        ++zones_by_depth_[apex.label_count()];
        ++size_;
    }
}

void Snapshot::list_depths() noexcept {
    depth_count_ = 0;
    for (std::size_t labels = zones_by_depth_.size(); labels-- > 0;) {
        if (zones_by_depth_[labels] != 0) {
            depths_[depth_count_++] = static_cast<std::uint8_t>(labels);
        }
    }
}

/// The cell of the name's suffix of so many labels.
const ServedZone* Snapshot::probe(const NameKey& name, std::size_t labels) const noexcept {
    const std::uint64_t hash = name.hash(labels);
    const BucketEntry* entry = Bucket::find(
        bucket_of(root_, 0, hash), hash, [suffix = name.suffix(labels)](const BucketEntry& found) {
            return ServedCell::at(found.cell).is(suffix);
        });
    return entry != nullptr ? &ServedCell::at(entry->cell).served : nullptr;
}

const ServedZone* Snapshot::find(const NameKey& name, std::size_t most_labels) const noexcept {
    most_labels = std::min(name.label_count(), most_labels);
    for (const std::uint8_t labels : std::span(depths_).first(depth_count_)) {
        if (labels <= most_labels) {
            if (const ServedZone* zone = probe(name, labels); zone != nullptr) {
                return zone;
            }
        }
    }
    return nullptr;
}

const ServedZone* Snapshot::find_exact(const NameKey& name) const noexcept {
    return probe(name, name.label_count());
}

void Snapshot::for_each(const std::function<void(const ServedZone&)>& visit) const {
    for_each_cell(root_, 0, [&visit](BlockRef cell) { visit(ServedCell::at(cell).served); });
}

// ---- ZoneSearch

void ZoneSearch::start(const Snapshot& snapshot, const NameKey& name) noexcept {
    snapshot_ = &snapshot;
    name_ = &name;
    // Octets may be any object's: what the loop counts is kept out of the object.
    std::size_t count = 0;
    std::size_t depth = 0;
    for (; depth < snapshot.depth_count_ && count < kMaxProbes; ++depth) {
        const std::size_t labels = snapshot.depths_[depth];
        if (labels > name.label_count()) {
            continue;
        }
        BlockRef ref = snapshot.root_;
        unsigned used = 0;
        if (is_branch(ref)) {
            // The root is at hand after a few queries; what is below may not be.
            const std::uint64_t hash = name.hash(labels);
            ref = Branch::at(ref).entries()[Branch::slot(hash, used)];
            used += Branch::bits(used);
            __builtin_prefetch(is_branch(ref) ? &Branch::at(ref).entries()[Branch::slot(hash, used)]
                                              : static_cast<const void*>(BlockStore::at(ref)));
        }
        probes_[count++] = {
            ref, static_cast<std::uint8_t>(labels), static_cast<std::uint8_t>(used)};
    }
    count_ = count;
    next_depth_ = depth;
}

void ZoneSearch::find_buckets() noexcept {
    for (Probe& probe : std::span(probes_).first(count_)) {
        if (is_branch(probe.ref)) {
            probe.ref = bucket_of(probe.ref, probe.used_bits, name_->hash(probe.labels));
            __builtin_prefetch(BlockStore::at(probe.ref));
        }
    }
}

/// Whether the bucket has an entry whose hash looks like that of the name's suffix.
bool ZoneSearch::take(BlockRef bucket, std::size_t labels) noexcept {
    const BucketEntry* entry = Bucket::find(
        bucket, name_->hash(labels), [](const BucketEntry& /*likely*/) { return true; });
    if (entry == nullptr) {
        return false;
    }
    cell_ = &ServedCell::at(entry->cell);
    __builtin_prefetch(cell_);
    outline_ = &entry->outline;
    apex_labels_ = labels;
    return true;
}

bool ZoneSearch::find_cell() noexcept {
    for (const Probe& probe : std::span(probes_).first(count_)) {
        if (take(probe.ref, probe.labels)) {
            return true;
        }
    }
    for (; next_depth_ < snapshot_->depth_count_; ++next_depth_) {
        const std::size_t labels = snapshot_->depths_[next_depth_];
        if (labels <= name_->label_count() &&
            take(bucket_of(snapshot_->root_, 0, name_->hash(labels)), labels)) {
            return true;
        }
    }
    return false;
}

const Zone* ZoneSearch::zone() const noexcept {
    return cell_->is(name_->suffix(apex_labels_)) ? cell_->open_zone : nullptr;
}

bool ZoneSearch::rotates_answers() const noexcept { return cell_->rotates_answers; }

}  // namespace understudy::zone
