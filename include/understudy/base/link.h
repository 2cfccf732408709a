#pragma once

#include <array>
#include <cstdint>

namespace understudy::base {

/// An Ethernet address, in transmission order.
using MacAddress = std::array<std::uint8_t, 6>;

/// What a device said of a received packet's checksum.
enum class ChecksumState : std::uint8_t { kUnknown, kGood, kBad };

}  // namespace understudy::base
