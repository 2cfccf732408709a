#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/block_store.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace understudy::zone {

/// How a table divides the 64 bits of a name's hash: the directory takes them from the top, a page
/// from the bottom, so none is asked twice.
struct HashBits {
    static constexpr unsigned kDirectoryBits = 40;  // as many as a path may use up

    [[nodiscard]] static std::uint16_t fingerprint(std::uint64_t hash) noexcept {
        const auto bits = static_cast<std::uint16_t>(hash >> 8U);
        return bits != 0 ? bits : std::uint16_t{1};  // 0 marks a free slot
    }
    [[nodiscard]] static std::size_t line(std::uint64_t hash, std::size_t lines) noexcept {
        return (hash & 0xFFU) * lines >> 8U;
    }
};

/// What a look-up that passes by a node needs to know of it; a hint, confirmed on the name.
enum NodeHint : std::uint8_t {
    kInterrupts = 1,     // a cut or a DNAME: what lies below is not answered from this zone's nodes
    kWildcardBelow = 2,  // `*` stands directly below
};

/// 64 octets of a page: the fingerprints of up to 15 nodes and where in the page they begin.
struct alignas(kGranuleOctets) Line {
    static constexpr std::size_t kSlots = 15;

    std::array<std::uint16_t, kSlots> fingerprints;  // 0: free
    std::array<std::uint16_t, kSlots> offsets;       // octets from the start of the page
    std::uint32_t hints;                             // two bits of NodeHint a slot

    /// The slots whose fingerprint is this one, as bits.
    [[nodiscard]] std::uint32_t match(std::uint16_t fingerprint) const noexcept;

    /// The same, one by one: what `match` is without a wide instruction for it, and what it is held
    /// to.
    [[nodiscard]] std::uint32_t match_one_by_one(std::uint16_t fingerprint) const noexcept;

    [[nodiscard]] unsigned hint(std::size_t slot) const noexcept { return hints >> 2U * slot & 3U; }
};
static_assert(sizeof(Line) == kGranuleOctets);

/// What stands behind a page's lines; the nodes follow it.
struct PageHeader {
    Version birth = 0;  // the version that made it
    std::uint16_t octets = 0;
    std::uint8_t depth = 0;  // bits of its directory node that lead here and to no other page
    std::uint8_t nodes = 0;
};

/// A node on its way into a page.
struct PageNode {
    std::uint64_t hash = 0;
    base::Octets octets;
    std::uint8_t hints = 0;
};

/// A reference to a page has the number of its lines as its tag; 0 is a directory node.
inline constexpr std::size_t kMaxLines = 3;
inline constexpr std::size_t kMaxPageOctets = 2048;
inline constexpr std::size_t kMaxPageNodes = kMaxLines * Line::kSlots;

[[nodiscard]] inline const Line* lines_of(BlockRef page) noexcept {
    return reinterpret_cast<const Line*>(BlockStore::at(page));
}
[[nodiscard]] inline const Line& line_of(BlockRef page, std::uint64_t hash) noexcept {
    return lines_of(page)[HashBits::line(hash, page.tag())];
}
[[nodiscard]] inline const PageHeader& header_of(BlockRef page) noexcept {
    return *reinterpret_cast<const PageHeader*>(lines_of(page) + page.tag());
}

/// The fewest lines that hold these nodes, or 0 where no page does: too many, or too long together.
[[nodiscard]] std::size_t lines_for(std::span<const PageNode> nodes) noexcept;

/// Writes a page. REQUIRES: lines_for(nodes) > 0.
[[nodiscard]] BlockRef make_page(std::span<const PageNode> nodes, Version birth, unsigned depth);

}  // namespace understudy::zone
