#include "zone/table_builder.h"

#include <algorithm>
#include <array>

#include "zone/directory.h"

namespace understudy::zone {

std::span<const PageNode> TableBuilder::load(Range range) {
    if (range.first < loaded_.first || range.last > loaded_.last) {
        octets_.clear();
        nodes_.clear();
        std::array<std::size_t, kMaxPageNodes> ends{};
        for (std::size_t i = range.first; i < range.last; ++i) {
            encode_(i, octets_);
            ends[i - range.first] = octets_.size();
        }
        std::size_t begin = 0;
        for (std::size_t i = range.first; i < range.last; ++i) {
            const std::size_t end = ends[i - range.first];
            const base::Octets node = base::Octets(octets_).subspan(begin, end - begin);
            nodes_.push_back({hashes_[i], node, StoredNode(node.data()).hints()});
            begin = end;
        }
        loaded_ = range;
    }
    return std::span(nodes_).subspan(range.first - loaded_.first, range.last - range.first);
}

BlockRef TableBuilder::make_page_of(Range range, unsigned depth) {
    if (range.last - range.first > kMaxPageNodes) {
        return {};
    }
    const std::span<const PageNode> nodes = load(range);
    return lines_for(nodes) > 0 ? make_page(nodes, birth_, depth) : BlockRef();
}

void TableBuilder::fill(
    Range range, unsigned used_bits, unsigned depth, std::size_t first, Draft& draft) {
    BlockRef ref = make_page_of(range, depth);
    if (ref.is_null() && depth == Directory::kMaxBits) {
        ref = make(range, used_bits + depth, depth);
    }
    if (!ref.is_null()) {
        std::fill_n(draft.entries.begin() + static_cast<std::ptrdiff_t>(first),
                    std::size_t{1} << (Directory::kMaxBits - depth),
                    ref);
        draft.bits = std::max(draft.bits, depth);
        return;
    }
    check_bits(used_bits + depth);
    const auto begin = hashes_.begin();
    const auto middle = std::partition_point(
        begin + static_cast<std::ptrdiff_t>(range.first),
        begin + static_cast<std::ptrdiff_t>(range.last),
        [bit = used_bits + depth](std::uint64_t hash) { return !next_bit(hash, bit); });
    const auto at = static_cast<std::size_t>(middle - begin);
    fill({range.first, at}, used_bits, depth + 1, first, draft);
    const std::size_t half = std::size_t{1} << (Directory::kMaxBits - depth - 1);
    fill({at, range.last}, used_bits, depth + 1, first + half, draft);
}

BlockRef TableBuilder::make(Range range, unsigned used_bits, unsigned depth) {
    if (const BlockRef page = make_page_of(range, depth); !page.is_null()) {
        return page;
    }
    Draft draft{.entries = std::vector<BlockRef>(std::size_t{1} << Directory::kMaxBits)};
    fill(range, used_bits, 0, 0, draft);
    const BlockRef ref = make_directory(birth_, draft.bits, depth);
    for (std::size_t i = 0; i < std::size_t{1} << draft.bits; ++i) {
        directory(ref).entries()[i] = draft.entries[i << (Directory::kMaxBits - draft.bits)];
    }
    return ref;
}

NameTable TableBuilder::join(std::span<const BlockRef> entries, Version birth) {
    NameTable table;
    table.root_ = make_directory(birth, Directory::kMaxBits, 0);
    std::ranges::copy(entries, directory(table.root_).entries());
    return table;
}

NameTable TableBuilder::build() {
    NameTable table;
    if (!hashes_.empty()) {
        table.root_ = make(0, 0);
    }
    return table;
}

}  // namespace understudy::zone
