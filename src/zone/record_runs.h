#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/block_store.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/stored_node.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "zone/relative_name.h"
#include "zone/rrset_encoder.h"

namespace understudy::zone {

/// What a change does with a record.
enum class Operation : std::uint8_t { kAdd, kRemove };

/// Records as they came, those of one name that followed one another as a run. They are only
/// appended to, so what is read out stays in place.
class RecordRuns {
  public:
    /// A run's owner and its records stand in a chunk.
    class Run {
      public:
        Run(std::uint64_t hash, const std::uint8_t* at) noexcept : hash_(hash), at_(at) {}

        [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

        /// Relative to the apex.
        [[nodiscard]] base::Octets owner() const noexcept { return {at_ + kHeadOctets, at_[0]}; }

        /// What follows that in the owner, where its letters are not in the apex' case; else empty.
        [[nodiscard]] base::Octets own_apex() const noexcept {
            return {at_ + kHeadOctets + at_[0], at_[1]};
        }

        [[nodiscard]] Operation operation() const noexcept { return Operation{at_[2]}; }

        /// Ascends in the order in which the runs came.
        [[nodiscard]] std::uint32_t number() const noexcept {
            return load_field<std::uint32_t>(at_ + 3);
        }

        void append_records(std::vector<RecordRef>& into) const;

        /// All that stands in the chunk.
        [[nodiscard]] base::Octets octets() const noexcept;

        /// Runs are read in the order of hashes, which is none in memory.
        void prefetch() const noexcept { __builtin_prefetch(at_); }

      private:
        friend class RecordRuns;
        // Sizes of the owner's parts, operation, number.
        static constexpr std::size_t kHeadOctets = 3 + sizeof(std::uint32_t);

        std::uint64_t hash_;  // of the whole name
        const std::uint8_t* at_;
    };

    /// How many names ahead of its use a run is prefetched.
    static constexpr std::size_t kAhead = 16;

    RecordRuns(wire::NameView apex, const HashKey& key);

    /// The hash of a name that is the apex or below.
    [[nodiscard]] std::uint64_t hash_of(wire::NameView owner) const noexcept {
        return hash_below(
            apex_hash_, owner.octets().first(owner.size() - apex_.view().size()), key_);
    }

    /// `hash`: of the owner; not looked at where it continues the last run. REQUIRES: `owner` is
    /// the apex or below; type and rdata may stand in a zone.
    void add(wire::NameView owner,
             std::uint64_t hash,
             wire::Type type,
             std::uint32_t ttl_s,
             base::Octets rdata,
             Operation operation = Operation::kAdd);

    /// Appends a run of others. REQUIRES: it came after all that are here.
    void add(const Run& run);

    /// From now on the apex is written so. REQUIRES: the same name.
    void write_apex(wire::NameView apex) { apex_ = wire::Name(apex); }

    /// Whether the next record of this owner will join the last run. Letter case counts.
    [[nodiscard]] bool continues(wire::NameView owner,
                                 Operation operation = Operation::kAdd) const noexcept;

    [[nodiscard]] wire::NameView apex() const noexcept { return apex_; }
    [[nodiscard]] std::uint64_t apex_hash() const noexcept { return apex_hash_; }
    [[nodiscard]] const HashKey& hash_key() const noexcept { return key_; }

    [[nodiscard]] std::span<const Run> apex_runs() const noexcept { return apex_runs_; }

    /// Of the names below the apex, as they came.
    [[nodiscard]] std::span<const Run> runs() const noexcept { return runs_; }

    [[nodiscard]] std::span<Run> runs() noexcept { return runs_; }

    /// Those of the names below the apex by hash, runs of one hash as they came.
    void sort() { sort_runs(runs_); }
    static void sort_runs(std::vector<Run>& runs);

  private:
    /// A block of the store, where pages take its place once it is read.
    class Chunk {
      public:
        explicit Chunk(std::size_t octets)
            : block_(BlockStore::process().allocate(octets)), octets_(octets) {}
        ~Chunk() {
            if (!block_.is_null()) {
                BlockStore::process().release(block_, octets_);
            }
        }
        Chunk(Chunk&& other) noexcept
            : block_(std::exchange(other.block_, {})), octets_(other.octets_) {}
        Chunk& operator=(Chunk&& other) noexcept {
            std::swap(block_, other.block_);
            std::swap(octets_, other.octets_);
            return *this;
        }

        [[nodiscard]] std::uint8_t* data() const noexcept { return BlockStore::at(block_); }

      private:
        BlockRef block_;
        std::size_t octets_;
    };

    void begin(wire::NameView owner, Operation operation);
    void reserve(std::size_t octets);
    void put(base::Octets octets);

    HashKey key_;
    wire::Name apex_;
    std::uint64_t apex_hash_;
    std::vector<Chunk> chunks_;
    std::uint8_t* at_ = nullptr;  // where the next octet goes
    std::size_t room_ = 0;
    std::size_t chunk_octets_ = 0;  // of the newest chunk
    std::uint32_t next_number_ = 0;
    std::vector<Run> runs_;
    std::vector<Run> apex_runs_;
    wire::Name last_owner_;
    std::uint64_t last_hash_ = 0;
    Operation last_operation_ = Operation::kAdd;
    bool has_run_ = false;
};

/// Calls `visit(runs)` with the runs of each name, as they came. Two names of one hash come apart.
template <typename Visit>
void for_each_owner(std::span<RecordRuns::Run> sorted, Visit visit) {
    while (!sorted.empty()) {
        sorted[std::min(RecordRuns::kAhead, sorted.size() - 1)].prefetch();
        const RecordRuns::Run first = sorted.front();
        const auto same_hash = std::ranges::find_if(
            sorted, [&first](const RecordRuns::Run& run) { return run.hash() != first.hash(); });
        const auto others =
            std::partition(sorted.begin(), same_hash, [&first](const RecordRuns::Run& run) {
                return same_relative(run.owner(), first.owner());
            });
        std::ranges::sort(sorted.begin(), others, {}, &RecordRuns::Run::number);
        std::ranges::sort(others, same_hash, {}, &RecordRuns::Run::number);
        const auto count = static_cast<std::size_t>(others - sorted.begin());
        visit(sorted.first(count));
        sorted = sorted.subspan(count);
    }
}

}  // namespace understudy::zone
