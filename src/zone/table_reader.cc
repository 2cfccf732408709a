#include "zone/table_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "zone/directory.h"
#include "zone/image_format.h"
#include "zone/lineage.h"
#include "zone/relative_name.h"

namespace understudy::zone {
namespace {

constexpr unsigned kHashBits = 64;

bool is_same_name(StoredNode left, StoredNode right) noexcept {
    return left.has(StoredNode::kUnnamed) || right.has(StoredNode::kUnnamed) ||
           same_relative(left.owner(), right.owner());
}

}  // namespace

bool TableReader::Place::takes(unsigned depth) const noexcept {
    return depth <= bits && entry % (std::size_t{1} << (bits - depth)) == 0;
}

bool TableReader::Place::holds(std::uint64_t hash, unsigned depth) const noexcept {
    const std::uint64_t here =
        prefix | (bits != 0 ? std::uint64_t{entry} << (kHashBits - used_bits - bits) : 0);
    const unsigned common = used_bits + depth;
    return common == 0 || (hash ^ here) >> (kHashBits - common) == 0;
}

NameTable TableReader::read(BlockRef root) {
    NameTable table;
    if (!root.is_null()) {
        if (root != image_ref(1, root.tag())) {
            blocks_.fail("the table's root is none");
        } else {
            table.root_ = read(root, {});
        }
    }
    return table;
}

BlockRef TableReader::read(BlockRef image, const Place& place) {
    return image.tag() == 0 ? read_directory(place) : read_page(image.tag(), place);
}

// ---- Directory

BlockRef TableReader::read_directory(const Place& place) {
    const base::Octets front = blocks_.peek(sizeof(Directory));
    if (front.empty()) {
        return {};
    }
    Directory head;
    std::memcpy(&head, front.data(), sizeof head);
    if (head.bits == 0 || head.bits > Directory::kMaxBits) {
        blocks_.fail("a directory node of " + std::to_string(head.bits) + " bits");
        return {};
    }
    const BlockRef node = blocks_.take(Directory::octets(head.bits), 0);
    if (node.is_null()) {
        return {};
    }
    // Others than the root stand below one that cannot grow, at an entry of their own.
    const bool is_placed =
        place.bits == 0 ? head.depth == 0
                        : place.bits == Directory::kMaxBits && head.depth == Directory::kMaxBits;
    Place below;
    below.used_bits = place.used_bits + place.bits;
    if (place.bits != 0) {
        below.prefix = place.prefix | std::uint64_t{place.entry} << (kHashBits - below.used_bits);
    }
    below.bits = head.bits;
    if (!is_placed || head.birth != kFirstVersion || head.reserved != 0 ||
        below.used_bits + below.bits > HashBits::kDirectoryBits) {
        blocks_.fail("a faulty directory node");
        return {};
    }
    return read_entries(node, below) ? node : BlockRef();
}

bool TableReader::read_entries(BlockRef node, const Place& first) {
    Directory& at = directory(node);
    Place place = first;
    std::size_t number = 0;
    for (place.entry = 0; place.entry < at.size();) {
        const BlockRef image = at.entries()[place.entry];
        if (image != image_ref(++number, image.tag())) {
            return blocks_.fail("an entry of the directory leads elsewhere");
        }
        const BlockRef below = read(image, place);
        if (below.is_null()) {
            return false;
        }
        const auto range = std::span(at.entries(), at.size())
                               .subspan(place.entry, Directory::span_of(below, at.bits));
        if (std::ranges::any_of(range, [image](BlockRef entry) { return entry != image; })) {
            return blocks_.fail("entries of the directory do not agree");
        }
        std::ranges::fill(range, below);
        place.entry += range.size();
    }
    return true;
}

// ---- Pages

BlockRef TableReader::read_page(unsigned lines, const Place& place) {
    const std::size_t head_octets = lines * sizeof(Line) + sizeof(PageHeader);
    const base::Octets front = blocks_.peek(head_octets);
    if (front.empty()) {
        return {};
    }
    PageHeader head;
    std::memcpy(&head, &front[lines * sizeof(Line)], sizeof head);
    if (head.octets < head_octets || head.nodes > lines * Line::kSlots ||
        (head.octets > kMaxPageOctets && head.nodes > 1)) {
        blocks_.fail("a page of " + std::to_string(head.octets) + " octets and " +
                     std::to_string(head.nodes) + " nodes");
        return {};
    }
    Page page;
    page.ref = blocks_.take(head.octets, lines);
    if (page.ref.is_null()) {
        return {};
    }
    if (head.birth != kFirstVersion || !place.takes(head.depth)) {
        blocks_.fail("a faulty page");
        return {};
    }
    return check_nodes(page, place) ? page.ref : BlockRef();
}

bool TableReader::check_nodes(Page& page, const Place& place) {
    const PageHeader& head = header_of(page.ref);
    const std::size_t lines = page.ref.tag();
    std::size_t offset = lines * sizeof(Line) + sizeof(PageHeader);
    for (std::size_t left = head.nodes; left > 0; --left) {
        const std::size_t octets = check_node(page, offset, place);
        if (octets == 0) {
            return false;
        }
        offset += octets;
    }
    if (offset != head.octets ||
        std::memcmp(page.lines.data(), lines_of(page.ref), lines * sizeof(Line)) != 0) {
        return blocks_.fail("a page's lines are not those of its nodes");
    }
    for (std::size_t line = 0; line < lines; ++line) {
        if (has_twice(page, line)) {
            return blocks_.fail("a name stands twice");
        }
    }
    return true;
}

/// The node's octets, or 0, a fault.
std::size_t TableReader::check_node(Page& page, std::size_t offset, const Place& place) {
    std::uint8_t* const at = BlockStore::at(page.ref) + offset;
    const base::Octets left(at, header_of(page.ref).octets - offset);
    std::size_t octets = check_.head(left, false);
    if (octets != 0) {
        std::size_t of_rrsets = 0;
        if (!check_.has(StoredNode::kExternal)) {
            of_rrsets = check_.rrsets(left.subspan(octets));
            if (of_rrsets > kMaxInlineOctets) {
                blocks_.fail("a node that is too long for a page");
                return 0;
            }
        } else if (left.size() - octets >= sizeof(std::uint32_t) &&
                   read_outside(page, at + octets)) {
            of_rrsets = sizeof(std::uint32_t);
        }
        octets = of_rrsets != 0 ? octets + of_rrsets : 0;
    }
    if (octets == 0) {
        blocks_.fail(check_.fault().empty() ? "a node ends early" : check_.fault());
        return 0;
    }
    if (!place.holds(check_.hash(), header_of(page.ref).depth) || !enter(page, offset)) {
        blocks_.fail("a name stands where it is not looked for");
        return 0;
    }
    visit_(StoredNode(at), check_);
    return octets;
}

/// Reads the block that `reference` of a node stands for, which follows.
bool TableReader::read_outside(Page& page, std::uint8_t* reference) {
    const base::Octets front = blocks_.peek(sizeof(BlockHeader));
    if (front.empty()) {
        return false;
    }
    BlockHeader head;
    std::memcpy(&head, front.data(), sizeof head);
    if (head.octets <= sizeof head || head.octets > sizeof head + kMaxRRsetsOctets) {
        return blocks_.fail("a block of " + std::to_string(head.octets) + " octets");
    }
    const BlockRef block = blocks_.take(head.octets, 0);
    if (block.is_null()) {
        return false;
    }
    const base::Octets contents(BlockHeader::contents(block), head.octets - sizeof head);
    if (head.birth != kFirstVersion ||
        load_field<std::uint32_t>(reference) != image_ref(++page.blocks_outside, 0).bits()) {
        return blocks_.fail("a node leads elsewhere");
    }
    if (check_.rrsets(contents) != contents.size()) {
        return blocks_.fail(check_.fault().empty() ? "octets behind RRsets" : check_.fault());
    }
    const std::uint32_t bits = block.bits();
    std::memcpy(reference, &bits, sizeof bits);
    return true;
}

/// Puts the node at hand into the lines as make_page does.
bool TableReader::enter(Page& page, std::size_t offset) {
    const std::uint64_t hash = check_.hash();
    const std::size_t number = HashBits::line(hash, page.ref.tag());
    const std::size_t slot = page.used[number];
    if (slot == Line::kSlots) {
        return false;
    }
    ++page.used[number];
    page.hashes[number][slot] = hash;
    Line& line = page.lines[number];
    line.fingerprints[slot] = HashBits::fingerprint(hash);
    line.offsets[slot] = static_cast<std::uint16_t>(offset);
    const StoredNode node(BlockStore::at(page.ref) + offset);
    line.hints |= static_cast<std::uint32_t>(node.hints()) << 2U * slot;
    return true;
}

bool TableReader::has_twice(const Page& page, std::size_t line) noexcept {
    const Line& slots = page.lines[line];
    const auto node = [&page, &slots](std::size_t slot) {
        return StoredNode(BlockStore::at(page.ref) + slots.offsets[slot]);
    };
    for (std::size_t slot = 0; slot < page.used[line]; ++slot) {
        std::uint32_t later = slots.match(slots.fingerprints[slot]) & ~((2U << slot) - 1U);
        for (; later != 0; later &= later - 1) {
            const auto other = static_cast<std::size_t>(std::countr_zero(later));
            if (page.hashes[line][slot] == page.hashes[line][other] &&
                is_same_name(node(slot), node(other))) {
                return true;
            }
        }
    }
    return false;
}

}  // namespace understudy::zone
