#include "control/network.h"

#include <understudy/wire/constants.h>
#include <array>
#include <asio/buffer.hpp>
#include <asio/ip/udp.hpp>
#include <asio/read.hpp>
#include <asio/redirect_error.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>
#include <asio/write.hpp>
#include <memory>
#include <string>

namespace understudy::control {
namespace {

asio::ip::address to_asio(const base::IpAddress& address) {
    if (address.is_v6()) {
        asio::ip::address_v6::bytes_type octets;
        std::ranges::copy(address.octets(), octets.begin());
        return asio::ip::address_v6(octets);
    }
    asio::ip::address_v4::bytes_type octets;
    std::ranges::copy(address.octets(), octets.begin());
    return asio::ip::address_v4(octets);
}

/// Closes a socket when its time is up, which ends the operation that waits on it.
template <typename Socket>
class Deadline {
  public:
    Deadline(Socket& socket, std::chrono::milliseconds timeout)
        : timer_(socket.get_executor(), timeout),
          watched_(std::make_shared<Watched>(Watched{&socket, false})) {
        timer_.async_wait([watched = watched_](const asio::error_code& error) {
            if (!error && watched->socket != nullptr) {
                watched->passed = true;
                asio::error_code ignored;
                watched->socket->close(ignored);
            }
        });
    }
    Deadline(const Deadline&) = delete;
    Deadline& operator=(const Deadline&) = delete;
    ~Deadline() { watched_->socket = nullptr; }  // the timer's handler may still be on its way

    /// What to say of an operation that ended with `error`.
    [[nodiscard]] std::string reason(const std::string& doing,
                                     const asio::error_code& error) const {
        if (watched_->passed) {
            return doing + " took too long";
        }
        return doing + " failed: " +
               (error == asio::error::eof ? "the connection was closed" : error.message());
    }

  private:
    struct Watched {
        Socket* socket;
        bool passed;
    };
    asio::steady_timer timer_;
    std::shared_ptr<Watched> watched_;
};

/// Opens `socket` for the route's family and binds it to its source.
template <typename Protocol, typename Socket>
base::Expected<void> open(Socket& socket, const Route& route) {
    asio::error_code error;
    socket.open(route.to.address.is_v6() ? Protocol::v6() : Protocol::v4(), error);
    if (!error && route.source) {
        socket.bind(typename Protocol::endpoint(to_asio(*route.source), 0), error);
    }
    if (error) {
        return base::fail("opening a socket" +
                          (route.source ? " from " + route.source->to_string() : "") +
                          " failed: " + error.message());
    }
    return {};
}

}  // namespace

asio::awaitable<base::Expected<Message>> exchange_datagram(Route route,
                                                           Message request,
                                                           std::function<bool(base::Octets)> accept,
                                                           std::chrono::milliseconds timeout) {
    asio::ip::udp::socket socket(co_await asio::this_coro::executor);
    if (auto opened = open<asio::ip::udp>(socket, route); !opened) {
        co_return base::fail(opened.error().message);
    }
    const Deadline deadline(socket, timeout);
    asio::error_code error;
    // Connected, so that the kernel lets in nobody else's datagrams and hands us ICMP errors.
    socket.connect({to_asio(route.to.address), route.to.port}, error);
    if (!error) {
        co_await socket.async_send(asio::buffer(request),
                                   asio::redirect_error(asio::use_awaitable, error));
    }
    Message response(wire::kMaxMessageOctets);
    while (!error) {
        const std::size_t size = co_await socket.async_receive(
            asio::buffer(response), asio::redirect_error(asio::use_awaitable, error));
        if (!error && accept(base::Octets(response).first(size))) {
            response.resize(size);
            co_return response;
        }
    }
    co_return base::fail(deadline.reason("the answer over UDP", error));
}

asio::awaitable<base::Expected<void>> Stream::connect(Route route,
                                                      std::chrono::milliseconds timeout) {
    if (auto opened = open<asio::ip::tcp>(socket_, route); !opened) {
        co_return base::fail(opened.error().message);
    }
    const Deadline deadline(socket_, timeout);
    asio::error_code error;
    const asio::ip::tcp::endpoint to(to_asio(route.to.address), route.to.port);
    co_await socket_.async_connect(to, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
        co_return base::fail(deadline.reason("connecting over TCP", error));
    }
    co_return base::Expected<void>();
}

asio::awaitable<base::Expected<void>> Stream::send(Message message,
                                                   std::chrono::milliseconds timeout) {
    const Deadline deadline(socket_, timeout);
    std::array<std::uint8_t, 2> length{};
    base::store_be16(length.data(), static_cast<std::uint16_t>(message.size()));
    const std::array<asio::const_buffer, 2> whole{asio::buffer(length), asio::buffer(message)};
    asio::error_code error;
    co_await asio::async_write(socket_, whole, asio::redirect_error(asio::use_awaitable, error));
    if (error) {
        co_return base::fail(deadline.reason("sending over TCP", error));
    }
    co_return base::Expected<void>();
}

asio::awaitable<base::Expected<Message>> Stream::receive(std::chrono::milliseconds timeout) {
    const Deadline deadline(socket_, timeout);
    std::array<std::uint8_t, 2> length{};
    asio::error_code error;
    co_await asio::async_read(
        socket_, asio::buffer(length), asio::redirect_error(asio::use_awaitable, error));
    Message message(error ? 0 : base::load_be16(length.data()));
    if (!error) {
        co_await asio::async_read(
            socket_, asio::buffer(message), asio::redirect_error(asio::use_awaitable, error));
    }
    if (error) {
        co_return base::fail(deadline.reason("the answer over TCP", error));
    }
    co_return message;
}

}  // namespace understudy::control
