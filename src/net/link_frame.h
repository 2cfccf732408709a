#pragma once

#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "net/layout.h"

namespace understudy::net {

/// Writes an Ethernet header, with a tag where `vlan` is not 0, and returns its length.
[[nodiscard]] inline std::size_t write_link_header(std::uint8_t* frame,
                                                   const base::MacAddress& destination,
                                                   const base::MacAddress& source,
                                                   std::uint16_t vlan,
                                                   std::uint16_t type) noexcept {
    namespace ethernet = layout::ethernet;
    std::memcpy(frame + ethernet::kDestination, destination.data(), destination.size());
    std::memcpy(frame + ethernet::kSource, source.data(), source.size());
    std::size_t type_offset = ethernet::kEtherType;
    if (vlan != 0) {
        base::store_be16(frame + type_offset, ethernet::kTypeVlan);
        base::store_be16(frame + ethernet::kTagControl, vlan);
        type_offset += ethernet::kTagOctets;
    }
    base::store_be16(frame + type_offset, type);
    return type_offset + sizeof type;
}

/// Sends a received frame, whose tag stays, from `source` to where it came from.
inline void turn_link_header(std::uint8_t* frame, const base::MacAddress& source) noexcept {
    namespace ethernet = layout::ethernet;
    std::memcpy(frame + ethernet::kDestination, frame + ethernet::kSource, ethernet::kMacOctets);
    std::memcpy(frame + ethernet::kSource, source.data(), source.size());
}

}  // namespace understudy::net
