#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <understudy/base/ip_address.h>

#include <bit>
#include <cstdint>
#include <cstring>

namespace understudy::socket {

/// The kernel's form of an endpoint, with room for either family.
union SocketAddress {
    sockaddr any;  // the family, which all begin with
    sockaddr_in v4;
    sockaddr_in6 v6;
};

// Inline, since the UDP port converts twice a packet.

[[nodiscard]] inline base::IpAddress to_ip(const in_addr& address) noexcept {
    return base::IpAddress::v4(std::bit_cast<std::array<std::uint8_t, sizeof(in_addr)>>(address));
}

[[nodiscard]] inline base::IpAddress to_ip(const in6_addr& address) noexcept {
    return base::IpAddress::v6(std::bit_cast<std::array<std::uint8_t, sizeof(in6_addr)>>(address));
}

// REQUIRES of both: an address of that family.

[[nodiscard]] inline in_addr to_in_addr(const base::IpAddress& address) noexcept {
    in_addr result{};
    std::memcpy(&result, address.octets().data(), sizeof result);
    return result;
}

[[nodiscard]] inline in6_addr to_in6_addr(const base::IpAddress& address) noexcept {
    in6_addr result{};
    std::memcpy(&result, address.octets().data(), sizeof result);
    return result;
}

[[nodiscard]] inline base::Endpoint to_endpoint(const SocketAddress& from) noexcept {
    if (from.any.sa_family == AF_INET6) {
        return {to_ip(from.v6.sin6_addr), ntohs(from.v6.sin6_port)};
    }
    return {to_ip(from.v4.sin_addr), ntohs(from.v4.sin_port)};
}

/// Fills `to` and returns how many octets of it count. `scope_id` is the link of a link-local
/// address, 0 for all others.
inline socklen_t to_socket_address(const base::Endpoint& from,
                                   SocketAddress& to,
                                   std::uint32_t scope_id = 0) noexcept {
    if (from.address.is_v6()) {
        to.v6 = {.sin6_family = AF_INET6,
                 .sin6_port = htons(from.port),
                 .sin6_flowinfo = 0,
                 .sin6_addr = to_in6_addr(from.address),
                 .sin6_scope_id = scope_id};
        return sizeof to.v6;
    }
    to.v4 = {.sin_family = AF_INET,
             .sin_port = htons(from.port),
             .sin_addr = to_in_addr(from.address),
             .sin_zero = {}};
    return sizeof to.v4;
}

}  // namespace understudy::socket
