#include "socket/udp_sender.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "socket/listen_socket.h"

namespace understudy::socket {
namespace {

/// The socket that `packet` leaves through, or null: in nearly all cases the one that it came in
/// by.
const UdpSocket* find_socket(std::span<const UdpSocket> sockets,
                             const port::Packet& packet) noexcept {
    const UdpSocket& received_by = sockets[DatagramBuffer::of(packet)->socket_index];
    if (received_by.serves(packet.path->local)) {
        return &received_by;
    }
    const auto found = std::ranges::find_if(
        sockets, [&](const UdpSocket& socket) { return socket.serves(packet.path->local); });
    return found == sockets.end() ? nullptr : &*found;
}

template <typename Info>
void put_info(msghdr& header, int level, int type, const Info& info) noexcept {
    header.msg_controllen = CMSG_SPACE(sizeof info);
    cmsghdr* item = CMSG_FIRSTHDR(&header);
    item->cmsg_level = level;
    item->cmsg_type = type;
    item->cmsg_len = CMSG_LEN(sizeof info);
    std::memcpy(CMSG_DATA(item), &info, sizeof info);
}

/// Has the datagram leave from `source`, by link `scope_id` if that is link-local.
void put_source(msghdr& header, const base::IpAddress& source, std::uint32_t scope_id) noexcept {
    if (source.is_v6()) {
        const in6_pktinfo info{.ipi6_addr = to_in6_addr(source), .ipi6_ifindex = scope_id};
        put_info(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
    } else {
        const in_pktinfo info{.ipi_ifindex = 0, .ipi_spec_dst = to_in_addr(source), .ipi_addr = {}};
        put_info(header, IPPROTO_IP, IP_PKTINFO, info);
    }
}

}  // namespace

UdpSender::UdpSender(DatagramPool& pool, UdpPortCounters& counters) noexcept
    : pool_(pool), counters_(counters) {
    for (std::size_t i = 0; i < port::kMaxBurst; ++i) {
        msghdr& header = messages_[i].msg_hdr;
        header.msg_name = &peers_[i];
        header.msg_iov = &vectors_[i];
        header.msg_iovlen = 1;
    }
}

void UdpSender::prepare(const UdpSocket& socket,
                        std::size_t position,
                        const port::Packet& packet) noexcept {
    const std::uint32_t scope_id = DatagramBuffer::of(packet)->scope_id;
    vectors_[position] = {.iov_base = packet.data, .iov_len = packet.length_octets};
    msghdr& header = messages_[position].msg_hdr;
    header.msg_namelen = to_socket_address(packet.path->peer, peers_[position], scope_id);
    header.msg_control = nullptr;
    header.msg_controllen = 0;
    if (socket.wildcard && !is_wildcard(packet.path->local.address)) {
        header.msg_control = &infos_[position];
        put_source(header, packet.path->local.address, scope_id);
    }
}

/// Returns how many of the prepared messages are done with: sent, or dropped as impossible.
std::size_t UdpSender::send_prepared(const UdpSocket& socket, std::size_t count) noexcept {
    std::size_t done = 0;
    while (done < count) {
        const int result = ::sendmmsg(socket.descriptor.get(),
                                      &messages_[done],
                                      static_cast<unsigned>(count - done),
                                      MSG_DONTWAIT);
        if (result > 0) {
            done += static_cast<std::size_t>(result);
        } else if (errno == EAGAIN) {
            break;  // no room for the moment
        } else if (errno != EINTR) {
            // Only the first message's own trouble ends the call with an error.
            counters_.unsent.add(1);
            ++done;
        }
    }
    return done;
}

std::size_t UdpSender::send(std::span<const UdpSocket> sockets,
                            std::span<const port::Packet> packets) noexcept {
    std::size_t taken = 0;
    while (taken < packets.size()) {
        const UdpSocket* socket = find_socket(sockets, packets[taken]);
        if (socket == nullptr) {  // a late reply from an address that is not listened on any more
            counters_.unsent.add(1);
            pool_.give(DatagramBuffer::of(packets[taken++]));
            continue;
        }
        const auto rest = packets.subspan(taken);
        const std::size_t most = std::min(rest.size(), messages_.size());
        std::size_t run = 0;
        do {
            prepare(*socket, run, rest[run]);
            ++run;
        } while (run < most && find_socket(sockets, rest[run]) == socket);

        const std::size_t done = send_prepared(*socket, run);
        for (const port::Packet& packet : rest.first(done)) {
            pool_.give(DatagramBuffer::of(packet));
        }
        taken += done;
        if (done < run) {
            break;
        }
    }
    return taken;
}

}  // namespace understudy::socket
