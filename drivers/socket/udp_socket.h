#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <understudy/base/ip_address.h>
#include <understudy/port/packet_port.h>
#include <understudy/socket/descriptor.h>

#include <array>

namespace understudy::socket {

/// One of a port's sockets.
struct UdpSocket {
    Descriptor descriptor;
    base::Endpoint local;   // as bound
    bool wildcard = false;  // bound to 0.0.0.0 or ::, so each datagram names its own address

    /// Whether datagrams from `source` leave through this socket.
    [[nodiscard]] bool serves(const base::Endpoint& source) const noexcept {
        return local == source || (wildcard && local.port == source.port &&
                                   local.address.is_v6() == source.address.is_v6());
    }
};

/// The control message that carries a datagram's local address, for either family.
struct alignas(cmsghdr) PacketInfo {
    std::array<std::uint8_t, CMSG_SPACE(sizeof(in6_pktinfo))> octets;
};
static_assert(CMSG_SPACE(sizeof(in6_pktinfo)) >= CMSG_SPACE(sizeof(in_pktinfo)));

}  // namespace understudy::socket
