#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace understudy::zone {

inline constexpr std::size_t kGranuleOctets = 64;  // a cache line: what blocks are measured in

/// Where a block begins: granules from the start of the store, with two spare bits for whoever
/// refers to it. 0 is no block.
class BlockRef {
  public:
    constexpr BlockRef() noexcept = default;
    constexpr BlockRef(std::uint32_t granule, unsigned tag) noexcept : bits_(granule << 2U | tag) {}

    [[nodiscard]] constexpr std::uint32_t granule() const noexcept { return bits_ >> 2U; }
    [[nodiscard]] constexpr unsigned tag() const noexcept { return bits_ & 3U; }
    [[nodiscard]] constexpr bool is_null() const noexcept { return bits_ == 0; }
    [[nodiscard]] constexpr std::uint32_t bits() const noexcept { return bits_; }
    [[nodiscard]] static constexpr BlockRef from_bits(std::uint32_t bits) noexcept {
        BlockRef ref;
        ref.bits_ = bits;
        return ref;
    }

    bool operator==(const BlockRef&) const = default;

  private:
    std::uint32_t bits_ = 0;
};

/// The versions of a zone, from 1 on: each block knows in which it was made.
using Version = std::uint32_t;

/// The memory of all zone data of the process: blocks of whole granules, aligned to them, in one
/// reserved range of addresses, so that 32 bits name a block and reading one costs an addition.
///
/// Blocks of up to kSpanOctets come from spans that hold one size each; larger ones take spans of
/// their own. A span whose blocks are all free goes back to one pool for every size. The range is
/// backed by transparent huge pages where the kernel has them.
///
/// `at` may be called by any thread for a block that it may read; everything else locks.
class BlockStore {
  public:
    static constexpr std::size_t kSpanOctets = 65536;

    /// The process's store. Reserves addresses, not memory, at the first call.
    [[nodiscard]] static BlockStore& process();

    BlockStore(const BlockStore&) = delete;
    BlockStore& operator=(const BlockStore&) = delete;

    [[nodiscard]] static std::uint8_t* at(BlockRef ref) noexcept {
        return base_ + std::size_t{ref.granule()} * kGranuleOctets;
    }

    /// A block of at least `octets`, its contents unspecified. REQUIRES: 0 < octets <= 1 GiB.
    /// Throws std::bad_alloc where the range is used up.
    [[nodiscard]] BlockRef allocate(std::size_t octets, unsigned tag = 0);

    /// REQUIRES: `octets` as it was allocated; nobody reads the block any more.
    void release(BlockRef ref, std::size_t octets) noexcept;

    struct Usage {
        std::size_t live_octets = 0;      // of blocks, rounded as they are allocated
        std::size_t reserved_octets = 0;  // of spans that hold blocks
    };
    [[nodiscard]] Usage usage() const;

    /// What a block of `octets` takes.
    [[nodiscard]] static std::size_t rounded(std::size_t octets) noexcept;

  private:
    struct Span {
        std::uint32_t next = 0;  // of the partly free spans of its size
        std::uint32_t previous = 0;
        std::uint16_t free_head = 0;  // block index and one; each free block holds its successor
        std::uint16_t untouched = 0;  // blocks from this index on were never used
        std::uint16_t live = 0;
        std::uint16_t size_class = 0;
    };

    BlockStore();
    ~BlockStore();

    [[nodiscard]] std::uint32_t take_spans(std::uint32_t count);
    void give_spans(std::uint32_t first, std::uint32_t count) noexcept;
    void link(std::uint32_t span) noexcept;
    void unlink(std::uint32_t span) noexcept;

    static inline std::uint8_t* base_ = nullptr;

    mutable std::mutex mutex_;
    std::size_t range_octets_ = 0;
    std::uint32_t spans_in_range_ = 0;
    std::uint32_t first_unused_ = 1;  // span 0 is never given out: its granule 0 is no block
    Span* spans_ = nullptr;           // by number, in reserved memory of its own
    std::map<std::uint32_t, std::uint32_t> free_spans_;  // first -> count, never adjacent
    std::vector<std::uint32_t> partly_free_;             // by size class: the first span, or 0
    Usage usage_;
};

}  // namespace understudy::zone
