#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/name_table.h>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "zone/record_runs.h"

namespace understudy::zone {

/// The records of a whole zone as they came. Those of a large one are kept apart by the first bits
/// of their names' hashes, a part for each entry of the table's root: a part is small enough for
/// caches, and let go once its pages are written, so that records and pages never stand in memory
/// all at once.
class RecordParts {
  public:
    static constexpr unsigned kBits = Directory::kMaxBits;
    static constexpr std::size_t kMaxWholeRuns = 65536;  // of a zone in one part

    RecordParts(wire::NameView apex, const HashKey& key);

    /// REQUIRES: `owner` is the apex or below; type and rdata may stand in a zone.
    void add(wire::NameView owner, wire::Type type, std::uint32_t ttl_s, base::Octets rdata);

    /// Whether the next record of this owner will join the last run. Letter case counts.
    [[nodiscard]] bool continues(wire::NameView owner) const noexcept {
        return last_runs().continues(owner);
    }

    /// In the letters of its first record.
    [[nodiscard]] wire::NameView apex() const noexcept { return apex_.apex(); }
    [[nodiscard]] std::uint64_t apex_hash() const noexcept { return apex_.apex_hash(); }
    [[nodiscard]] const HashKey& hash_key() const noexcept { return apex_.hash_key(); }

    [[nodiscard]] std::span<const RecordRuns::Run> apex_runs() const noexcept {
        return apex_.apex_runs();
    }

    [[nodiscard]] std::size_t count() const noexcept { return parts_.size(); }
    [[nodiscard]] std::size_t part_of(std::uint64_t hash) const noexcept {
        return count() == 1 ? 0 : hash >> (64U - kBits);
    }

    /// Of a part's names, all of which are below the apex.
    [[nodiscard]] std::span<RecordRuns::Run> runs(std::size_t part) noexcept {
        return parts_[part].runs();
    }

    /// Puts the runs of each part in the order of hashes.
    void sort();

    /// Lets go of a part's records.
    void release(std::size_t part);

  private:
    [[nodiscard]] const RecordRuns& last_runs() const noexcept {
        return last_is_apex_ ? apex_ : parts_[part_of(last_hash_)];
    }
    void split();

    RecordRuns apex_;  // of the apex alone
    std::vector<RecordRuns> parts_;
    std::uint64_t last_hash_ = 0;
    bool last_is_apex_ = true;
};

}  // namespace understudy::zone
