#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "zone/rrset_encoder.h"

namespace understudy::zone {

/// The records of a stored node, and what steps of a change make of them. Sorted as they are
/// stored.
class NodeRecords {
  public:
    NodeRecords() = default;
    /// REQUIRES: the node outlives this.
    explicit NodeRecords(const Node& node);

    /// Adds a record, whose TTL becomes that of its RRset. False where it is there already.
    /// REQUIRES: its rdata outlives this.
    bool add(const RecordRef& record);

    /// Removes the record of this type and rdata. False where it is not there.
    bool remove(const RecordRef& record);

    [[nodiscard]] std::size_t count() const noexcept { return records_.size(); }

    /// Sorted, and normalised: RRSIGs have the TTL of what they cover.
    [[nodiscard]] const std::vector<RecordRef>& normalised();

  private:
    void append(const RRset& rrset);
    void set_ttl(const RecordRef& of_rrset);

    std::vector<RecordRef> records_;
    std::deque<std::vector<std::uint8_t>> expanded_;  // rdata that is stored compressed
};

}  // namespace understudy::zone
