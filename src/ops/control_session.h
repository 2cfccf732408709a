#pragma once

#include <asio/local/stream_protocol.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <system_error>

#include "ops/commands.h"

namespace understudy::ops {

/// One client of the control socket: reads a request, has it carried out, writes the response,
/// closes. Lives as long as something of that is under way, in the handlers that wait for it.
///
/// Control thread only.
class ControlSession : public std::enable_shared_from_this<ControlSession> {
  public:
    /// For the request to be there whole.
    static constexpr std::chrono::seconds kRequestTimeout{10};

    /// For the client to take a part of the response. Long, since a person may page through a dump.
    static constexpr std::chrono::minutes kStallTimeout{5};

    using Socket = asio::local::stream_protocol::socket;

    /// `on_end` is called once, when this ends. REQUIRES: `commands` outlives it or close() is
    /// called before.
    ControlSession(Socket socket, Commands& commands, std::function<void(ControlSession*)> on_end);
    ControlSession(const ControlSession&) = delete;
    ControlSession& operator=(const ControlSession&) = delete;
    ~ControlSession();

    void start();

    /// Ends whatever waits for the client.
    void close() noexcept;

  private:
    void expect_within(std::chrono::steady_clock::duration limit);
    void on_request(std::error_code error, std::size_t line_octets);
    void respond(Reply reply);
    void write_next();
    void write(std::string text, void (ControlSession::*next)());
    void finish();

    Socket socket_;
    asio::steady_timer deadline_;
    Commands& commands_;
    std::function<void(ControlSession*)> on_end_;
    std::string request_;
    std::string outgoing_;
    Reply reply_;
};

}  // namespace understudy::ops
