#include "socket/listen_socket.h"

#include <sys/socket.h>
#include <understudy/socket/udp_port.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>

#include "socket/socket_address.h"

namespace understudy::socket {
namespace {

/// Connections that wait to be accepted; the kernel caps it at net.core.somaxconn.
constexpr int kBacklog = 1024;

/// What the operator can do about a socket that does not open.
std::string advice(int error) {
    switch (error) {
        case EADDRINUSE:
            return "; another program answers there: stop it (`ss -lnup`, `ss -lntp` name it) or "
                   "choose another address or port";
        case EACCES:
            return "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
        case EADDRNOTAVAIL:
            return "; no interface of this machine holds the address: add it to one or correct the "
                   "configuration";
        case EAFNOSUPPORT:
            return "; this machine has that address family turned off: remove the address from the "
                   "configuration";
        case EMFILE:
        case ENFILE:
            return "; raise the limit of open files (`ulimit -n`, LimitNOFILE=)";
        default:
            return "";
    }
}

/// One socket on its way to being bound: the first call that fails leaves its errno, and the
/// following ones do nothing.
class Opening {
  public:
    Opening(const base::Endpoint& endpoint, int type) : endpoint_(endpoint), type_(type) {
        const int family = endpoint.address.is_v6() ? AF_INET6 : AF_INET;
        const int number = ::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (check(number)) {
            socket_ = Descriptor(number);
        }
        if (endpoint.address.is_v6()) {
            set(IPPROTO_IPV6, IPV6_V6ONLY, 1);  // or :: would take 0.0.0.0 along
        }
    }

    void set(int level, int option, int value) {
        if (error_ == 0) {
            check(::setsockopt(socket_.get(), level, option, &value, sizeof value));
        }
    }

    /// For what is good to have and may be refused.
    bool try_set(int level, int option, int value) const {
        return error_ == 0 && ::setsockopt(socket_.get(), level, option, &value, sizeof value) == 0;
    }

    void bind() {
        if (error_ == 0) {
            SocketAddress address{};
            const socklen_t length = to_socket_address(endpoint_, address);
            check(::bind(socket_.get(), &address.any, length));
        }
    }

    void listen() {
        if (error_ == 0) {
            check(::listen(socket_.get(), kBacklog));
        }
    }

    [[nodiscard]] base::Expected<Descriptor> finish() {
        if (error_ != 0) {
            return base::fail("cannot listen on " + endpoint_.to_string() +
                              (type_ == SOCK_DGRAM ? " (UDP): " : " (TCP): ") +
                              std::generic_category().message(error_) + advice(error_));
        }
        return std::move(socket_);
    }

  private:
    bool check(int result) {
        if (result < 0) {
            error_ = errno;
        }
        return result >= 0;
    }

    base::Endpoint endpoint_;
    int type_;
    Descriptor socket_;
    int error_ = 0;
};

/// Past the system's cap where we may (CAP_NET_ADMIN), up to it where not.
void enlarge(Opening& opening, int force_option, int option, int octets) {
    if (!opening.try_set(SOL_SOCKET, force_option, octets)) {
        opening.set(SOL_SOCKET, option, octets);
    }
}

}  // namespace

bool is_wildcard(const base::IpAddress& address) noexcept {
    return std::ranges::all_of(address.octets(), [](std::uint8_t octet) { return octet == 0; });
}

base::Expected<Descriptor> open_udp_socket(const base::Endpoint& endpoint) {
    Opening opening(endpoint, SOCK_DGRAM);
    opening.set(SOL_SOCKET, SO_REUSEPORT, 1);
    enlarge(opening, SO_RCVBUFFORCE, SO_RCVBUF, UdpPort::kReceiveBufferOctets);
    enlarge(opening, SO_SNDBUFFORCE, SO_SNDBUF, UdpPort::kSendBufferOctets);
    // PROBE alone sets DF and also ignores what ICMP taught the kernel of the path: DO would
    // believe it, INTERFACE and OMIT leave DF away.
    if (endpoint.address.is_v6()) {
        opening.set(IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE);
    } else {
        opening.set(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE);
    }
    if (is_wildcard(endpoint.address)) {
        if (endpoint.address.is_v6()) {
            opening.set(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        } else {
            opening.set(IPPROTO_IP, IP_PKTINFO, 1);
        }
    }
    opening.bind();
    return opening.finish();
}

base::Expected<Descriptor> open_tcp_listener(const base::Endpoint& endpoint) {
    Opening opening(endpoint, SOCK_STREAM);
    // Not held up by the connections that a predecessor left in TIME_WAIT; a listener still is
    // exclusive.
    opening.set(SOL_SOCKET, SO_REUSEADDR, 1);
    opening.bind();
    opening.listen();
    return opening.finish();
}

base::Endpoint bound_endpoint(const Descriptor& socket) noexcept {
    SocketAddress address{};
    socklen_t length = sizeof address;
    ::getsockname(socket.get(), &address.any, &length);
    return to_endpoint(address);
}

}  // namespace understudy::socket
