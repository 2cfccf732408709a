#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <cstdint>
#include <optional>
#include <string>

#include "support/frames.h"

namespace understudy::support {

/// A frame taken apart by slow, obvious code that shares nothing with what it judges.
struct SlowFrame {
    std::string fault;  // empty: every length and checksum is right and nothing is left over

    base::MacAddress destination_mac{};
    base::MacAddress source_mac{};
    std::optional<std::uint16_t> outer_tag_control;  // 802.1ad
    std::optional<std::uint16_t> tag_control;
    std::uint16_t type = 0;

    base::IpAddress source;  // IP; of ARP the sender's address
    base::IpAddress destination;
    std::uint8_t hop_limit = 0;
    std::uint16_t identification = 0;
    std::uint16_t fragment = 0;
    std::uint8_t protocol = 0;

    std::uint16_t source_port = 0;  // UDP
    std::uint16_t destination_port = 0;
    std::uint16_t udp_checksum = 0;

    std::uint8_t icmp_type = 0;
    std::uint8_t icmp_code = 0;

    std::uint16_t arp_operation = 0;
    base::MacAddress arp_sender_mac{};
    base::MacAddress arp_target_mac{};

    Bytes payload;  // of UDP; of ICMP from the fifth octet on
};

/// Options and extension headers are a fault: our frames have none. `device_checksum`: the UDP
/// checksum field holds the pseudo header's sum, for a device to complete.
[[nodiscard]] SlowFrame parse_slowly(base::Octets octets, bool device_checksum = false);

}  // namespace understudy::support
