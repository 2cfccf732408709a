#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace understudy::bench {

/// What no table of names can do without, over as many octets as the subject takes: a key hashed, a
/// line of a directory, the line of a node that it names, 32 octets copied; in stages over a batch,
/// each fetched ahead. In huge pages where the machine has them.
class Floor {
  public:
    static constexpr std::size_t kMostKeys = 64;
    static constexpr std::size_t kCopyOctets = 32;

    explicit Floor(std::size_t octets);

    /// Copies kCopyOctets for each key to where it says. False if one was another's. Any number of
    /// threads. REQUIRES: as many of each, at most kMostKeys.
    [[nodiscard]] bool look_up(std::span<const std::uint64_t> keys,
                               std::span<std::uint8_t* const> into) const noexcept;

  private:
    struct alignas(64) Node {
        std::array<std::uint64_t, 8> words;
    };
    static_assert(sizeof(Node) >= kCopyOctets);

    struct Unmap {
        std::size_t octets;
        void operator()(std::uint8_t* at) const noexcept;
    };

    std::size_t count_;  // of nodes, and of places in the directory
    std::unique_ptr<std::uint8_t, Unmap> memory_;
    std::span<Node> nodes_;
    std::span<std::uint32_t> directory_;
};

}  // namespace understudy::bench
