#include "ethdev/frames.h"

namespace understudy::tests {
namespace {

using base::IpAddress;

constexpr std::size_t kMacsOctets = 12;

void append(Frame& frame, std::span<const std::uint8_t> octets) {
    frame.insert(frame.end(), octets.begin(), octets.end());
}

void append16(Frame& frame, std::size_t value) {
    frame.push_back(static_cast<std::uint8_t>(value >> 8U));
    frame.push_back(static_cast<std::uint8_t>(value));
}

IpAddress parsed(const std::string& address) { return IpAddress::parse(address).value(); }

Frame udp_payload(std::uint16_t source_port, std::uint16_t port) {
    constexpr std::size_t kDnsHeaderOctets = 12;
    constexpr std::size_t kUdpHeaderOctets = 8;
    Frame udp;
    append16(udp, source_port);
    append16(udp, port);
    append16(udp, kUdpHeaderOctets + kDnsHeaderOctets);
    append16(udp, 0);
    udp.resize(udp.size() + kDnsHeaderOctets);
    return udp;
}

Frame icmp(std::uint8_t type) { return {type, 0, 0, 0, 0x12, 0x34, 0, 1}; }

}  // namespace

Frame Frames::udp(const std::string& address, std::uint16_t port) const {
    return ip(address, 17, 17, udp_payload(40000, port));
}

Frame Frames::udp_from(std::uint16_t source_port, const std::string& address) const {
    return ip(address, 17, 17, udp_payload(source_port, 53));
}

Frame Frames::echo_request(const std::string& address) const {
    return ip(address, 1, 58, icmp(parsed(address).is_v6() ? 128 : 8));
}

Frame Frames::echo_reply(const std::string& address) const {
    return ip(address, 1, 58, icmp(parsed(address).is_v6() ? 129 : 0));
}

Frame Frames::arp(const std::string& target, std::uint16_t operation) const {
    Frame frame = ethernet(0x0806);
    append(frame, Frame{0, 1, 8, 0, 6, 4});
    append16(frame, operation);
    append(frame, Frame{2, 0, 0, 0, 0, 9, 192, 0, 2, 99, 0, 0, 0, 0, 0, 0});
    append(frame, parsed(target).octets());
    return frame;
}

Frame Frames::solicitation(const std::string& target) const {
    Frame icmp{135, 0, 0, 0, 0, 0, 0, 0};
    append(icmp, parsed(target).octets());
    return ipv6("ff02::1:ff00:53", 58, icmp);
}

Frame Frames::udp_with_options(const std::string& address, unsigned words) const {
    return ipv4(address, 17, udp_payload(40000, 53), words);
}

Frame Frames::first_fragment(const std::string& address) const {
    return ipv4(address, 17, udp_payload(40000, 53), 0, 0x2000);
}

Frame Frames::ethernet(std::uint16_t protocol) const {
    Frame frame(destination_.begin(), destination_.end());
    append(frame, Frame{2, 0, 0, 0, 0, 9});
    append16(frame, protocol);
    return frame;
}

Frame Frames::ipv4(const std::string& address,
                   std::uint8_t protocol,
                   const Frame& payload,
                   unsigned option_words,
                   std::uint16_t fragment) const {
    constexpr std::uint8_t kNoOperation = 1;
    Frame frame = ethernet(0x0800);
    frame.push_back(static_cast<std::uint8_t>(0x45 + option_words));
    frame.push_back(0);
    append16(frame, 20 + 4U * option_words + payload.size());
    append16(frame, 0);
    append16(frame, fragment);
    append(frame, Frame{64, protocol, 0, 0, 192, 0, 2, 99});
    append(frame, parsed(address).octets());
    frame.insert(frame.end(), std::size_t{4} * option_words, kNoOperation);
    append(frame, payload);
    return frame;
}

Frame Frames::ipv6(const std::string& address, std::uint8_t protocol, const Frame& payload) const {
    Frame frame = ethernet(0x86DD);
    append(frame, Frame{0x60, 0, 0, 0});
    append16(frame, payload.size());
    append(frame, Frame{protocol, 255});
    append(frame, parsed("2001:db8::99").octets());
    append(frame, parsed(address).octets());
    append(frame, payload);
    return frame;
}

Frame Frames::ip(const std::string& address,
                 std::uint8_t protocol_v4,
                 std::uint8_t protocol_v6,
                 const Frame& payload) const {
    return parsed(address).is_v6() ? ipv6(address, protocol_v6, payload)
                                   : ipv4(address, protocol_v4, payload);
}

Frame tagged(const Frame& frame, std::uint16_t vlan) {
    Frame tag{0x81, 0x00};
    append16(tag, vlan);
    Frame result = frame;
    result.insert(result.begin() + kMacsOctets, tag.begin(), tag.end());
    return result;
}

}  // namespace understudy::tests
