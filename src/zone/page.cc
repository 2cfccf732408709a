#include <understudy/zone/page.h>

#include <understudy/base/check.h>
#include <algorithm>
#include <new>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace understudy::zone {

std::uint32_t Line::match(std::uint16_t fingerprint) const noexcept {
#ifdef __AVX2__
    const __m256i wanted = _mm256_set1_epi16(static_cast<std::int16_t>(fingerprint));
    const __m256i found = _mm256_load_si256(reinterpret_cast<const __m256i*>(this));
    const auto octets =
        static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi16(found, wanted)));
    constexpr std::uint32_t kOneOfTwo = 0x15555555;  // the last pair is an offset
    return _pext_u32(octets, kOneOfTwo);
#else
    return match_one_by_one(fingerprint);
#endif
}

std::uint32_t Line::match_one_by_one(std::uint16_t fingerprint) const noexcept {
    std::uint32_t slots = 0;
    for (std::size_t i = 0; i < kSlots; ++i) {
        slots |= static_cast<std::uint32_t>(fingerprints[i] == fingerprint) << i;
    }
    return slots;
}

std::size_t lines_for(std::span<const PageNode> nodes) noexcept {
    std::size_t octets = sizeof(PageHeader);
    for (const PageNode& node : nodes) {
        octets += node.octets.size();
    }
    for (std::size_t lines = 1; lines <= kMaxLines; ++lines) {
        // A node alone may exceed a page: it is at most a few hundred octets longer.
        if (nodes.size() > 1 && lines * sizeof(Line) + octets > kMaxPageOctets) {
            break;
        }
        std::array<std::size_t, kMaxLines> used{};
        for (const PageNode& node : nodes) {
            ++used[HashBits::line(node.hash, lines)];
        }
        if (std::ranges::max(used) <= Line::kSlots) {
            return lines;
        }
    }
    return 0;
}

BlockRef make_page(std::span<const PageNode> nodes, std::uint32_t birth, unsigned depth) {
    const std::size_t lines = lines_for(nodes);
    UNDERSTUDY_CHECK(lines > 0);
    std::size_t octets = lines * sizeof(Line) + sizeof(PageHeader);
    for (const PageNode& node : nodes) {
        octets += node.octets.size();
    }
    const BlockRef page = BlockStore::process().allocate(octets, static_cast<unsigned>(lines));
    std::uint8_t* const start = BlockStore::at(page);
    Line* const into = reinterpret_cast<Line*>(start);
    std::fill_n(into, lines, Line{});
    new (into + lines) PageHeader{.birth = birth,
                                  .octets = static_cast<std::uint16_t>(octets),
                                  .depth = static_cast<std::uint8_t>(depth),
                                  .nodes = static_cast<std::uint8_t>(nodes.size())};
    std::size_t offset = lines * sizeof(Line) + sizeof(PageHeader);
    std::array<std::size_t, kMaxLines> used{};
    for (const PageNode& node : nodes) {
        const std::size_t number = HashBits::line(node.hash, lines);
        const std::size_t slot = used[number]++;
        Line& line = into[number];
        line.fingerprints[slot] = HashBits::fingerprint(node.hash);
        line.offsets[slot] = static_cast<std::uint16_t>(offset);
        line.hints |= static_cast<std::uint32_t>(node.hints) << 2U * slot;
        std::ranges::copy(node.octets, start + offset);
        offset += node.octets.size();
    }
    return page;
}

}  // namespace understudy::zone
