#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace understudy::zone {

/// The octets of names and rdata that one zone may have: its offsets are 32 bits wide, and one
/// record more than fits must not make them wrap.
inline constexpr std::size_t kMaxZoneOctets = 0xFFFF0000;

/// A TTL above it counts as 0 (RFC 2181 §8).
inline constexpr std::uint32_t kMaxTtl = 0x7FFFFFFF;

/// Makes a Zone from its records, in any order. Costs one hash table access a record; one thread at
/// a time.
class Builder {
  public:
    /// `most_octets`: of names, empty non-terminals included, and rdata. REQUIRES: at most
    /// kMaxZoneOctets.
    Builder(wire::NameView apex, const HashKey& key, std::size_t most_octets = kMaxZoneOctets);

    /// Takes a record; `rdata` uncompressed. Refuses what cannot stand in this zone: an owner
    /// outside it, a meta type, rdata that is not of the type's form, more octets than allowed. A
    /// record that is there already is dropped; an RRset has the lowest TTL of its records (RFC
    /// 2181 §5.2). A name keeps the letter case in which it comes first.
    [[nodiscard]] base::Expected<void> add(wire::NameView owner,
                                           wire::Type type,
                                           std::uint32_t ttl_s,
                                           base::Octets rdata);

    [[nodiscard]] std::size_t record_count() const noexcept { return records_.size(); }

    /// Groups the records into RRsets, adds the empty non-terminals, marks cuts and wildcards, and
    /// checks the whole: exactly one SOA and at least one NS at the apex, no SOA elsewhere, one
    /// CNAME or DNAME at a name, a CNAME alone (RFC 1034 §3.6.2, RRSIG and NSEC aside). The builder
    /// is spent afterwards.
    [[nodiscard]] base::Expected<std::unique_ptr<const Zone>> build();

  private:
    struct Record {
        std::uint32_t next = 0;  // record of the same node, index and one; 0: the last
        std::uint32_t ttl_s = 0;
        std::uint32_t rdata_offset = 0;  // of the two octets of length before the rdata
        wire::Type type = 0;
    };

    [[nodiscard]] std::uint32_t node_of(const NameKey& name,
                                        wire::NameView owner,
                                        std::size_t labels);
    void grow_table();
    [[nodiscard]] base::Expected<void> add_empty_non_terminals();
    [[nodiscard]] base::Expected<void> collect_rrsets();
    [[nodiscard]] bool collect_node(Zone::NodeEntry& entry,
                                    std::uint32_t first_record,
                                    std::vector<std::uint8_t>& into);
    [[nodiscard]] base::Expected<void> check() const;

    // denial.cc
    void index_denial();
    void index_nsec();
    void index_nsec3();

    std::unique_ptr<Zone> zone_;
    std::size_t most_octets_;
    std::vector<Record> records_;
    std::vector<std::uint32_t> first_record_;  // by node: index and one
    wire::Name last_owner_;                    // records mostly come name by name
    std::uint32_t last_node_ = 0;
};

}  // namespace understudy::zone
