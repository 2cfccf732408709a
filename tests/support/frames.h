#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

/// Builders of frames, right or wrong: every field has the value of an honest frame to the service
/// of these tests unless a test says otherwise, lengths and checksums being computed unless given.
/// Written without a look at the code under test.
namespace understudy::support {

using Bytes = std::vector<std::uint8_t>;

inline constexpr base::MacAddress kOurMac{0x02, 0x00, 0x5E, 0x00, 0x00, 0x53};
inline constexpr base::MacAddress kPeerMac{0x02, 0x00, 0x5E, 0x00, 0x00, 0x07};
inline constexpr base::MacAddress kBroadcastMac{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
inline constexpr std::string_view kOurV4 = "192.0.2.53";
inline constexpr std::string_view kPeerV4 = "198.51.100.7";
inline constexpr std::string_view kOurV6 = "2001:db8::53";
inline constexpr std::string_view kPeerV6 = "2001:db8:1::7";

[[nodiscard]] base::IpAddress ip(std::string_view text);

[[nodiscard]] Bytes join(std::initializer_list<Bytes> parts);

/// RFC 1071 word by word: the ones-complement sum of `octets`, an odd one padded, not inverted.
[[nodiscard]] std::uint16_t slow_sum(base::Octets octets);

/// Octets of the pseudo header of either family.
[[nodiscard]] Bytes pseudo_header(const base::IpAddress& source,
                                  const base::IpAddress& destination,
                                  std::uint8_t protocol,
                                  std::size_t length);

struct EthernetFields {
    base::MacAddress destination = kOurMac;
    base::MacAddress source = kPeerMac;
    std::vector<std::pair<std::uint16_t, std::uint16_t>> tags{};  // type and control
    std::optional<std::uint16_t> type{};                          // default: by what follows
};

struct Ipv4Fields {
    std::string_view source = kPeerV4;
    std::string_view destination = kOurV4;
    std::uint8_t type_of_service = 0;
    std::uint16_t identification = 0x1234;
    std::uint16_t fragment = 0x4000;
    std::uint8_t ttl = 57;
    Bytes options{};  // a multiple of four
    std::optional<std::uint8_t> version_and_length{};
    std::optional<std::uint16_t> total_length{};
    std::optional<std::uint8_t> protocol{};
    std::optional<std::uint16_t> checksum{};
};

/// An extension header; its length is made a multiple of eight with PadN.
struct Extension {
    std::uint8_t type = 0;
    Bytes options{};
    std::optional<std::uint8_t> length_units{};
};

struct Ipv6Fields {
    std::string_view source = kPeerV6;
    std::string_view destination = kOurV6;
    std::uint32_t first_word = 0x6AB12345;
    std::uint8_t hop_limit = 57;
    std::vector<Extension> extensions{};
    std::optional<std::uint16_t> payload_length{};
    std::optional<std::uint8_t> next_header{};
};

struct UdpFields {
    std::uint16_t source_port = 40000;
    std::uint16_t destination_port = 53;
    std::optional<std::uint16_t> length{};
    std::optional<std::uint16_t> checksum{};
};

struct IcmpFields {
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    Bytes body{};  // from the fifth octet on
    std::optional<std::uint16_t> checksum{};
};

struct ArpFields {
    std::uint16_t hardware = 1;
    std::uint16_t protocol = 0x0800;
    std::uint8_t hardware_octets = 6;
    std::uint8_t protocol_octets = 4;
    std::uint16_t operation = 1;
    base::MacAddress sender_mac = kPeerMac;
    std::string_view sender = kPeerV4;
    base::MacAddress target_mac{};
    std::string_view target = kOurV4;
};

struct SolicitationFields {
    std::string_view target = kOurV6;
    std::uint8_t code = 0;
    Bytes options{1, 1, 0x02, 0x00, 0x5E, 0x00, 0x00, 0x07};  // source link-layer address
    std::optional<std::uint16_t> checksum{};
};

/// One frame: Ethernet and what is in it. Only the parts that its maker names matter.
struct FrameFields {
    EthernetFields ethernet{};
    Ipv4Fields ipv4{};
    Ipv6Fields ipv6{};
    UdpFields udp{};
    Bytes payload = Bytes(29, 0xA5);
    std::size_t padding_octets = 0;  // after the packet
};

[[nodiscard]] Bytes udp_frame_v4(const FrameFields& fields = {});
[[nodiscard]] Bytes udp_frame_v6(const FrameFields& fields = {});
[[nodiscard]] Bytes icmp_frame_v4(const IcmpFields& fields, const FrameFields& frame = {});
[[nodiscard]] Bytes icmp_frame_v6(const IcmpFields& fields, const FrameFields& frame = {});
[[nodiscard]] Bytes arp_frame(const ArpFields& fields,
                              const EthernetFields& frame = {kBroadcastMac});

/// `fields.ipv6` gives source, destination and hop limit: see solicitation_fields.
[[nodiscard]] Bytes solicitation_frame(const SolicitationFields& solicitation,
                                       const FrameFields& fields);

/// Fields of an honest solicitation: to the target's group and its MAC address, hop limit 255.
[[nodiscard]] FrameFields solicitation_fields();

/// ICMP echo request with identifier, sequence and `data`.
[[nodiscard]] IcmpFields echo_request(bool v6, const Bytes& data = Bytes(32, 0x61));

}  // namespace understudy::support
