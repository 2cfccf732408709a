#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <understudy/base/ip_address.h>
#include <understudy/base/octets.h>
#include <understudy/socket/descriptor.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "socket/socket_address.h"

namespace understudy::socket {

using Message = std::vector<std::uint8_t>;

/// How long a test waits for what has to come.
inline constexpr std::chrono::milliseconds kPatience{10'000};

inline base::IpAddress ip(std::string_view text) { return *base::IpAddress::parse(text); }
inline base::Endpoint endpoint(std::string_view address, std::uint16_t port = 0) {
    return {ip(address), port};
}

inline Descriptor client_socket(const base::IpAddress& server, int type) {
    return Descriptor(::socket(server.is_v6() ? AF_INET6 : AF_INET, type | SOCK_CLOEXEC, 0));
}

inline bool has_ipv6() {
    const Descriptor socket(::socket(AF_INET6, SOCK_DGRAM, 0));
    SocketAddress address{};
    const socklen_t length = to_socket_address(endpoint("::1"), address);
    return socket.valid() && ::bind(socket.get(), &address.any, length) == 0;
}

inline bool readable(const Descriptor& socket, std::chrono::milliseconds timeout) {
    pollfd polled{.fd = socket.get(), .events = POLLIN, .revents = 0};
    return ::poll(&polled, 1, static_cast<int>(timeout.count())) == 1;
}

/// Runs `body` on a thread in a network namespace of its own, which ends with it; false if this
/// machine does not let us.
inline bool in_network_namespace(const std::function<void()>& body) {
    bool entered = false;
    std::thread([&] {
        entered = ::unshare(CLONE_NEWNET) == 0;
        if (entered) {
            body();
        }
    }).join();
    return entered;
}

/// A UDP client, unconnected, so that it sees from where an answer comes.
class UdpClient {
  public:
    explicit UdpClient(const base::IpAddress& server) : socket_(client_socket(server, SOCK_DGRAM)) {
        SocketAddress address{};
        const socklen_t length =
            to_socket_address(server.is_v6() ? endpoint("::1") : endpoint("127.0.0.1"), address);
        EXPECT_EQ(::bind(socket_.get(), &address.any, length), 0);
    }

    void send(const base::Endpoint& server, const Message& message) const {
        SocketAddress address{};
        const socklen_t length = to_socket_address(server, address);
        ::sendto(socket_.get(), message.data(), message.size(), 0, &address.any, length);
    }

    struct Received {
        Message message;
        base::Endpoint from;
    };
    [[nodiscard]] std::optional<Received> receive(
        std::chrono::milliseconds timeout = kPatience) const {
        if (!readable(socket_, timeout)) {
            return std::nullopt;
        }
        Received received{Message(65536), {}};
        SocketAddress from{};
        socklen_t length = sizeof from;
        const ssize_t count = ::recvfrom(
            socket_.get(), received.message.data(), received.message.size(), 0, &from.any, &length);
        if (count < 0) {
            return std::nullopt;
        }
        received.message.resize(static_cast<std::size_t>(count));
        received.from = to_endpoint(from);
        return received;
    }

    [[nodiscard]] base::Endpoint local() const {
        SocketAddress address{};
        socklen_t length = sizeof address;
        ::getsockname(socket_.get(), &address.any, &length);
        return to_endpoint(address);
    }

  private:
    Descriptor socket_;
};

/// A TCP client that speaks in lengths and messages.
class TcpClient {
  public:
    explicit TcpClient(const base::Endpoint& server, int receive_buffer_octets = 0)
        : socket_(client_socket(server.address, SOCK_STREAM)) {
        if (receive_buffer_octets != 0) {
            ::setsockopt(socket_.get(),
                         SOL_SOCKET,
                         SO_RCVBUF,
                         &receive_buffer_octets,
                         sizeof receive_buffer_octets);
        }
        SocketAddress address{};
        const socklen_t length = to_socket_address(server, address);
        connected_ = ::connect(socket_.get(), &address.any, length) == 0;
    }

    [[nodiscard]] bool connected() const { return connected_; }

    bool send_octets(base::Octets octets) const {
        return ::send(socket_.get(), octets.data(), octets.size(), MSG_NOSIGNAL) ==
               static_cast<ssize_t>(octets.size());
    }
    bool send(const Message& message) const { return send_octets(framed(message)); }
    void finish() const { ::shutdown(socket_.get(), SHUT_WR); }

    /// The next message; none if the server closed before one was whole, or time is up.
    [[nodiscard]] std::optional<Message> receive(
        std::chrono::milliseconds timeout = kPatience) const {
        const auto length = read(2, timeout);
        return length ? read(base::load_be16(length->data()), timeout) : std::nullopt;
    }

    /// Whether the connection ends, with nothing more before.
    [[nodiscard]] bool closed(std::chrono::milliseconds timeout = kPatience) const {
        std::uint8_t octet = 0;
        return readable(socket_, timeout) && ::recv(socket_.get(), &octet, 1, 0) <= 0;
    }

    [[nodiscard]] static Message framed(const Message& message) {
        Message octets(2);
        base::store_be16(octets.data(), static_cast<std::uint16_t>(message.size()));
        octets.insert(octets.end(), message.begin(), message.end());
        return octets;
    }

  private:
    [[nodiscard]] std::optional<Message> read(std::size_t count,
                                              std::chrono::milliseconds timeout) const {
        Message octets(count);
        std::size_t have = 0;
        while (have < count) {
            if (!readable(socket_, timeout)) {
                return std::nullopt;
            }
            const ssize_t got = ::recv(socket_.get(), octets.data() + have, count - have, 0);
            if (got <= 0) {
                return std::nullopt;
            }
            have += static_cast<std::size_t>(got);
        }
        return octets;
    }

    Descriptor socket_;
    bool connected_ = false;
};

}  // namespace understudy::socket
