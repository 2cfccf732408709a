#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/wire/nsec3.h>
#include <understudy/wire/rdata.h>
#include <understudy/zone/name_key.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace understudy::zone {

class Zone;

/// The records of one type at one name. A view into its zone.
class RRset {
  public:
    RRset(wire::Type type, std::uint32_t ttl_s, std::size_t count, base::Octets rdata) noexcept
        : type_(type), ttl_s_(ttl_s), count_(count), rdata_(rdata) {}

    [[nodiscard]] wire::Type type() const noexcept { return type_; }
    [[nodiscard]] std::uint32_t ttl_s() const noexcept { return ttl_s_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Walks the rdata, uncompressed: `for (base::Octets rdata : rrset)`.
    class Iterator {
      public:
        explicit Iterator(const std::uint8_t* at) noexcept : at_(at) {}
        [[nodiscard]] base::Octets operator*() const noexcept {
            return {at_ + 2, base::load_be16(at_)};
        }
        Iterator& operator++() noexcept {
            at_ += 2U + base::load_be16(at_);
            return *this;
        }
        bool operator==(const Iterator&) const = default;

      private:
        friend class RRset;
        const std::uint8_t* at_;
    };
    [[nodiscard]] Iterator begin() const noexcept { return Iterator(rdata_.data()); }
    [[nodiscard]] Iterator end() const noexcept { return Iterator(rdata_.data() + rdata_.size()); }

  private:
    friend class Node;

    /// The `count` records from `first` up to `last`.
    [[nodiscard]] RRset part(Iterator first, Iterator last, std::size_t count) const noexcept {
        return {type_, ttl_s_, count, {first.at_, last.at_}};
    }

    wire::Type type_;
    std::uint32_t ttl_s_;
    std::size_t count_;
    base::Octets rdata_;  // each with its length in two octets before it
};

/// A name of a zone, empty non-terminals included. A view into its zone.
class Node {
  public:
    Node(const Zone& zone, std::uint32_t index) noexcept : zone_(&zone), index_(index) {}

    /// As the primary wrote it, letter case included.
    [[nodiscard]] wire::NameView owner() const noexcept;

    /// NS records stand here, below the apex: a delegation.
    [[nodiscard]] bool is_cut() const noexcept;

    /// A `*` stands directly below.
    [[nodiscard]] bool has_wildcard_child() const noexcept;

    [[nodiscard]] std::size_t rrset_count() const noexcept;
    [[nodiscard]] RRset rrset(std::size_t index) const noexcept;
    [[nodiscard]] std::optional<RRset> find(wire::Type type) const noexcept;

    /// The RRSIG records here that cover `covered`, as an RRset of type RRSIG.
    [[nodiscard]] std::optional<RRset> signatures(wire::Type covered) const noexcept;

  private:
    friend class Builder;
    friend class Zone;

    const Zone* zone_;
    std::uint32_t index_;
};

/// Where a name leads in a zone.
struct Match {
    enum class Kind : std::uint8_t {
        kExact,    // `node` has the name
        kCut,      // `node` is the highest zone cut above the name or at it
        kDname,    // `node` is above the name and holds a DNAME
        kMissing,  // `node` is the closest encloser (RFC 4592 §3.3.1)
    };
    Kind kind;
    Node node;
    std::size_t labels;  // of the node's name
};

/// The chain that denies what a zone does not have.
enum class Denial : std::uint8_t { kNone, kNsec, kNsec3 };

/// Hashing a name more often than this costs an answering thread more than any chain is worth; RFC
/// 9276 §3.1 asks for 0, and validators call a zone above it insecure.
inline constexpr std::uint16_t kMaxNsec3Iterations = 150;

/// How the owner names of the NSEC3 chain are hashed.
struct Nsec3Parameters {
    std::uint8_t algorithm;  // wire::kNsec3Sha1
    std::uint16_t iterations;
    base::Octets salt;
};

/// One version of a zone: immutable, so any number of threads read it without a word between them.
///
/// Names and rdata lie in one block of octets, nodes and RRsets in arrays, and an open hash table
/// leads from a name to its node. Nodes stand in the order in which the records came: nothing here
/// needs names sorted.
class Zone {
  public:
    [[nodiscard]] wire::NameView apex() const noexcept { return Node(*this, 0).owner(); }
    [[nodiscard]] std::size_t apex_labels() const noexcept { return apex_labels_; }
    [[nodiscard]] Node apex_node() const noexcept { return {*this, 0}; }

    [[nodiscard]] const wire::Soa& soa() const noexcept { return soa_; }
    [[nodiscard]] std::uint32_t serial() const noexcept { return soa_.serial; }

    /// The TTL of an SOA in a negative answer (RFC 2308 §3).
    [[nodiscard]] std::uint32_t negative_ttl_s() const noexcept { return negative_ttl_s_; }

    /// Where `name` leads. REQUIRES: it is the apex or below, its key made with the zone's hash
    /// key.
    [[nodiscard]] Match lookup(const NameKey& name) const noexcept;

    /// The node of exactly this name, below cuts too: for glue.
    [[nodiscard]] std::optional<Node> find(const NameKey& name) const noexcept;

    /// The `*` directly below the name's suffix of `labels` labels.
    [[nodiscard]] std::optional<Node> find_wildcard(const NameKey& name,
                                                    std::size_t labels) const noexcept;

    /// The chain to answer from: NSEC3 if the apex has an NSEC3PARAM with flags 0 (RFC 5155 §4.1.2)
    /// whose hash and iterations are supported, else NSEC if the apex has one.
    [[nodiscard]] Denial denial() const noexcept { return chain_.kind; }

    /// REQUIRES: denial() == Denial::kNsec3.
    [[nodiscard]] Nsec3Parameters nsec3_parameters() const noexcept {
        return {wire::kNsec3Sha1, chain_.iterations, chain_.salt};
    }

    /// The owner of the NSEC that matches or covers `name`: the last one at or before it in
    /// canonical order, before the first one the last of all.
    [[nodiscard]] std::optional<Node> nsec_at_or_before(wire::NameView name) const noexcept;

    struct Nsec3Found {
        Node node;
        bool matches;  // else it covers the hash
    };

    /// The owner of the active chain's NSEC3 that matches or covers `hash`, likewise.
    [[nodiscard]] std::optional<Nsec3Found> nsec3_at_or_before(
        const std::array<std::uint8_t, wire::kNsec3Sha1Octets>& hash) const noexcept;

    [[nodiscard]] std::size_t node_count() const noexcept { return nodes_.size(); }
    [[nodiscard]] Node node(std::size_t index) const noexcept {
        return {*this, static_cast<std::uint32_t>(index)};
    }
    [[nodiscard]] std::size_t record_count() const noexcept { return record_count_; }

    /// What this version holds, tables included.
    [[nodiscard]] std::size_t memory_octets() const noexcept;

    [[nodiscard]] const HashKey& hash_key() const noexcept { return key_; }

  private:
    friend class Builder;
    friend class Node;

    struct NodeEntry {
        std::uint32_t owner_offset = 0;
        std::uint32_t first_rrset = 0;
        std::uint16_t rrset_count = 0;
        bool is_cut = false;
        bool has_dname = false;
        bool has_wildcard_child = false;
    };

    struct RRsetEntry {
        std::uint32_t rdata_offset = 0;
        std::uint32_t rdata_octets = 0;
        std::uint32_t ttl_s = 0;
        std::uint16_t count = 0;
        wire::Type type = 0;
    };

    /// A place in the hash table: 0 is free, else the node's index and one, beside the hash's upper
    /// half as a hint.
    struct Slot {
        std::uint32_t hint = 0;
        std::uint32_t node = 0;
    };

    struct Nsec3Entry {
        std::array<std::uint8_t, wire::kNsec3Sha1Octets> hash;
        std::uint32_t node;
    };

    struct Chain {
        Denial kind = Denial::kNone;
        std::vector<std::uint32_t> nsec;  // nodes, their owners in canonical order
        std::vector<Nsec3Entry> nsec3;    // by hash
        std::uint16_t iterations = 0;
        std::vector<std::uint8_t> salt;
    };

    Zone() = default;

    [[nodiscard]] wire::NameView owner_at(std::uint32_t offset) const noexcept;
    template <typename Equal>
    [[nodiscard]] std::optional<Node> probe(std::uint64_t hash, Equal equal) const noexcept;
    [[nodiscard]] std::optional<Node> find(const NameKey& name, std::size_t labels) const noexcept;

    HashKey key_;
    std::size_t apex_labels_ = 0;
    wire::Soa soa_;
    std::uint32_t negative_ttl_s_ = 0;
    std::size_t record_count_ = 0;
    std::vector<std::uint8_t> octets_;
    std::vector<NodeEntry> nodes_;  // the apex first
    std::vector<RRsetEntry> rrsets_;
    std::vector<Slot> slots_;  // a power of two
    Chain chain_;
};

/// Walks every record of a zone but the SOA, node by node.
class RecordCursor {
  public:
    explicit RecordCursor(const Zone& zone) noexcept : zone_(&zone) {}

    struct Record {
        wire::NameView owner;
        wire::Type type;
        std::uint32_t ttl_s;
        base::Octets rdata;
    };

    /// The next record, or nothing behind the last one.
    [[nodiscard]] std::optional<Record> next() noexcept;

  private:
    const Zone* zone_;
    std::size_t node_ = 0;
    std::size_t rrset_ = 0;              // of the node
    std::optional<RRset::Iterator> at_;  // in the RRset, once it is entered
};

}  // namespace understudy::zone
