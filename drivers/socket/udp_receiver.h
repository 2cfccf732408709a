#pragma once

#include <understudy/socket/udp_port.h>
#include <array>
#include <span>

#include "socket/datagram_buffer.h"
#include "socket/socket_address.h"
#include "socket/udp_socket.h"

namespace understudy::socket {

/// The receiving half of a UDP port: an array of message headers, each always aiming at a buffer,
/// so that a burst costs one system call and per packet only the change of buffers.
class UdpReceiver {
  public:
    UdpReceiver(DatagramPool& pool, UdpPortCounters& counters) noexcept;

    /// Takes what `socket` has, as far as `packets` and the pool go; returns how many.
    /// REQUIRES: packets.size() <= kMaxBurst.
    [[nodiscard]] std::size_t receive(const UdpSocket& socket,
                                      std::uint32_t socket_index,
                                      std::span<port::Packet> packets) noexcept;

  private:
    void arm(std::size_t position, DatagramBuffer* buffer) noexcept;
    void top_up() noexcept;
    void replace_used(std::size_t received) noexcept;
    void read_path(const UdpSocket& socket, std::size_t position) noexcept;

    DatagramPool& pool_;
    UdpPortCounters& counters_;
    std::size_t armed_ = 0;  // positions below this one hold a buffer
    std::array<mmsghdr, port::kMaxBurst> messages_{};
    std::array<iovec, port::kMaxBurst> vectors_{};
    std::array<SocketAddress, port::kMaxBurst> peers_{};
    std::array<PacketInfo, port::kMaxBurst> infos_{};
    std::array<DatagramBuffer*, port::kMaxBurst> buffers_{};
};

}  // namespace understudy::socket
