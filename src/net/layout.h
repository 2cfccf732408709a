#pragma once

#include <cstddef>
#include <cstdint>

/// Offsets and values of the headers that we read and write, each offset from its header's first
/// octet.
namespace understudy::net::layout {

namespace ethernet {
inline constexpr std::size_t kDestination = 0;
inline constexpr std::size_t kSource = 6;
inline constexpr std::size_t kMacOctets = 6;
inline constexpr std::size_t kEtherType = 12;
inline constexpr std::size_t kOctets = 14;
inline constexpr std::size_t kTagOctets = 4;
inline constexpr std::uint16_t kVlanMask = 0x0FFF;

inline constexpr std::uint16_t kTypeIpv4 = 0x0800;
inline constexpr std::uint16_t kTypeArp = 0x0806;
inline constexpr std::uint16_t kTypeVlan = 0x8100;
inline constexpr std::uint16_t kTypeIpv6 = 0x86DD;
inline constexpr std::uint16_t kTypeServiceVlan = 0x88A8;  // 802.1ad, the outer tag of two
inline constexpr std::uint16_t kTypeOldServiceVlan = 0x9100;
}  // namespace ethernet

namespace ipv4 {
inline constexpr std::size_t kVersionAndLength = 0;
inline constexpr std::size_t kTypeOfService = 1;
inline constexpr std::size_t kTotalLength = 2;
inline constexpr std::size_t kIdentification = 4;
inline constexpr std::size_t kFragment = 6;
inline constexpr std::size_t kTimeToLive = 8;
inline constexpr std::size_t kProtocol = 9;
inline constexpr std::size_t kChecksum = 10;
inline constexpr std::size_t kSource = 12;
inline constexpr std::size_t kDestination = 16;
inline constexpr std::size_t kAddressOctets = 4;
inline constexpr std::size_t kOctets = 20;  // without options

inline constexpr std::uint8_t kEndOfOptions = 0;
inline constexpr std::uint8_t kNoOperation = 1;
inline constexpr std::uint8_t kLooseSourceRoute = 131;
inline constexpr std::uint8_t kStrictSourceRoute = 137;

inline constexpr std::uint8_t kVersionWithoutOptions = 0x45;
inline constexpr std::uint16_t kDontFragment = 0x4000;
inline constexpr std::uint16_t kMoreFragmentsOrOffset = 0x3FFF;
}  // namespace ipv4

namespace ipv6 {
inline constexpr std::size_t kVersion = 0;
inline constexpr std::size_t kPayloadLength = 4;
inline constexpr std::size_t kNextHeader = 6;
inline constexpr std::size_t kHopLimit = 7;
inline constexpr std::size_t kSource = 8;
inline constexpr std::size_t kDestination = 24;
inline constexpr std::size_t kAddressOctets = 16;
inline constexpr std::size_t kOctets = 40;

inline constexpr std::uint32_t kVersionWord = 0x60000000;  // traffic class and flow label 0
}  // namespace ipv6

/// IPv4's protocols and IPv6's next headers are one registry.
namespace protocol {
inline constexpr std::uint8_t kHopByHop = 0;
inline constexpr std::uint8_t kIcmp = 1;
inline constexpr std::uint8_t kUdp = 17;
inline constexpr std::uint8_t kRouting = 43;
inline constexpr std::uint8_t kFragment = 44;
inline constexpr std::uint8_t kIcmpv6 = 58;
inline constexpr std::uint8_t kDestinationOptions = 60;
}  // namespace protocol

namespace udp {
inline constexpr std::size_t kSourcePort = 0;
inline constexpr std::size_t kDestinationPort = 2;
inline constexpr std::size_t kLength = 4;
inline constexpr std::size_t kChecksum = 6;
inline constexpr std::size_t kOctets = 8;
}  // namespace udp

/// ICMP and ICMPv6 begin alike.
namespace icmp {
inline constexpr std::size_t kType = 0;
inline constexpr std::size_t kCode = 1;
inline constexpr std::size_t kChecksum = 2;
inline constexpr std::size_t kOctets = 8;

inline constexpr std::uint8_t kEchoReply = 0;
inline constexpr std::uint8_t kEchoRequest = 8;
inline constexpr std::uint8_t kEchoRequestV6 = 128;
inline constexpr std::uint8_t kEchoReplyV6 = 129;
inline constexpr std::uint8_t kNeighbourSolicitation = 135;
inline constexpr std::uint8_t kNeighbourAdvertisement = 136;
}  // namespace icmp

/// Neighbour solicitation and advertisement (RFC 4861, sections 4.3 and 4.4).
namespace ndp {
inline constexpr std::size_t kFlags = 4;
inline constexpr std::size_t kTarget = 8;
inline constexpr std::size_t kOptions = 24;
inline constexpr std::size_t kOptionUnit = 8;  // what an option's length counts
inline constexpr std::size_t kAdvertisementOctets = kOptions + kOptionUnit;

inline constexpr std::uint8_t kSourceLinkLayer = 1;
inline constexpr std::uint8_t kTargetLinkLayer = 2;
inline constexpr std::uint8_t kHopLimit = 255;  // what has crossed no router
inline constexpr std::uint32_t kSolicited = 0x40000000;
inline constexpr std::uint32_t kOverride = 0x20000000;
}  // namespace ndp

/// ARP for IPv4 over Ethernet (RFC 826).
namespace arp {
inline constexpr std::size_t kHardwareType = 0;
inline constexpr std::size_t kOperation = 6;
inline constexpr std::size_t kSenderMac = 8;
inline constexpr std::size_t kSenderAddress = 14;
inline constexpr std::size_t kTargetMac = 18;
inline constexpr std::size_t kTargetAddress = 24;
inline constexpr std::size_t kOctets = 28;

inline constexpr std::uint16_t kRequest = 1;
inline constexpr std::uint16_t kReply = 2;
}  // namespace arp

}  // namespace understudy::net::layout
