#include <understudy/zone/stored_node.h>

#include <understudy/wire/name.h>
#include <algorithm>
#include <new>

#include <understudy/zone/page.h>

namespace understudy::zone {

std::uint64_t StoredNode::hash(std::uint64_t apex, const HashKey& key) const noexcept {
    return has(kUnnamed) ? load_field<std::uint64_t>(at_ + 2) : hash_below(apex, owner(), key);
}

std::uint8_t StoredNode::hints() const noexcept {
    return static_cast<std::uint8_t>(((flags() & (kCut | kDname)) != 0 ? kInterrupts : 0) |
                                     (has(kWildcardChild) ? NodeHint::kWildcardBelow : 0));
}

base::Octets StoredNode::stored_rrsets() const noexcept {
    const std::uint8_t* const first = rrsets();
    const std::uint8_t* at = first + 1;
    for (std::size_t left = *first; left > 0; --left) {
        at = StoredRRset::load(at).end();
    }
    return {first, at};
}

std::size_t StoredNode::octets() const noexcept {
    const auto before = static_cast<std::size_t>(body() - at_);
    if (has(kExternal)) {
        return before + sizeof(std::uint32_t);
    }
    return before + stored_rrsets().size();
}

BlockRef make_block(base::Octets contents, Version birth) {
    const std::size_t octets = sizeof(BlockHeader) + contents.size();
    const BlockRef block = BlockStore::process().allocate(octets);
    new (BlockStore::at(block))
        BlockHeader{.birth = birth, .octets = static_cast<std::uint32_t>(octets)};
    std::ranges::copy(contents, BlockStore::at(block) + sizeof(BlockHeader));
    return block;
}

void append_node(const NodeParts& parts,
                 bool is_apex,
                 Version birth,
                 std::vector<std::uint8_t>& into) {
    const bool is_unnamed = !is_apex && parts.rrsets[0] == 0;
    const bool is_external = !is_apex && parts.rrsets.size() > kMaxInlineOctets;
    into.push_back(static_cast<std::uint8_t>(
        parts.flags | (parts.children != 0 ? StoredNode::kHasChildren : 0) |
        (is_external ? StoredNode::kExternal : 0) | (is_unnamed ? StoredNode::kUnnamed : 0) |
        (!is_unnamed && !parts.own_apex.empty() ? StoredNode::kOwnApex : 0)));
    into.push_back(static_cast<std::uint8_t>(is_unnamed ? sizeof parts.hash : parts.owner.size()));
    if (is_unnamed) {
        append_field(into, parts.hash);
    } else {
        into.insert(into.end(), parts.owner.begin(), parts.owner.end());
        if (!parts.own_apex.empty()) {
            into.push_back(static_cast<std::uint8_t>(parts.own_apex.size()));
            into.insert(into.end(), parts.own_apex.begin(), parts.own_apex.end());
        }
    }
    if (parts.children != 0) {
        append_field(into, parts.children);
    }
    if (is_external) {
        append_field(into, make_block(parts.rrsets, birth).bits());
    } else {
        into.insert(into.end(), parts.rrsets.begin(), parts.rrsets.end());
    }
}

}  // namespace understudy::zone
