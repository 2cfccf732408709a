#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "zone/rrset_encoder.h"

namespace understudy::zone {

/// What a node is written from.
struct NodeDraft {
    base::Octets owner;     // relative to the apex
    base::Octets own_apex;  // as StoredNode's
    std::uint64_t hash = 0;
    std::uint32_t children = 0;
    bool has_wildcard_child = false;
    std::span<const RecordRef> records;  // sorted and normalised; none: an empty non-terminal
};

/// What these records make of their name: StoredNode::kCut, kDname.
[[nodiscard]] std::uint8_t flags_of(std::span<const RecordRef> records, bool is_apex) noexcept;

/// The flags of a StoredNode that tell what its name is, not how it is stored.
inline constexpr unsigned kNameFlags =
    StoredNode::kCut | StoredNode::kDname | StoredNode::kWildcardChild;

/// Whether such a node ends the lookups of what is below it.
[[nodiscard]] constexpr bool interrupts(std::uint8_t flags) noexcept {
    return (flags & (StoredNode::kCut | StoredNode::kDname)) != 0;
}

/// Writes the nodes of a version and finds their faults, whether the version is a zone's first or
/// made of the one before.
class NodeWriter {
  public:
    /// Appends the A and AAAA records of a name of the zone, sorted and normalised; their octets
    /// stay. False where the name does not exist.
    using FindAddresses = std::function<bool(wire::NameView host, std::vector<RecordRef>& into)>;

    /// REQUIRES: `zone`, whose apex and key are set, outlives it.
    NodeWriter(Zone& zone, Version birth, FindAddresses find_addresses)
        : zone_(zone), birth_(birth), find_addresses_(std::move(find_addresses)) {}

    /// Appends the node's octets. Where its records have a fault, an empty node.
    void append(const NodeDraft& draft, std::vector<std::uint8_t>& into);

    /// Makes the zone's apex: the node, the SOA, the body of negative answers. Fails where the
    /// records lack what an apex must have; the zone has the node that it had before then.
    [[nodiscard]] base::Expected<void> write_apex(const NodeDraft& apex);

    /// What the zone as a whole has of the apex' records: the SOA, the body of negative answers.
    /// REQUIRES: sorted and normalised, an SOA among them.
    void take_authority(std::span<const RecordRef> records);

    /// What is wrong with the first node that has a fault, or empty.
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

  private:
    void fail(std::string fault);
    [[nodiscard]] wire::NameView name_of(const NodeDraft& draft);
    [[nodiscard]] RRsetEncoder::Cut cut_at(wire::NameView name, std::span<const RecordRef> ns);

    Zone& zone_;
    Version birth_;
    FindAddresses find_addresses_;
    RRsetEncoder encoder_;
    std::vector<std::uint8_t> rrsets_;  // of the node at hand
    wire::NameBuffer name_;             // likewise
    std::string fault_;
};

}  // namespace understudy::zone
