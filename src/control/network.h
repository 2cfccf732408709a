#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/base/octets.h>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

/// Messages to other servers and back, as coroutines of the control loop. Every wait has an end.
namespace understudy::control {

using Message = std::vector<std::uint8_t>;

/// One way to reach a server.
struct Route {
    base::Endpoint to;
    std::optional<base::IpAddress> source;
};

/// Sends `request` in a datagram and waits for a response that `accept` takes; others are ignored.
[[nodiscard]] asio::awaitable<base::Expected<Message>> exchange_datagram(
    Route route,
    Message request,
    std::function<bool(base::Octets)> accept,
    std::chrono::milliseconds timeout);

/// A TCP connection that carries messages with their lengths (RFC 1035 §4.2.2).
class Stream {
  public:
    explicit Stream(const asio::any_io_executor& executor) : socket_(executor) {}

    [[nodiscard]] asio::awaitable<base::Expected<void>> connect(Route route,
                                                                std::chrono::milliseconds timeout);
    [[nodiscard]] asio::awaitable<base::Expected<void>> send(Message message,
                                                             std::chrono::milliseconds timeout);

    /// The next message, whole; the time is for all of it.
    [[nodiscard]] asio::awaitable<base::Expected<Message>> receive(
        std::chrono::milliseconds timeout);

  private:
    asio::ip::tcp::socket socket_;
};

}  // namespace understudy::control
