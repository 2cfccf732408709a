#include "ethdev/link_query.h"

#include "ethdev/descriptor.h"

#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace understudy::ethdev {
namespace {

struct Request {
    nlmsghdr header;
    ifinfomsg link;
};

/// A description of one link; the kernel's own tools use as much.
constexpr std::size_t kAnswerOctets = 32768;

std::size_t aligned(std::size_t octets) { return (octets + NLA_ALIGNTO - 1) & ~(NLA_ALIGNTO - 1U); }

/// Reads the attributes of a link, a cursor that never leaves `octets`.
LinkPeer read_attributes(std::span<const std::byte> octets) {
    LinkPeer peer;
    bool elsewhere = false;
    while (octets.size() >= sizeof(rtattr)) {
        rtattr attribute{};
        std::memcpy(&attribute, octets.data(), sizeof attribute);
        if (attribute.rta_len < sizeof attribute || attribute.rta_len > octets.size()) {
            break;
        }
        if (attribute.rta_type == IFLA_LINK &&
            attribute.rta_len >= sizeof attribute + sizeof peer.index) {
            std::memcpy(&peer.index, octets.data() + sizeof attribute, sizeof peer.index);
        }
        elsewhere = elsewhere || attribute.rta_type == IFLA_LINK_NETNSID;
        octets = octets.subspan(std::min<std::size_t>(aligned(attribute.rta_len), octets.size()));
    }
    peer.is_here = peer.index != 0 && !elsewhere;
    return peer;
}

}  // namespace

LinkPeer find_peer(unsigned interface_index) {
    const Descriptor socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    Request request{};
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = RTM_GETLINK;
    request.header.nlmsg_flags = NLM_F_REQUEST;
    request.link.ifi_family = AF_UNSPEC;
    request.link.ifi_index = static_cast<int>(interface_index);
    if (socket.get() < 0 || ::send(socket.get(), &request, sizeof request, 0) != sizeof request) {
        return {};
    }
    std::array<std::byte, kAnswerOctets> answer{};
    const ssize_t length = ::recv(socket.get(), answer.data(), answer.size(), 0);
    if (length < static_cast<ssize_t>(sizeof request)) {
        return {};
    }
    nlmsghdr header{};
    std::memcpy(&header, answer.data(), sizeof header);
    if (header.nlmsg_type != RTM_NEWLINK) {
        return {};
    }
    return read_attributes(
        std::span(answer).first(static_cast<std::size_t>(length)).subspan(sizeof request));
}

}  // namespace understudy::ethdev
