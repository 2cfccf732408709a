#include "socket/route_netlink.h"

#include <linux/if_addr.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

namespace understudy::socket {
namespace {

/// One request in the making: header, body, attributes.
class Request {
  public:
    template <typename Body>
    Request(std::uint16_t type, std::uint16_t flags, const Body& body) noexcept {
        header_.nlmsg_type = type;
        header_.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | NLM_F_ACK | flags);
        header_.nlmsg_len = NLMSG_HDRLEN;
        append(&body, sizeof body);
    }

    void attribute(std::uint16_t type, const void* value, std::size_t length) noexcept {
        rtattr attribute{};
        attribute.rta_type = type;
        attribute.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(length));
        append(&attribute, sizeof attribute);
        append(value, length);
    }

    /// Sends the request and waits for its acknowledgement: 0 or an errno.
    [[nodiscard]] int exchange(const Descriptor& netlink) noexcept {
        std::memcpy(octets_.data(), &header_, sizeof header_);
        if (::send(netlink.get(), octets_.data(), header_.nlmsg_len, 0) < 0) {
            return errno;
        }
        std::array<std::uint8_t, kReplyOctets> reply{};
        ssize_t length = -1;
        do {
            length = ::recv(netlink.get(), reply.data(), reply.size(), 0);
        } while (length < 0 && errno == EINTR);
        if (length < 0) {
            return errno;
        }
        nlmsghdr header{};
        nlmsgerr result{};
        if (static_cast<std::size_t>(length) < NLMSG_HDRLEN + sizeof result) {
            return EPROTO;
        }
        std::memcpy(&header, reply.data(), sizeof header);
        std::memcpy(&result, reply.data() + NLMSG_HDRLEN, sizeof result);
        return header.nlmsg_type == NLMSG_ERROR ? -result.error : EPROTO;
    }

  private:
    static constexpr std::size_t kRequestOctets = 128;  // the longest is an IPv6 address: 80
    static constexpr std::size_t kReplyOctets = 1024;

    void append(const void* from, std::size_t length) noexcept {
        std::memcpy(octets_.data() + header_.nlmsg_len, from, length);
        header_.nlmsg_len += static_cast<std::uint32_t>(NLMSG_ALIGN(length));
    }

    nlmsghdr header_{};
    std::array<std::uint8_t, kRequestOctets> octets_{};
};

Request address_request(std::uint16_t type,
                        std::uint16_t flags,
                        unsigned interface,
                        const base::IpAddress& address) noexcept {
    const auto octets = address.octets();
    ifaddrmsg body{};
    body.ifa_family = address.is_v6() ? AF_INET6 : AF_INET;
    body.ifa_prefixlen = static_cast<std::uint8_t>(octets.size() * 8);
    body.ifa_scope = RT_SCOPE_UNIVERSE;  // to be seen by routing daemons
    body.ifa_index = interface;
    Request request(type, flags, body);
    request.attribute(IFA_LOCAL, octets.data(), octets.size());
    request.attribute(IFA_ADDRESS, octets.data(), octets.size());
    return request;
}

}  // namespace

base::Expected<Descriptor> open_route_netlink() {
    Descriptor netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
    if (!netlink.valid()) {
        return base::fail("cannot open a netlink socket: " +
                          std::generic_category().message(errno));
    }
    return netlink;
}

int add_address(const Descriptor& netlink,
                unsigned interface,
                const base::IpAddress& address) noexcept {
    Request request = address_request(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, interface, address);
    if (address.is_v6()) {
        // Anycast: others hold it too. Without it bind() fails until the detection is over.
        const std::uint32_t flags = IFA_F_NODAD;
        request.attribute(IFA_FLAGS, &flags, sizeof flags);
    }
    return request.exchange(netlink);
}

int remove_address(const Descriptor& netlink,
                   unsigned interface,
                   const base::IpAddress& address) noexcept {
    return address_request(RTM_DELADDR, 0, interface, address).exchange(netlink);
}

int bring_up(const Descriptor& netlink, unsigned interface) noexcept {
    ifinfomsg body{};
    body.ifi_family = AF_UNSPEC;
    body.ifi_index = static_cast<int>(interface);
    body.ifi_flags = IFF_UP;
    body.ifi_change = IFF_UP;
    return Request(RTM_NEWLINK, 0, body).exchange(netlink);
}

}  // namespace understudy::socket
