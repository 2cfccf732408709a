#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/zone/block_store.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/octet_words.h>
#include <understudy/zone/wire_record.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

namespace understudy::zone {

/// Fields of our own in pages stand in the machine's byte order, unaligned.
template <typename Integer>
[[nodiscard]] Integer load_field(const std::uint8_t* at) noexcept {
    Integer value{};
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <typename Integer>
void append_field(std::vector<std::uint8_t>& into, Integer value) {
    const auto* octets = reinterpret_cast<const std::uint8_t*>(&value);
    into.insert(into.end(), octets, octets + sizeof value);
}

/// An RRset as a node stores it: its records as they go on the wire in an answer whose question is
/// the node's name, and the RRSIGs that cover it likewise. Compression pointers aim at the question
/// or into the body itself, which stands right behind the question.
///
///     type 2 · records 2 · octets of records 2 · octets of RRSIGs 2 · records · RRSIGs
struct StoredRRset {
    static constexpr std::size_t kHeaderOctets = 8;
    static constexpr std::size_t kMaxOctets = 65535;  // of records, and of RRSIGs

    wire::Type type = 0;
    std::uint16_t count = 0;  // 0: only RRSIGs stand here
    base::Octets records;
    base::Octets signatures;

    [[nodiscard]] static StoredRRset load(const std::uint8_t* at) noexcept {
        const auto records = load_field<std::uint16_t>(at + 4);
        return {load_field<std::uint16_t>(at),
                load_field<std::uint16_t>(at + 2),
                {at + kHeaderOctets, records},
                {at + kHeaderOctets + records, load_field<std::uint16_t>(at + 6)}};
    }
    [[nodiscard]] static bool has_records(const std::uint8_t* at) noexcept {
        return load_field<std::uint16_t>(at + 2) != 0;
    }
    [[nodiscard]] const std::uint8_t* end() const noexcept {
        return signatures.data() + signatures.size();
    }

    /// REQUIRES: it has records.
    [[nodiscard]] std::uint32_t ttl_s() const noexcept {
        return WireRecord(records.data()).ttl_s();
    }
};

/// The type under which a cut keeps what its referral has beside the NS records: the glue below it
/// as records, in place of RRSIGs the fix-ups of all its compression pointers. Count: of the glue
/// records, and kMayHaveSiblings.
inline constexpr wire::Type kReferralType = 0;
inline constexpr std::uint16_t kMayHaveSiblings = 0x8000;  // name servers in the zone, not below

/// A name of a zone as it stands in a page or, for the apex, in a block of its own. A view.
///
///     flags 1 · owner's octets 1 · owner, relative to the apex, without the root's octet
///     [octets 1 · the rest of the owner, where its letters are not in the apex' case]
///     [children 4] · ([block 4] | number of RRsets 1 · RRsets in the order of their types)
///
/// A node without records but with children, an empty non-terminal, keeps its name's hash instead
/// of the name.
class StoredNode {
  public:
    enum Flag : std::uint8_t {
        kCut = 1,
        kDname = 2,
        kWildcardChild = 4,
        kHasChildren = 8,
        kExternal = 16,  // its RRsets stand in a block of their own
        kUnnamed = 32,
        kOwnApex = 64,
    };

    explicit StoredNode(const std::uint8_t* at) noexcept : at_(at) {}

    [[nodiscard]] const std::uint8_t* data() const noexcept { return at_; }
    [[nodiscard]] std::uint8_t flags() const noexcept { return at_[0]; }
    [[nodiscard]] bool has(Flag flag) const noexcept { return (at_[0] & flag) != 0; }

    /// Relative to the apex. Empty for the apex and an empty non-terminal.
    [[nodiscard]] base::Octets owner() const noexcept {
        return {at_ + 2, has(kUnnamed) ? std::size_t{0} : at_[1]};
    }

    /// The rest of its name, if it is not the apex as that is written; else empty.
    [[nodiscard]] base::Octets own_apex() const noexcept {
        const std::uint8_t* at = at_ + 2 + at_[1];
        return has(kOwnApex) ? base::Octets(at + 1, *at) : base::Octets(at, 0);
    }

    /// Whether this is the node of the name with these octets relative to the apex, in lower case,
    /// and this hash. REQUIRES: `lowered` is readable in whole words.
    [[nodiscard]] bool is(base::Octets lowered, std::uint64_t hash) const noexcept {
        if (has(kUnnamed)) [[unlikely]] {
            return load_field<std::uint64_t>(at_ + 2) == hash;
        }
        return at_[1] == lowered.size() && equal_lowered(at_ + 2, lowered.data(), lowered.size());
    }

    /// The hash of its name, whose apex' hash is `apex`.
    [[nodiscard]] std::uint64_t hash(std::uint64_t apex, const HashKey& key) const noexcept;

    [[nodiscard]] std::uint32_t children() const noexcept {
        return has(kHasChildren) ? load_field<std::uint32_t>(owner_end()) : 0;
    }

    [[nodiscard]] std::uint8_t hints() const noexcept;

    /// Null where the RRsets stand in the node.
    [[nodiscard]] BlockRef external() const noexcept {
        return has(kExternal) ? BlockRef::from_bits(load_field<std::uint32_t>(body())) : BlockRef();
    }

    /// Of the node itself, without what stands elsewhere.
    [[nodiscard]] std::size_t octets() const noexcept;

    /// Their number, then the RRsets, wherever they stand.
    [[nodiscard]] base::Octets stored_rrsets() const noexcept;

    [[nodiscard]] std::size_t rrset_count() const noexcept { return *rrsets(); }

    /// Its RRsets: `for (StoredRRset rrset : node)`.
    class Iterator {
      public:
        Iterator(const std::uint8_t* at, std::size_t left) noexcept : at_(at), left_(left) {}
        [[nodiscard]] StoredRRset operator*() const noexcept { return StoredRRset::load(at_); }
        Iterator& operator++() noexcept {
            at_ = StoredRRset::load(at_).end();
            --left_;
            return *this;
        }
        bool operator==(const Iterator& other) const noexcept { return left_ == other.left_; }

      private:
        const std::uint8_t* at_;
        std::size_t left_;
    };
    [[nodiscard]] Iterator begin() const noexcept { return {rrsets() + 1, rrset_count()}; }
    // NOLINTNEXTLINE(readability-convert-member-functions-to-static): begin's counterpart
    [[nodiscard]] Iterator end() const noexcept { return {nullptr, 0}; }

    [[nodiscard]] std::optional<StoredRRset> find(wire::Type type) const noexcept {
        const std::uint8_t* const at = find_stored(type);
        return at != nullptr ? std::optional(StoredRRset::load(at)) : std::nullopt;
    }

    /// The same where it has records.
    [[nodiscard]] std::optional<StoredRRset> find_records(wire::Type type) const noexcept {
        const std::uint8_t* const at = find_stored(type);
        return at != nullptr && StoredRRset::has_records(at) ? std::optional(StoredRRset::load(at))
                                                             : std::nullopt;
    }

  private:
    [[nodiscard]] const std::uint8_t* owner_end() const noexcept {
        return own_apex().data() + own_apex().size();
    }
    /// What follows owner and children.
    [[nodiscard]] const std::uint8_t* body() const noexcept {
        return owner_end() + (has(kHasChildren) ? sizeof(std::uint32_t) : 0);
    }
    [[nodiscard]] inline const std::uint8_t* rrsets() const noexcept;

    /// Where the RRset of `type` stands, or null.
    [[nodiscard]] const std::uint8_t* find_stored(wire::Type type) const noexcept {
        const std::uint8_t* at = rrsets();
        for (std::size_t left = *at++; left > 0; --left) {
            const auto stands = load_field<std::uint16_t>(at);
            if (stands >= type) {
                return stands == type ? at : nullptr;
            }
            at = StoredRRset::load(at).end();
        }
        return nullptr;
    }

    const std::uint8_t* at_;
};

/// What a block of RRsets or of an apex begins with.
struct BlockHeader {
    Version birth = 0;
    std::uint32_t octets = 0;  // of the block, header included

    [[nodiscard]] static const BlockHeader& of(BlockRef block) noexcept {
        return *reinterpret_cast<const BlockHeader*>(BlockStore::at(block));
    }
    [[nodiscard]] static const std::uint8_t* contents(BlockRef block) noexcept {
        return BlockStore::at(block) + sizeof(BlockHeader);
    }
};

inline const std::uint8_t* StoredNode::rrsets() const noexcept {
    constexpr unsigned kUnusual = kHasChildren | kExternal | kOwnApex;
    if ((flags() & kUnusual) == 0) [[likely]] {
        return at_ + 2 + at_[1];
    }
    return has(kExternal) ? BlockHeader::contents(external()) : body();
}

/// A block with these contents.
[[nodiscard]] BlockRef make_block(base::Octets contents, Version birth);

/// RRsets of more octets stand in a block of their own, so that pages stay small.
inline constexpr std::size_t kMaxInlineOctets = 512;

/// What a node is made from.
struct NodeParts {
    std::uint8_t flags = 0;  // kCut, kDname and kWildcardChild
    base::Octets owner;      // relative to the apex
    base::Octets own_apex;   // empty: as the apex is written
    std::uint64_t hash = 0;
    std::uint32_t children = 0;
    base::Octets rrsets;  // their number, then the RRsets
};

/// Appends a node to `into`; long RRsets go into a block that is born in `birth`, but for the
/// apex', whose node is a block itself (see `is_apex`).
void append_node(const NodeParts& parts,
                 bool is_apex,
                 Version birth,
                 std::vector<std::uint8_t>& into);

}  // namespace understudy::zone
