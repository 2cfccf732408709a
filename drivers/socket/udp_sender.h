#pragma once

#include <understudy/socket/udp_port.h>
#include <array>
#include <span>

#include "socket/datagram_buffer.h"
#include "socket/socket_address.h"
#include "socket/udp_socket.h"

namespace understudy::socket {

/// The sending half of a UDP port. It gives the buffers of what it took back to the pool.
class UdpSender {
  public:
    UdpSender(DatagramPool& pool, UdpPortCounters& counters) noexcept;

    /// Sends through the socket that each packet's local endpoint names: one system call for each
    /// run of packets of one socket, which is how they were received. Returns how many were taken,
    /// from the front.
    [[nodiscard]] std::size_t send(std::span<const UdpSocket> sockets,
                                   std::span<const port::Packet> packets) noexcept;

  private:
    void prepare(const UdpSocket& socket,
                 std::size_t position,
                 const port::Packet& packet) noexcept;
    [[nodiscard]] std::size_t send_prepared(const UdpSocket& socket, std::size_t count) noexcept;

    DatagramPool& pool_;
    UdpPortCounters& counters_;
    std::array<mmsghdr, port::kMaxBurst> messages_{};
    std::array<iovec, port::kMaxBurst> vectors_{};
    std::array<SocketAddress, port::kMaxBurst> peers_{};
    std::array<PacketInfo, port::kMaxBurst> infos_{};
};

}  // namespace understudy::socket
