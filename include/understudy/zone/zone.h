#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/wire/nsec3.h>
#include <understudy/wire/rdata.h>
#include <understudy/wire/reader.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/name_table.h>
#include <understudy/zone/order_tree.h>
#include <understudy/zone/rrset.h>
#include <understudy/zone/stored_node.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace understudy::zone {

class Zone;

/// What a referral has at its cut, as bodies whose question is the cut: where the query name is
/// longer, each compression pointer moves by the difference (see FixUps).
struct Referral {
    StoredRRset ns;
    base::Octets ns_fixups;
    base::Octets glue;  // of the name servers below the cut
    base::Octets glue_fixups;
    std::size_t glue_count = 0;
    bool may_have_siblings = false;  // name servers in the zone but not below the cut

    /// Whether no pointer leaves the reach of 14 bits behind the longest question.
    [[nodiscard]] bool is_movable() const noexcept {
        constexpr std::size_t kReachOctets = 0x3C00;
        return ns.records.size() + glue.size() <= kReachOctets;
    }
};

/// A name of a zone, empty non-terminals included. A view into its zone.
class Node {
  public:
    Node(const Zone& zone, StoredNode stored) noexcept : zone_(&zone), stored_(stored) {}

    /// As the primary wrote it, letter case included. REQUIRES: it has records.
    [[nodiscard]] wire::NameBuffer owner() const noexcept;

    /// NS records stand here, below the apex: a delegation.
    [[nodiscard]] bool is_cut() const noexcept { return stored_.has(StoredNode::kCut); }

    /// A `*` stands directly below.
    [[nodiscard]] bool has_wildcard_child() const noexcept {
        return stored_.has(StoredNode::kWildcardChild);
    }

    /// Its RRsets but the RRSIGs: `for (RRset rrset : node)`.
    class Iterator {
      public:
        Iterator(const Node& node, StoredNode::Iterator at) noexcept : node_(node), at_(at) {
            skip();
        }
        [[nodiscard]] RRset operator*() const noexcept;
        Iterator& operator++() noexcept {
            ++at_;
            skip();
            return *this;
        }
        bool operator==(const Iterator& other) const noexcept { return at_ == other.at_; }

      private:
        void skip() noexcept;

        const Node& node_;
        StoredNode::Iterator at_;
    };
    [[nodiscard]] Iterator begin() const noexcept;
    [[nodiscard]] Iterator end() const noexcept { return {*this, stored_.end()}; }

    /// The RRset of `type`, which is not RRSIG.
    [[nodiscard]] std::optional<RRset> find(wire::Type type) const noexcept;

    /// The same as it is stored, with the RRSIGs that cover it.
    [[nodiscard]] std::optional<StoredRRset> find_stored(wire::Type type) const noexcept {
        return type != kReferralType ? stored_.find_records(type) : std::nullopt;
    }

    /// The same. REQUIRES: it is here.
    [[nodiscard]] RRset rrset(wire::Type type) const noexcept {
        return *find(type);  // NOLINT(bugprone-unchecked-optional-access): required
    }

    /// The RRSIG records here that cover `covered`.
    [[nodiscard]] std::optional<RRset> signatures(wire::Type covered) const noexcept;

    /// Calls `visit(covered, RRset)` with the RRSIG records of every type that some cover.
    template <typename Visit>
    void for_each_signatures(Visit visit) const;

    /// REQUIRES: is_cut().
    [[nodiscard]] Referral referral() const noexcept;

    [[nodiscard]] bool is_empty() const noexcept { return stored_.rrset_count() == 0; }

    /// Of one zone.
    bool operator==(const Node& other) const noexcept {
        return stored_.data() == other.stored_.data();
    }

    [[nodiscard]] const StoredNode& stored() const noexcept { return stored_; }

    /// What a stored RRset of this node has. REQUIRES: records, or RRSIGs.
    [[nodiscard]] RRset records(const StoredRRset& rrset) const noexcept;
    [[nodiscard]] RRset signatures(const StoredRRset& rrset) const noexcept;

  private:
    [[nodiscard]] OwnerParts owner_parts() const noexcept;

    const Zone* zone_;
    StoredNode stored_;
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

/// The records that a negative answer needs, as a body whose question is the apex: it lands behind
/// a longer question with its pointers moved.
struct NegativeBody {
    StoredRRset soa;
    base::Octets records_fixups;
    base::Octets signatures_fixups;
};

/// What a look-up needs of a zone before it can ask for a page: short enough to stand in tables of
/// zones.
struct ZoneOutline {
    static constexpr std::size_t kInterrupts = 2;
    enum Flag : std::uint8_t {
        kDnameAtApex = 1,
        kMoreInterrupts = 2,  // than stand here: the zone has all
        kNsec = 4,            // its denial()
        kNsec3 = 8,
    };

    BlockRef root;  // of the names' table; null: there is but the apex
    // Names that no cut or DNAME is above have fewer labels below the apex.
    std::uint8_t open_depth_end = 0;
    // The lowest numbers of labels below the apex that cuts or DNAMEs have, 0 where there are none.
    std::array<std::uint8_t, kInterrupts> interrupts{};
    std::uint8_t flags = 0;

    [[nodiscard]] bool has(Flag flag) const noexcept { return (flags & flag) != 0; }

    /// Whether names that do not exist are denied with proof.
    [[nodiscard]] bool has_chain() const noexcept { return has(kNsec) || has(kNsec3); }
};
static_assert(sizeof(ZoneOutline) == 8);

class Lineage;

/// One version of a zone: immutable, so any number of threads read it without a word between them.
/// Versions of a zone share the pages of their tables in which they do not differ.
class alignas(kGranuleOctets) Zone {
  public:
    ~Zone();
    Zone(const Zone&) = delete;
    Zone& operator=(const Zone&) = delete;

    [[nodiscard]] wire::NameView apex() const noexcept { return apex_; }
    [[nodiscard]] std::size_t apex_labels() const noexcept { return apex_labels_; }
    [[nodiscard]] Node apex_node() const noexcept {
        return {*this, StoredNode(BlockHeader::contents(apex_node_))};
    }

    [[nodiscard]] ZoneOutline outline() const noexcept;

    /// Before a negative answer, or one about the apex: first of the zone, some time later of what
    /// it refers to, the cache lines that the answer reads.
    void prefetch() const noexcept { __builtin_prefetch(this); }
    void prefetch_negative() const noexcept;

    [[nodiscard]] const wire::Soa& soa() const noexcept { return soa_; }
    [[nodiscard]] std::uint32_t serial() const noexcept { return soa_.serial; }

    /// The TTL of an SOA in a negative answer (RFC 2308 §3).
    [[nodiscard]] std::uint32_t negative_ttl_s() const noexcept { return negative_ttl_s_; }
    [[nodiscard]] NegativeBody negative_body() const noexcept;

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
    /// canonical order. REQUIRES: `name` is the apex or below it.
    [[nodiscard]] std::optional<Node> nsec_at_or_before(wire::NameView name) const noexcept;

    struct Nsec3Found {
        Node node;
        bool matches;  // else it covers the hash
    };

    /// The owner of the active chain's NSEC3 that matches or covers `hash`, likewise.
    [[nodiscard]] std::optional<Nsec3Found> nsec3_at_or_before(
        const wire::Nsec3Digest& hash) const noexcept;

    /// How the chain names `name`, which is in lower case. REQUIRES: denial() == Denial::kNsec3.
    [[nodiscard]] wire::Nsec3Digest nsec3_hash(wire::NameView name) const noexcept;

    /// The owner of the NSEC or NSEC3 that covers `*` right below the apex: half of the proof of
    /// most name errors, kept at hand. Nothing where `*` exists, and without a chain.
    [[nodiscard]] std::optional<Node> apex_wildcard_proof() const noexcept {
        return node_at(apex_wildcard_proof_);
    }

    /// The owner of the NSEC3 that matches the apex, likewise.
    [[nodiscard]] std::optional<Node> apex_hash_proof() const noexcept {
        return node_at(apex_hash_proof_);
    }

    /// Names that exist, empty non-terminals included.
    [[nodiscard]] std::size_t node_count() const noexcept { return node_count_; }
    [[nodiscard]] std::size_t record_count() const noexcept { return record_count_; }

    /// What this version holds, with what it shares with others.
    [[nodiscard]] std::size_t memory_octets() const noexcept;

    [[nodiscard]] const HashKey& hash_key() const noexcept { return key_; }

  private:
    friend class DenialLinks;
    friend class DenialSearch;
    friend class ImageReader;
    friend class ImageWriter;
    friend class Lookup;
    friend class Node;
    friend class NodeSearch;
    friend class RecordCursor;
    friend class TouchedNodes;
    friend class NodeWriter;
    friend class ZoneAssembler;
    friend class ZoneDiff;
    friend class ZoneEdit;

    Zone();

    [[nodiscard]] std::optional<Node> find(const NameKey& name, std::size_t labels) const noexcept;
    /// The octets of the name's suffix before the apex. REQUIRES: labels >= apex_labels().
    [[nodiscard]] base::Octets relative(const NameKey& name, std::size_t labels) const noexcept {
        const base::Octets suffix = name.suffix(labels).octets();
        return suffix.first(suffix.size() - apex_.view().size());
    }

    /// The node whose name is `labels`, in lower case, in front of the apex. REQUIRES: readable in
    /// whole words.
    [[nodiscard]] std::optional<Node> find_relative(base::Octets labels) const noexcept;
    [[nodiscard]] std::optional<Node> find_relative(base::Octets labels,
                                                    std::uint64_t hash) const noexcept;

    /// A chain: its parameters, and the order of the names that are in it.
    struct Chain {
        Denial kind = Denial::kNone;
        std::uint16_t iterations = 0;
        std::vector<std::uint8_t> salt;
        OrderTree order;  // NSEC: canonical keys (canonical_key.h), NSEC3: hashes
    };

    /// The chain to answer from, by the records at the apex; its order is empty yet.
    [[nodiscard]] Chain choose_chain() const;

    /// Whether a cut or a DNAME may stand above names of so many labels below the apex.
    [[nodiscard]] bool may_be_below_interrupt(std::size_t depth) const noexcept {
        return (depth > 0 && apex_node().stored().has(StoredNode::kDname)) ||
               (!interrupt_depths_.empty() && interrupt_depths_.front() < depth);
    }

    /// Whether a node belongs to the chain: it holds such a record, and what lies below a cut or a
    /// DNAME is no part of an NSEC chain. If so, its key.
    [[nodiscard]] bool chain_key(const Node& node, KeyBuffer& key) const noexcept;

    /// The key that the NSEC3 records at these labels have; false where they are in no chain.
    [[nodiscard]] static bool nsec3_key(base::Octets labels, KeyBuffer& key) noexcept;

    /// Looks at every node, for the keys of those in the chain.
    void order_chain(Version birth);

    /// Once the chain and the table are whole.
    void find_apex_proofs();

    [[nodiscard]] std::optional<Node> node_at(const std::uint8_t* stored) const noexcept {
        return stored != nullptr ? std::optional(Node(*this, StoredNode(stored))) : std::nullopt;
    }

    /// Whether no cut or DNAME stands above this name. REQUIRES: it exists.
    [[nodiscard]] bool is_open(base::Octets relative) const noexcept;

    /// Looks at every node that a cut or DNAME may be above. REQUIRES: the zone is whole.
    void find_open_depth();

    /// Counts a node of so many labels below the apex; `by` is 1 or, where it goes, -1.
    void count_node(std::size_t depth, bool interrupts, int by);
    /// After the last one is counted.
    void settle_depths();

    // In the first cache line: what answers read of a zone that they did not visit of late.
    NameTable table_;
    BlockRef apex_node_;
    std::vector<std::uint8_t> negative_body_;

    HashKey key_;
    wire::Name apex_;
    std::size_t apex_labels_ = 0;
    std::uint64_t apex_hash_ = 0;
    wire::Soa soa_;
    std::uint32_t negative_ttl_s_ = 0;
    std::size_t record_count_ = 0;
    std::size_t node_count_ = 0;
    // How many nodes there are, and how many of them are cuts or have a DNAME, by labels below the
    // apex. The last entry of the first is not 0.
    std::vector<std::uint32_t> nodes_by_depth_;
    std::vector<std::uint32_t> interrupts_by_depth_;
    std::vector<std::uint8_t> interrupt_depths_;  // those above 0 whose count is not 0, ascending
    std::size_t open_depth_end_ = 0;              // as in the outline: a bound, from above
    Chain chain_;
    const std::uint8_t* apex_wildcard_proof_ = nullptr;
    const std::uint8_t* apex_hash_proof_ = nullptr;
    std::shared_ptr<Lineage> lineage_;
    Version version_ = 0;
};

/// Walks every record of a zone but the SOA, node by node, RRSIGs behind what they cover.
class RecordCursor {
  public:
    explicit RecordCursor(const Zone& zone);
    RecordCursor(const RecordCursor&) = delete;
    RecordCursor& operator=(const RecordCursor&) = delete;

    struct Record {
        wire::NameView owner;
        wire::Type type;
        std::uint32_t ttl_s;
        base::Octets rdata;
    };

    /// The next record, or nothing behind the last one. Its octets are good until the next call.
    [[nodiscard]] std::optional<Record> next() noexcept;

    /// Where the rdata of that record stands in the zone, as it is stored. REQUIRES: there was one.
    [[nodiscard]] base::Octets stored() const noexcept {
        return at_->stored();  // NOLINT(bugprone-unchecked-optional-access): required
    }

  private:
    /// A node of the directory and its entry that comes next.
    struct Step {
        BlockRef node;
        std::size_t next = 0;
    };

    [[nodiscard]] bool next_node() noexcept;
    void enter_page(BlockRef page) noexcept;
    void enter_node(StoredNode node) noexcept;
    [[nodiscard]] bool next_rrset() noexcept;

    const Zone* zone_;
    std::array<Step, HashBits::kDirectoryBits> path_;  // a node of the directory has a bit or more
    std::size_t depth_ = 0;
    const std::uint8_t* node_at_ = nullptr;  // the next node of the page
    std::size_t nodes_left_ = 0;
    wire::NameBuffer owner_;
    std::optional<Node> node_;
    std::optional<StoredNode::Iterator> stored_;  // the RRset that is walked
    bool in_signatures_ = false;
    std::optional<RRset> rrset_;
    std::optional<RRset::Iterator> at_;
};

template <typename Visit>
void Node::for_each_signatures(Visit visit) const {
    for (const StoredRRset rrset : stored_) {
        if (!rrset.signatures.empty() && (!is_cut() || rrset.type != kReferralType)) {
            visit(rrset.type, signatures(rrset));
        }
    }
}

}  // namespace understudy::zone
