#include "socket/udp_receiver.h"

#include <algorithm>
#include <cstring>

namespace understudy::socket {
namespace {

/// The address that the datagram was sent to, as the control message after `header` tells it.
base::IpAddress local_address(msghdr& header, const base::IpAddress& otherwise) noexcept {
    for (cmsghdr* item = CMSG_FIRSTHDR(&header); item != nullptr;
         item = CMSG_NXTHDR(&header, item)) {
        if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO) {
            in_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(item), sizeof info);
            return to_ip(
                info.ipi_spec_dst);  // ours even where the query went to a broadcast address
        }
        if (item->cmsg_level == IPPROTO_IPV6 && item->cmsg_type == IPV6_PKTINFO) {
            in6_pktinfo info{};
            std::memcpy(&info, CMSG_DATA(item), sizeof info);
            return to_ip(info.ipi6_addr);
        }
    }
    return otherwise;
}

}  // namespace

UdpReceiver::UdpReceiver(DatagramPool& pool, UdpPortCounters& counters) noexcept
    : pool_(pool), counters_(counters) {
    for (std::size_t i = 0; i < port::kMaxBurst; ++i) {
        vectors_[i].iov_len = DatagramBuffer::kCapacityOctets;
        msghdr& header = messages_[i].msg_hdr;
        header.msg_name = &peers_[i];
        header.msg_iov = &vectors_[i];
        header.msg_iovlen = 1;
        header.msg_control = &infos_[i];
    }
    top_up();
}

/// The kernel leaves its own lengths in a header that it filled.
void UdpReceiver::arm(std::size_t position, DatagramBuffer* buffer) noexcept {
    buffers_[position] = buffer;
    vectors_[position].iov_base = buffer->octets.data();
    messages_[position].msg_hdr.msg_namelen = sizeof(SocketAddress);
    messages_[position].msg_hdr.msg_controllen = sizeof(PacketInfo);
}

void UdpReceiver::top_up() noexcept {
    while (armed_ < port::kMaxBurst) {
        DatagramBuffer* buffer = pool_.take();
        if (buffer == nullptr) {
            return;
        }
        arm(armed_++, buffer);
    }
}

/// From the back, so that what fills a gap when the pool is empty is itself never a gap.
void UdpReceiver::replace_used(std::size_t received) noexcept {
    for (std::size_t position = received; position-- > 0;) {
        DatagramBuffer* buffer = buffers_[position];  // still here if the datagram was dropped
        if (buffer == nullptr) {
            buffer = pool_.take();
        }
        if (buffer != nullptr) {
            arm(position, buffer);
        } else if (--armed_ != position) {
            arm(position, buffers_[armed_]);
        }
    }
}

void UdpReceiver::read_path(const UdpSocket& socket, std::size_t position) noexcept {
    DatagramBuffer& buffer = *buffers_[position];
    const SocketAddress& peer = peers_[position];
    buffer.path.peer = to_endpoint(peer);
    buffer.scope_id = peer.any.sa_family == AF_INET6 ? peer.v6.sin6_scope_id : 0;
    buffer.path.local = socket.local;
    if (socket.wildcard) {
        buffer.path.local.address =
            local_address(messages_[position].msg_hdr, socket.local.address);
    }
}

std::size_t UdpReceiver::receive(const UdpSocket& socket,
                                 std::uint32_t socket_index,
                                 std::span<port::Packet> packets) noexcept {
    top_up();
    const std::size_t most = std::min(packets.size(), armed_);
    // An error here (nothing there, or one that an earlier datagram left) means no packets now; the
    // kernel has cleared it with this call.
    const int result = most == 0 ? 0
                                 : ::recvmmsg(socket.descriptor.get(),
                                              messages_.data(),
                                              static_cast<unsigned>(most),
                                              MSG_DONTWAIT,
                                              nullptr);
    const std::size_t received = result > 0 ? static_cast<std::size_t>(result) : 0;
    std::size_t taken = 0;
    for (std::size_t i = 0; i < received; ++i) {
        if ((messages_[i].msg_hdr.msg_flags & MSG_TRUNC) != 0) {
            counters_.oversized.add(1);
            continue;
        }
        read_path(socket, i);
        buffers_[i]->socket_index = socket_index;
        packets[taken++] = buffers_[i]->packet(messages_[i].msg_len);
        buffers_[i] = nullptr;
    }
    replace_used(received);
    return taken;
}

}  // namespace understudy::socket
