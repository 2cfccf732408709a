#pragma once

#include <understudy/base/octets.h>
#include <understudy/zone/block_store.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "zone/image_input.h"

namespace understudy::zone {

/// The blocks of an image on their way into the store. What is read goes back to it unless all of
/// it becomes a zone. The first fault ends the reading.
class ImageBlocks {
  public:
    explicit ImageBlocks(ImageInput& input) : input_(input) {}
    ~ImageBlocks();
    ImageBlocks(const ImageBlocks&) = delete;
    ImageBlocks& operator=(const ImageBlocks&) = delete;

    /// The first octets of the next block; empty, a fault, where the image ends before. REQUIRES:
    /// at most ImageInput::kMostPeekOctets.
    [[nodiscard]] base::Octets peek(std::size_t octets);

    /// Reads the next block; null, a fault, where the image ends before. REQUIRES: as of
    /// BlockStore::allocate.
    [[nodiscard]] BlockRef take(std::size_t octets, unsigned tag);

    /// How many were read.
    [[nodiscard]] std::size_t count() const noexcept { return owned_.size(); }

    /// What is wrong with the block read last; false.
    bool fail(const std::string& fault);

    /// The first fault, or empty.
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

    /// They belong to a zone from now on.
    void release() noexcept { owned_.clear(); }

  private:
    struct Owned {
        BlockRef block;
        std::uint32_t octets = 0;
    };

    ImageInput& input_;
    std::vector<Owned> owned_;
    std::string fault_;
};

}  // namespace understudy::zone
