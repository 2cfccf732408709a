#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/change.h>
#include <understudy/zone/rrset.h>
#include <understudy/zone/zone.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <unordered_map>

namespace understudy::zone {

/// All records of a zone as they stream in (AXFR), as the difference to a version that is held: a
/// record that the version has is marked there, one that it lacks is kept, and what was not marked
/// in the end goes. So the cost in memory is what differs, and a bit for every eight octets of the
/// version. One thread at a time.
class Replacement {
  public:
    /// `most_octets`: of names and rdata, as they come. REQUIRES: `base` outlives this.
    explicit Replacement(const Zone& base,
                         std::size_t most_octets = std::numeric_limits<std::size_t>::max());

    /// Takes a record, in any order; those of one name are best kept together. Refuses what cannot
    /// stand in the zone, as Builder::add does. One that comes twice counts once; an RRset whose
    /// records do not agree in their TTL takes that of the last one that differs from the base.
    [[nodiscard]] base::Expected<void> add(wire::NameView owner,
                                           wire::Type type,
                                           std::uint32_t ttl_s,
                                           base::Octets rdata);

    [[nodiscard]] std::size_t record_count() const noexcept { return record_count_; }

    /// What makes the new zone of the base, to be applied with Strictness::kLenient (records that
    /// come twice). Looks at every record of the base. This is spent afterwards.
    [[nodiscard]] Change finish();

  private:
    /// Which stored records were seen, by where their rdata stands: two begin further apart than
    /// the octets that share a bit, as a record has fixed fields of 10 octets and an owner.
    class Marks {
      public:
        /// False if it was there already.
        bool set(const std::uint8_t* at);
        [[nodiscard]] bool has(const std::uint8_t* at) const;

      private:
        static constexpr std::size_t kOctetsOfBit = 8;
        static constexpr std::size_t kChunkOctets = 65536;  // of zone data
        static constexpr std::size_t kWordBits = 64;
        using Chunk = std::array<std::uint64_t, kChunkOctets / kOctetsOfBit / kWordBits>;
        static_assert(kOctetsOfBit < 11);

        struct Place {
            std::uintptr_t chunk;
            std::size_t word;
            std::uint64_t bit;
        };
        [[nodiscard]] static Place place_of(const std::uint8_t* at) noexcept;

        std::unordered_map<std::uintptr_t, std::unique_ptr<Chunk>> chunks_;
    };

    [[nodiscard]] std::optional<RRset> find(wire::Type type, base::Octets rdata) const;

    [[nodiscard]] base::Expected<void> check(wire::NameView owner,
                                             wire::Type type,
                                             base::Octets rdata);

    const Zone* base_;
    std::size_t octets_left_;
    Change change_;
    Marks marks_;
    std::size_t record_count_ = 0;
    std::optional<Node> node_;  // of the last owner, if the base has it
    wire::Name owner_;
    bool has_owner_ = false;
};

}  // namespace understudy::zone
