#pragma once

#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "net/layout.h"

namespace understudy::net {

/// Writes the Ethernet header of a frame from the service, with its tags, and returns its length.
[[nodiscard]] inline std::size_t write_link_header(std::uint8_t* frame,
                                                   const base::MacAddress& destination,
                                                   const Service::Settings& service,
                                                   std::uint16_t type) noexcept {
    namespace ethernet = layout::ethernet;
    std::memcpy(frame + ethernet::kDestination, destination.data(), destination.size());
    std::memcpy(frame + ethernet::kSource, service.mac.data(), service.mac.size());
    std::size_t type_offset = ethernet::kEtherType;
    const auto write_tag = [&](std::uint16_t tag_type, std::uint16_t vlan) {
        if (vlan != 0) {
            base::store_be16(frame + type_offset, tag_type);
            base::store_be16(frame + type_offset + sizeof tag_type, vlan);
            type_offset += ethernet::kTagOctets;
        }
    };
    write_tag(ethernet::kTypeServiceVlan, service.outer_vlan);
    write_tag(ethernet::kTypeVlan, service.vlan);
    base::store_be16(frame + type_offset, type);
    return type_offset + sizeof type;
}

/// Sends a received frame, whose tags stay, from `source` to where it came from.
inline void turn_link_header(std::uint8_t* frame, const base::MacAddress& source) noexcept {
    namespace ethernet = layout::ethernet;
    std::memcpy(frame + ethernet::kDestination, frame + ethernet::kSource, ethernet::kMacOctets);
    std::memcpy(frame + ethernet::kSource, source.data(), source.size());
}

}  // namespace understudy::net
