#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

namespace understudy::zone {

class RecordParts;

/// A TTL above it counts as 0 (RFC 2181 §8).
inline constexpr std::uint32_t kMaxTtl = 0x7FFFFFFF;

/// Makes a Zone from its records, in any order; those of one name are best kept together. One
/// thread at a time.
///
/// Records are put down as they come, one run for the records of a name that follow one another.
/// At the end the runs are sorted by the names' hashes, which is the order of the pages, and each
/// page is written once. The records of a large zone go while its pages come: the most memory that
/// it takes on the way is little more than what it has in the end.
class Builder {
  public:
    /// `most_octets`: of names, empty non-terminals included, and rdata.
    Builder(wire::NameView apex,
            const HashKey& key,
            std::size_t most_octets = std::numeric_limits<std::size_t>::max());
    ~Builder();
    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;

    /// Takes a record; `rdata` uncompressed. Refuses what cannot stand in this zone: an owner
    /// outside it, a meta type, rdata that is not of the type's form, more octets than allowed. A
    /// record that is there already is dropped; an RRset has the lowest TTL of its records (RFC
    /// 2181 §5.2). A name keeps the letter case in which it comes first.
    [[nodiscard]] base::Expected<void> add(wire::NameView owner,
                                           wire::Type type,
                                           std::uint32_t ttl_s,
                                           base::Octets rdata);

    [[nodiscard]] std::size_t record_count() const noexcept { return record_count_; }

    /// Groups the records into RRsets, adds the empty non-terminals, marks cuts and wildcards, and
    /// checks the whole: exactly one SOA and at least one NS at the apex, no SOA elsewhere, one
    /// CNAME or DNAME at a name, a CNAME alone (RFC 1034 §3.6.2, RRSIG and NSEC aside), and the
    /// limits of stored RRsets and nodes. The builder is spent afterwards.
    [[nodiscard]] base::Expected<std::unique_ptr<const Zone>> build();

  private:
    std::size_t most_octets_;
    std::size_t octets_;
    std::size_t record_count_ = 0;
    std::unique_ptr<RecordParts> records_;
};

}  // namespace understudy::zone
