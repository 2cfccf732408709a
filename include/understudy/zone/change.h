#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

namespace understudy::zone {

class RecordRuns;

/// Records that go and records that come, relative to one version of a zone: a difference of IXFR
/// (RFC 1995), a dynamic update (RFC 2136), the reload of a file. The steps count in the order in
/// which they were put down, so several differences may follow one another in one change. One
/// thread at a time.
///
/// Records are kept as a Builder keeps them; those of one name are best kept together.
class Change {
  public:
    /// For any version of the lineage that `base` belongs to. `most_octets`: of names and rdata.
    explicit Change(const Zone& base,
                    std::size_t most_octets = std::numeric_limits<std::size_t>::max());
    ~Change();
    Change(Change&&) noexcept;
    Change& operator=(Change&&) noexcept;

    /// Takes a step; `rdata` uncompressed. Refuses what cannot stand in the zone, as Builder::add
    /// does. What a removal gives as TTL does not count.
    [[nodiscard]] base::Expected<void> remove(wire::NameView owner,
                                              wire::Type type,
                                              std::uint32_t ttl_s,
                                              base::Octets rdata);
    [[nodiscard]] base::Expected<void> add(wire::NameView owner,
                                           wire::Type type,
                                           std::uint32_t ttl_s,
                                           base::Octets rdata);

    [[nodiscard]] std::size_t removed_count() const noexcept { return removed_count_; }
    [[nodiscard]] std::size_t added_count() const noexcept { return added_count_; }
    [[nodiscard]] bool is_empty() const noexcept { return removed_count_ + added_count_ == 0; }

    struct Step {
        bool removes;
        wire::NameView owner;
        wire::Type type;
        std::uint32_t ttl_s;
        base::Octets rdata;
    };

    /// Calls `visit` with every step: the apex' first, then the others', each in their order.
    void for_each(const std::function<void(const Step& step)>& visit) const;

  private:
    friend class ZoneEdit;

    [[nodiscard]] base::Expected<void> put(wire::NameView owner,
                                           wire::Type type,
                                           std::uint32_t ttl_s,
                                           base::Octets rdata,
                                           bool removes);

    std::size_t octets_left_;
    std::size_t removed_count_ = 0;
    std::size_t added_count_ = 0;
    std::unique_ptr<RecordRuns> runs_;
};

/// What `apply` does about a removal of what is not there, and an addition of what is.
enum class Strictness : std::uint8_t {
    kStrict,   // the change is refused (RFC 1995: the two sides do not hold the same version)
    kLenient,  // the step does nothing, but for an addition's TTL (RFC 2136 §3.4.2)
};

/// The version that the change makes of `base`. Both share what is the same in both: the cost
/// depends on the change, not on the zone, except where the chain that denies existence is another
/// one afterwards, or a cut or DNAME goes from above names that the change does not touch in a zone
/// with NSEC; then each name is looked at.
///
/// A record goes or comes where its type and rdata agree octet for octet. An RRset that a record is
/// added to takes that record's TTL, as an RRset has only one (RFC 2181 §5.2) and the newest is
/// what the primary gives all of it (RFC 2136 §1.1); RRSIGs that of what they cover (RFC 4034 §3).
/// A name keeps its letter case.
///
/// Fails with the text for the operator, `base` being what it was, on a step that is not strict and
/// on what Builder::build would refuse.
///
/// REQUIRES: `base` is the newest living version of its lineage, and no other apply is under way.
[[nodiscard]] base::Expected<std::unique_ptr<const Zone>> apply(
    const Zone& base, const Change& change, Strictness strictness = Strictness::kStrict);

/// What makes `to` of `from`, strictly: of each RRset the records in which the two differ, all
/// where the TTLs do. Letter case of owners does not count. What two versions of one lineage share
/// is not read. REQUIRES: one apex.
[[nodiscard]] Change diff(const Zone& from, const Zone& to);

}  // namespace understudy::zone
