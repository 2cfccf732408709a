#include "zone/table_edit.h"

#include <algorithm>

#include "zone/directory.h"
#include "zone/table_builder.h"

namespace understudy::zone {

namespace {

/// The depth at which these nodes, of one page of this depth before, fit pages; at most
/// Directory::kMaxBits.
unsigned depth_needed(std::span<PageNode> nodes, unsigned used_bits, unsigned depth) {
    if (depth == Directory::kMaxBits || lines_for(nodes) > 0) {
        return depth;
    }
    const auto upper = std::ranges::partition(
        nodes,
        [bit = used_bits + depth](const PageNode& node) { return !next_bit(node.hash, bit); });
    const auto lower = nodes.first(nodes.size() - upper.size());
    return std::max(depth_needed(lower, used_bits, depth + 1),
                    depth_needed(upper, used_bits, depth + 1));
}

}  // namespace

void TableEdit::Slot::set(BlockRef ref) const noexcept {
    std::fill_n(node->entries() + first, std::size_t{1} << (node->bits - depth), ref);
}

BlockRef TableEdit::copy_directory(BlockRef node, unsigned bits) {
    const Directory& from = Directory::at(node);
    const BlockRef copy = make_directory(birth_, bits, from.depth);
    for (std::size_t i = 0; i < std::size_t{1} << bits; ++i) {
        directory(copy).entries()[i] = from.entries()[i >> (bits - from.bits)];
    }
    retire(node, Directory::octets(from.bits), from.birth);
    return copy;
}

void TableEdit::refer(std::span<const Step> above, BlockRef ref) noexcept {
    if (above.empty()) {
        table_.root_ = ref;
        return;
    }
    Directory& node = directory(above.back().node);
    const std::size_t span = Directory::span_of(ref, node.bits);
    const std::size_t first = above.back().index / span * span;
    std::fill_n(node.entries() + first, span, ref);
}

std::vector<TableEdit::Step> TableEdit::own_path(std::uint64_t hash) {
    std::vector<Step> path;
    unsigned used = 0;
    for (BlockRef ref = table_.root_; ref.tag() == 0;) {
        if (Directory::at(ref).birth != birth_) {
            ref = copy_directory(ref, Directory::at(ref).bits);
            refer(path, ref);
        }
        const unsigned bits = Directory::at(ref).bits;
        path.push_back({ref, static_cast<std::size_t>(hash << used >> (64U - bits)), used});
        used += bits;
        ref = Directory::at(ref).entries()[path.back().index];
    }
    return path;
}

void TableEdit::grow(std::vector<Step>& path, unsigned bits) {
    Step& last = path.back();
    last.index <<= bits - Directory::at(last.node).bits;
    last.node = copy_directory(last.node, bits);
    refer(std::span(path).first(path.size() - 1), last.node);
}

BlockRef TableEdit::make_subtree(std::vector<PageNode> nodes,
                                 unsigned used_bits,
                                 unsigned depth) const {
    std::ranges::sort(nodes, {}, &PageNode::hash);
    std::vector<std::uint64_t> hashes;
    hashes.reserve(nodes.size());
    for (const PageNode& node : nodes) {
        hashes.push_back(node.hash);
    }
    TableBuilder builder(
        hashes, birth_, [&nodes](std::size_t index, std::vector<std::uint8_t>& octets) {
            octets.insert(octets.end(), nodes[index].octets.begin(), nodes[index].octets.end());
        });
    return builder.make(used_bits, depth);
}

void TableEdit::place(const Slot& slot, std::vector<PageNode> nodes) {
    if (lines_for(nodes) > 0) {
        slot.set(make_page(nodes, birth_, slot.depth));
        return;
    }
    if (slot.depth == slot.node->bits) {
        slot.set(make_subtree(std::move(nodes), slot.used_bits + slot.depth, slot.depth));
        return;
    }
    check_bits(slot.used_bits + slot.depth);
    const auto upper = std::ranges::partition(nodes, [&slot](const PageNode& node) {
        return !next_bit(node.hash, slot.used_bits + slot.depth);
    });
    const std::size_t half = std::size_t{1} << (slot.node->bits - slot.depth - 1U);
    place({slot.node, slot.used_bits, slot.first + half, slot.depth + 1},
          {upper.begin(), upper.end()});
    nodes.erase(upper.begin(), nodes.end());
    place({slot.node, slot.used_bits, slot.first, slot.depth + 1}, std::move(nodes));
}

/// Takes the other half of what was one page before it was split, if both fit well again.
bool TableEdit::merge(const Slot& slot, std::vector<PageNode>& nodes) {
    constexpr std::size_t kComfortableOctets = kMaxPageOctets * 3 / 4;
    if (slot.depth == 0) {
        return false;
    }
    const std::size_t span = std::size_t{1} << (slot.node->bits - slot.depth);
    const BlockRef other = slot.node->entries()[slot.first ^ span];
    if (other.tag() == 0 || header_of(other).depth != slot.depth ||
        nodes.size() + header_of(other).nodes > kMaxPageNodes) {
        return false;
    }
    std::vector<PageNode> both = nodes;
    std::size_t octets = header_of(other).octets;
    for (const PageNode& node : nodes) {
        octets += node.octets.size();
    }
    for_each_node_of(other, [&](StoredNode node) {
        both.push_back({hasher_(node), {node.data(), node.octets()}, node.hints()});
    });
    if (octets > kComfortableOctets || lines_for(both) == 0) {
        return false;
    }
    nodes = std::move(both);
    return true;
}

void TableEdit::change(std::uint64_t hash, const std::uint8_t* old, const PageNode* put) {
    std::vector<PageNode> nodes;
    if (put != nullptr) {
        nodes.push_back(*put);
    }
    if (table_.is_empty()) {
        table_.root_ = make_page(nodes, birth_, 0);
        return;
    }
    std::vector<Step> path = own_path(hash);
    const BlockRef page = table_.page(hash);
    for_each_node_of(page, [&](StoredNode node) {
        if (node.data() != old) {
            nodes.push_back({hasher_(node), {node.data(), node.octets()}, node.hints()});
        }
    });
    if (path.empty()) {
        table_.root_ = nodes.empty() ? BlockRef() : make_subtree(std::move(nodes), 0, 0);
        retire_page(page);
        return;
    }
    const unsigned depth = header_of(page).depth;
    // A node of the directory has others below it only when it cannot grow any more: growing moves
    // the bits of the hash that choose among what is below.
    const unsigned needed = depth_needed(nodes, path.back().used_bits, depth);
    if (needed > Directory::at(path.back().node).bits) {
        grow(path, needed);
    }
    Directory& node = directory(path.back().node);
    const std::size_t span = std::size_t{1} << (node.bits - depth);
    Slot slot{&node, path.back().used_bits, path.back().index / span * span, depth};
    BlockRef merged;
    if (put == nullptr && merge(slot, nodes)) {
        merged = node.entries()[slot.first ^ span];
        slot.first &= ~span;
        --slot.depth;
    }
    place(slot, std::move(nodes));
    retire_page(page);
    if (!merged.is_null()) {
        retire_page(merged);
    }
}

void TableEdit::put(std::uint64_t hash, const std::uint8_t* old, base::Octets node) {
    const PageNode put{hash, node, StoredNode(node.data()).hints()};
    const BlockRef outside = old != nullptr ? StoredNode(old).external() : BlockRef();
    change(hash, old, &put);
    if (!outside.is_null()) {
        retire(outside, BlockHeader::of(outside).octets, BlockHeader::of(outside).birth);
    }
}

void TableEdit::erase(std::uint64_t hash, const std::uint8_t* old) {
    const BlockRef outside = StoredNode(old).external();
    change(hash, old, nullptr);
    if (!outside.is_null()) {
        retire(outside, BlockHeader::of(outside).octets, BlockHeader::of(outside).birth);
    }
}

namespace {

/// What an older version has, all of it has: a block is never born before what refers to it.
void release_since(BlockRef ref, Version oldest) noexcept {
    BlockStore& store = BlockStore::process();
    if (ref.tag() == 0) {
        const Directory& node = Directory::at(ref);
        if (node.birth <= oldest) {
            return;
        }
        node.for_each_entry(
            [oldest](BlockRef entry, std::size_t) { release_since(entry, oldest); });
        store.release(ref, Directory::octets(node.bits));
        return;
    }
    if (header_of(ref).birth <= oldest) {
        return;
    }
    for_each_node_of(ref, [oldest, &store](StoredNode node) {
        const BlockRef outside = node.external();
        if (!outside.is_null() && BlockHeader::of(outside).birth > oldest) {
            store.release(outside, BlockHeader::of(outside).octets);
        }
    });
    store.release(ref, header_of(ref).octets);
}

}  // namespace

void release_table(NameTable table, Version oldest) noexcept {
    if (!table.is_empty()) {
        release_since(table.root(), oldest);
    }
}

}  // namespace understudy::zone
