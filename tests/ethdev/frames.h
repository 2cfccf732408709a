#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>

#include <cstdint>
#include <string>
#include <vector>

namespace understudy::tests {

using Frame = std::vector<std::uint8_t>;

/// Frames as the XDP program sees them: right in every field that it reads, without checksums.
/// `destination`: of the Ethernet header.
class Frames {
  public:
    explicit Frames(base::MacAddress destination) : destination_(destination) {}

    /// From port 40,000 to `port`.
    [[nodiscard]] Frame udp(const std::string& address, std::uint16_t port) const;
    [[nodiscard]] Frame udp_from(std::uint16_t source_port, const std::string& address) const;
    [[nodiscard]] Frame echo_request(const std::string& address) const;
    [[nodiscard]] Frame echo_reply(const std::string& address) const;
    [[nodiscard]] Frame arp(const std::string& target, std::uint16_t operation) const;

    /// To the solicited-node multicast address.
    [[nodiscard]] Frame solicitation(const std::string& target) const;

    /// UDP to port 53, behind so many IPv4 options (in words of 4 octets).
    [[nodiscard]] Frame udp_with_options(const std::string& address, unsigned words) const;

    /// The first fragment of a datagram to port 53.
    [[nodiscard]] Frame first_fragment(const std::string& address) const;

  private:
    [[nodiscard]] Frame ethernet(std::uint16_t protocol) const;
    [[nodiscard]] Frame ipv4(const std::string& address,
                             std::uint8_t protocol,
                             const Frame& payload,
                             unsigned option_words = 0,
                             std::uint16_t fragment = 0) const;
    [[nodiscard]] Frame ipv6(const std::string& address,
                             std::uint8_t protocol,
                             const Frame& payload) const;
    [[nodiscard]] Frame ip(const std::string& address,
                           std::uint8_t protocol_v4,
                           std::uint8_t protocol_v6,
                           const Frame& payload) const;

    base::MacAddress destination_;
};

/// With an 802.1Q tag.
[[nodiscard]] Frame tagged(const Frame& frame, std::uint16_t vlan);

}  // namespace understudy::tests
