#pragma once

#include <understudy/base/octets.h>
#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::zone {

/// XXH64 with seed 0 (Yann Collet's xxHash specification, version 0.2.0), of octets that come in
/// parts. It finds damage, not malice: who can write an image can also make its sum.
class Xxh64 {
  public:
    void update(base::Octets octets) noexcept;
    [[nodiscard]] std::uint64_t digest() const noexcept;

  private:
    static constexpr std::size_t kLanes = 4;
    static constexpr std::size_t kStripeOctets = kLanes * sizeof(std::uint64_t);

    void take_stripe(const std::uint8_t* at) noexcept;

    // Of seed 0, from the first two primes of the specification.
    std::array<std::uint64_t, kLanes> lanes_{
        0x60EA27EEADC0B5D6, 0xC2B2AE3D27D4EB4F, 0, 0x61C8864E7A143579};
    std::uint64_t octets_ = 0;
    std::array<std::uint8_t, kStripeOctets> rest_;  // what does not fill a stripe yet
};

}  // namespace understudy::zone
