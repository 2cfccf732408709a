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

/// The octets of names and rdata that one zone may have: its offsets are 32 bits wide.
inline constexpr std::size_t kMaxZoneOctets = 0xFFFF0000;

/// Makes a Zone from its records, in any order. Costs one hash table access a record; one thread at
/// a time.
class Builder {
  public:
    Builder(wire::NameView apex, const HashKey& key);

    /// Takes a record; `rdata` uncompressed. Refuses what cannot stand in this zone: an owner
    /// outside it, a meta type, rdata that is not of the type's form, more octets than
    /// kMaxZoneOctets. A record that is there already is dropped.
    [[nodiscard]] base::Expected<void> add(wire::NameView owner,
                                           wire::Type type,
                                           std::uint32_t ttl_s,
                                           base::Octets rdata);

    [[nodiscard]] std::size_t record_count() const noexcept { return records_.size(); }

    /// Groups the records into RRsets, adds the empty non-terminals, marks cuts and wildcards, and
    /// checks the whole: exactly one SOA and at least one NS at the apex, no SOA elsewhere, one
    /// CNAME or DNAME at a name, a CNAME alone (RFC 1034 §3.6.2, RSIG and NSEC aside). The builder
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
    void add_empty_non_terminals();
    [[nodiscard]] base::Expected<void> collect_rrsets();
    [[nodiscard]] bool collect_node(Zone::NodeEntry& entry,
                                    std::uint32_t first_record,
                                    std::vector<std::uint8_t>& into);
    [[nodiscard]] base::Expected<void> check() const;

    std::unique_ptr<Zone> zone_;
    std::vector<Record> records_;
    std::vector<std::uint32_t> first_record_;  // by node: index and one
    wire::Name last_owner_;                    // records mostly come name by name
    std::uint32_t last_node_ = 0;
};

}  // namespace understudy::zone
