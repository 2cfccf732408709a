#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/wire/name.h>
#include <understudy/zone/block_store.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

namespace understudy::zone {

/// Who may query a zone: one of these grants must fit whole.
struct QueryAccess {
    struct Grant {
        std::vector<base::IpPrefix> addresses;  // empty: any
        std::vector<wire::Name> keys;           // empty: none needed
    };
    std::vector<Grant> grants;

    /// `key`: the name of the key that signed the query, or null.
    [[nodiscard]] bool allows(const base::IpAddress& source, const wire::Name* key) const noexcept;
};

/// A configured zone as the answering side sees it.
struct ServedZone {
    wire::Name apex;
    std::shared_ptr<const Zone> zone;  // null: no valid data (never transferred, expired, faulty)
    std::shared_ptr<const QueryAccess> access;  // null: open to all
    bool expired = false;                       // why there is no zone
    bool rotates_answers = false;  // records of an answered RRset take turns in being first
};

struct ServedCell;
class SnapshotEdit;

/// All zones of one moment: immutable, found by the longest suffix of a name. One pointer to it is
/// all that the answering side and the control plane share of zone data.
///
/// A version of a persistent hash trie by apex: 1024 ways, then 128, then 16 at a time, the leaves
/// buckets of up to three zones in a cache line. The next version copies the path to what it
/// changes, some 6 KB, and shares the rest: 0.4 µs for one zone among 1,000, 0.9 among 100,000, 2
/// among a million, and half of that to destroy. The table takes 180 to 250 octets a zone beside
/// the zone's own, at 1,000 as at a million.
///
/// Versions stand in a row: each but the newest has one successor. What a version has and its
/// successor lacks is freed when it and all before it are gone, so an old one that is kept keeps
/// what all later ones replaced.
class Snapshot {
  public:
    /// REQUIRES: no two zones with one apex; every zone's data of that apex and made with `key`.
    Snapshot(std::vector<ServedZone> zones, const HashKey& key);

    /// The next version: with `zones`, which take the places of those with their apexes, and
    /// without the zones of the apexes in `removed`, of which there may be none.
    /// REQUIRES: the constructor's of each zone; `next` was not called before; one thread at a
    /// time calls `next` on versions of one row.
    [[nodiscard]] Snapshot next(std::vector<ServedZone> zones,
                                std::span<const wire::Name> removed = {}) const;

    /// The zone with the longest apex that is `name` or above it, at most `most_labels` long, or
    /// null.
    [[nodiscard]] const ServedZone* find(const NameKey& name,
                                         std::size_t most_labels) const noexcept;

    /// The zone whose apex is exactly `name`, or null.
    [[nodiscard]] const ServedZone* find_exact(const NameKey& name) const noexcept;

    void for_each(const std::function<void(const ServedZone&)>& visit) const;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] const HashKey& hash_key() const noexcept { return key_; }

  private:
    friend class ZoneSearch;

    struct Epoch;
    struct ReleaseEpoch {
        void operator()(Epoch* epoch) const noexcept;
    };

    explicit Snapshot(const HashKey& key);

    void put(ServedZone zone, SnapshotEdit& edit);
    [[nodiscard]] const ServedZone* probe(const NameKey& name, std::size_t labels) const noexcept;
    void list_depths() noexcept;

    HashKey key_;
    BlockRef root_;
    // How many labels apexes have, each number once, the largest first.
    std::uint32_t depth_count_ = 0;
    std::array<std::uint8_t, wire::kMaxLabels + 1> depths_{};
    std::array<std::uint32_t, wire::kMaxLabels + 1> zones_by_depth_{};
    std::size_t size_ = 0;
    std::unique_ptr<Epoch, ReleaseEpoch> epoch_;
};

/// One name's way to the zone that answers for it, in steps between which the cache lines that the
/// next one needs can arrive. Steps of several searches are taken in turns.
class ZoneSearch {
  public:
    /// Nothing but start() may be asked of it.
    // NOLINTNEXTLINE(modernize-use-equals-default,*.UninitializedObject): unused is not touched
    ZoneSearch() noexcept {}

    /// REQUIRES: `snapshot` and `name` outlive it.
    void start(const Snapshot& snapshot, const NameKey& name) noexcept;
    void find_buckets() noexcept;

    /// Decides by the hash of the apex alone which zone it is: what outline() and apex_labels()
    /// tell is likely, until `zone` has compared names. False where no zone is found.
    [[nodiscard]] bool find_cell() noexcept;
    [[nodiscard]] const ZoneOutline& outline() const noexcept { return *outline_; }
    [[nodiscard]] std::size_t apex_labels() const noexcept { return apex_labels_; }

    /// The zone, if it is the right one, has data and is open to all; else null.
    [[nodiscard]] const Zone* zone() const noexcept;
    /// REQUIRES: zone() is not null.
    [[nodiscard]] bool rotates_answers() const noexcept;

  private:
    /// A suffix of the name as long as some apexes.
    struct Probe {
        BlockRef ref;  // a bucket, or a branch on the way to it
        std::uint8_t labels;
        std::uint8_t used_bits;
    };
    /// The longest suffixes. Others are searched without a head start.
    static constexpr std::size_t kMaxProbes = 4;

    [[nodiscard]] bool take(BlockRef bucket, std::size_t labels) noexcept;

    const Snapshot* snapshot_;
    const NameKey* name_;
    std::size_t count_;
    std::size_t next_depth_;  // the first without a probe, as an index
    union {
        std::array<Probe, kMaxProbes> probes_;
    };
    const ServedCell* cell_;
    std::size_t apex_labels_;
    const ZoneOutline* outline_;
};

}  // namespace understudy::zone
