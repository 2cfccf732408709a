#include <understudy/zone/block_store.h>

#include <sys/mman.h>

#include <understudy/base/check.h>
#include <array>
#include <cstring>
#include <iterator>
#include <new>

namespace understudy::zone {
namespace {

constexpr std::size_t kLargestRangeOctets = std::size_t{64}
                                            << 30U;  // what 30 bits of granules name
constexpr std::size_t kSmallestRangeOctets = std::size_t{1} << 30U;
constexpr std::size_t kHugePageOctets = std::size_t{2} << 20U;
constexpr std::size_t kFineOctets = 2112;  // up to it every number of granules is a size of its own
constexpr std::size_t kFineClasses = kFineOctets / kGranuleOctets;

// Larger sizes divide a span into a whole number of blocks.
constexpr std::array<std::size_t, 14> kCoarseOctets{2368,
                                                    2688,
                                                    3072,
                                                    3584,
                                                    4096,
                                                    5440,
                                                    6528,
                                                    8192,
                                                    10880,
                                                    13056,
                                                    16384,
                                                    21824,
                                                    32768,
                                                    BlockStore::kSpanOctets};

std::size_t class_of(std::size_t octets) noexcept {
    if (octets <= kFineOctets) {
        return (octets - 1) / kGranuleOctets;
    }
    std::size_t coarse = 0;
    while (kCoarseOctets[coarse] < octets) {
        ++coarse;
    }
    return kFineClasses + coarse;
}

std::size_t octets_of(std::size_t size_class) noexcept {
    return size_class < kFineClasses ? (size_class + 1) * kGranuleOctets
                                     : kCoarseOctets[size_class - kFineClasses];
}

std::uint32_t spans_for(std::size_t octets) noexcept {
    return static_cast<std::uint32_t>((octets + BlockStore::kSpanOctets - 1) /
                                      BlockStore::kSpanOctets);
}

void* reserve(std::size_t octets) noexcept {
    void* range = ::mmap(nullptr,
                         octets,
                         PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                         -1,
                         0);
    return range == MAP_FAILED ? nullptr : range;
}

}  // namespace

BlockStore& BlockStore::process() {
    static BlockStore store;
    return store;
}

BlockStore::BlockStore() : partly_free_(kFineClasses + kCoarseOctets.size()) {
    void* range = nullptr;
    range_octets_ = kLargestRangeOctets;
    // Addresses are short under some limits and tools: less is better than nothing.
    while ((range = reserve(range_octets_ + kHugePageOctets)) == nullptr &&
           range_octets_ > kSmallestRangeOctets) {
        range_octets_ /= 2;
    }
    if (range == nullptr) {
        throw std::bad_alloc();
    }
    const auto address = reinterpret_cast<std::uintptr_t>(range);
    base_ = static_cast<std::uint8_t*>(range) + (kHugePageOctets - address % kHugePageOctets);
    static_cast<void>(::madvise(base_, range_octets_, MADV_HUGEPAGE));  // a hint
    // The last span stays free: nodes are compared by whole words, which reach beyond them.
    spans_in_range_ = static_cast<std::uint32_t>(range_octets_ / kSpanOctets) - 1;
    spans_ = static_cast<Span*>(reserve(spans_in_range_ * sizeof(Span)));
    if (spans_ == nullptr) {
        throw std::bad_alloc();
    }
}

// The range lives as long as the process: threads may still read it while statics are destroyed.
BlockStore::~BlockStore() = default;

std::size_t BlockStore::rounded(std::size_t octets) noexcept {
    return octets <= kSpanOctets ? octets_of(class_of(octets)) : spans_for(octets) * kSpanOctets;
}

std::uint32_t BlockStore::take_spans(std::uint32_t count) {
    for (auto run = free_spans_.begin(); run != free_spans_.end(); ++run) {
        const auto [first, length] = *run;
        if (length < count) {
            continue;
        }
        free_spans_.erase(run);
        if (length > count) {
            free_spans_.emplace(first + count, length - count);
        }
        return first;
    }
    if (spans_in_range_ - first_unused_ < count) {
        throw std::bad_alloc();
    }
    const std::uint32_t first = first_unused_;
    first_unused_ += count;
    return first;
}

void BlockStore::give_spans(std::uint32_t first, std::uint32_t count) noexcept {
    const auto after = free_spans_.lower_bound(first);
    if (after != free_spans_.end() && after->first == first + count) {
        count += after->second;
        free_spans_.erase(after);
    }
    const auto next = free_spans_.lower_bound(first);
    if (next != free_spans_.begin()) {
        if (const auto before = std::prev(next); before->first + before->second == first) {
            before->second += count;
            return;
        }
    }
    free_spans_.emplace_hint(next, first, count);
}

void BlockStore::link(std::uint32_t span) noexcept {
    std::uint32_t& head = partly_free_[spans_[span].size_class];
    spans_[span].previous = 0;
    spans_[span].next = head;
    if (head != 0) {
        spans_[head].previous = span;
    }
    head = span;
}

void BlockStore::unlink(std::uint32_t span) noexcept {
    const auto [next, previous] = std::pair(spans_[span].next, spans_[span].previous);
    (previous != 0 ? spans_[previous].next : partly_free_[spans_[span].size_class]) = next;
    if (next != 0) {
        spans_[next].previous = previous;
    }
}

BlockRef BlockStore::allocate(std::size_t octets, unsigned tag) {
    const std::scoped_lock lock(mutex_);
    constexpr std::size_t kGranulesPerSpan = kSpanOctets / kGranuleOctets;
    if (octets > kSpanOctets) {
        const std::uint32_t count = spans_for(octets);
        const std::uint32_t first = take_spans(count);
        usage_.live_octets += count * kSpanOctets;
        usage_.reserved_octets += count * kSpanOctets;
        return {static_cast<std::uint32_t>(first * kGranulesPerSpan), tag};
    }
    const std::size_t size_class = class_of(octets);
    const std::size_t block_octets = octets_of(size_class);
    const std::size_t blocks = kSpanOctets / block_octets;
    std::uint32_t number = partly_free_[size_class];
    if (number == 0) {
        number = take_spans(1);
        spans_[number] = {.size_class = static_cast<std::uint16_t>(size_class)};
        usage_.reserved_octets += kSpanOctets;
        link(number);
    }
    Span& span = spans_[number];
    std::uint8_t* const start = base_ + std::size_t{number} * kSpanOctets;
    std::size_t index = span.untouched;
    if (span.free_head != 0) {
        index = span.free_head - 1U;
        std::memcpy(&span.free_head, start + index * block_octets, sizeof span.free_head);
    } else {
        ++span.untouched;
    }
    if (++span.live == blocks) {
        unlink(number);
    }
    usage_.live_octets += block_octets;
    return {static_cast<std::uint32_t>(number * kGranulesPerSpan +
                                       index * (block_octets / kGranuleOctets)),
            tag};
}

void BlockStore::release(BlockRef ref, std::size_t octets) noexcept {
    const std::scoped_lock lock(mutex_);
    constexpr std::size_t kGranulesPerSpan = kSpanOctets / kGranuleOctets;
    const auto number = static_cast<std::uint32_t>(ref.granule() / kGranulesPerSpan);
    if (octets > kSpanOctets) {
        const std::uint32_t count = spans_for(octets);
        usage_.live_octets -= count * kSpanOctets;
        usage_.reserved_octets -= count * kSpanOctets;
        static_cast<void>(::madvise(at(ref), count * kSpanOctets, MADV_DONTNEED));
        give_spans(number, count);
        return;
    }
    Span& span = spans_[number];
    const std::size_t block_octets = octets_of(span.size_class);
    UNDERSTUDY_CHECK(span.live > 0 && class_of(octets) == span.size_class);
    if (span.live == kSpanOctets / block_octets) {
        link(number);
    }
    const std::size_t index = ref.granule() % kGranulesPerSpan / (block_octets / kGranuleOctets);
    std::memcpy(at(ref), &span.free_head, sizeof span.free_head);
    span.free_head = static_cast<std::uint16_t>(index + 1);
    usage_.live_octets -= block_octets;
    if (--span.live == 0) {
        unlink(number);
        usage_.reserved_octets -= kSpanOctets;
        give_spans(number, 1);
    }
}

BlockStore::Usage BlockStore::usage() const {
    const std::scoped_lock lock(mutex_);
    return usage_;
}

}  // namespace understudy::zone
