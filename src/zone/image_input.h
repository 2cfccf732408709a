#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/zone/image.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "zone/xxh64.h"

namespace understudy::zone {

/// The octets of an image on their way in, read ahead and summed up.
class ImageInput {
  public:
    static constexpr std::size_t kMostPeekOctets = 4096;

    /// REQUIRES: `source` outlives it.
    explicit ImageInput(const ImageSource& source);

    /// The next octets, which stay; fewer where the image ends. REQUIRES: <= kMostPeekOctets.
    [[nodiscard]] base::Octets peek(std::size_t octets);

    /// Reads the next octets, adding them to the sum. False where the image ends before.
    [[nodiscard]] bool take(base::MutableOctets into);

    /// The same without keeping them, as far as they go.
    void skip(std::uint64_t octets);

    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }
    [[nodiscard]] std::uint64_t sum() const noexcept { return sum_.digest(); }

    /// What the source failed with, or empty.
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

  private:
    static constexpr std::size_t kBufferOctets = std::size_t{256} << 10U;

    /// Reads on until so many octets wait, or the image ends.
    void fill(std::size_t octets);

    const ImageSource& source_;
    std::unique_ptr<std::uint8_t[]> buffer_;
    std::size_t begin_ = 0;  // of what waits in the buffer
    std::size_t end_ = 0;
    bool is_at_end_ = false;  // of the source
    std::uint64_t taken_ = 0;
    Xxh64 sum_;
    std::string fault_;
};

}  // namespace understudy::zone
