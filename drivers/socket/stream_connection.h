#pragma once

#include <understudy/port/stream_handler.h>
#include <asio/awaitable.hpp>
#include <asio/ip/tcp.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "socket/connection_table.h"
#include "socket/request_buffer.h"

namespace understudy::socket {

/// What a server's connections have in common.
struct StreamContext {
    port::StreamHandler& handler;
    ConnectionTable& table;
    StreamCounters& counters;
    bool stopping = false;               // nothing new is read
    std::vector<std::uint8_t> response;  // one at a time on its way into a connection's batch
};

/// One client's connection: a loop of waiting for requests, answering those that are whole, and
/// sending the answers. Streams' thread only.
class StreamConnection final : public TableEntry {
  public:
    /// Answers are gathered for one write until they pass this.
    static constexpr std::size_t kBatchOctets = std::size_t{64} * 1024;

    StreamConnection(asio::ip::tcp::socket socket,
                     const port::StreamPath& path,
                     StreamContext& context);

    /// The connection's whole life; gives the cause of its end.
    [[nodiscard]] asio::awaitable<CloseCause> serve();

    void close() noexcept override;

  private:
    [[nodiscard]] asio::awaitable<void> receive();
    [[nodiscard]] asio::awaitable<void> send_answers();
    [[nodiscard]] asio::awaitable<void> send_source();
    [[nodiscard]] asio::awaitable<void> linger();

    void answer_requests();
    void answer(base::Octets request);
    void end(CloseCause cause) noexcept;

    asio::ip::tcp::socket socket_;
    port::StreamPath path_;
    StreamContext& context_;
    RequestBuffer requests_;
    std::vector<std::uint8_t> answers_;  // each with its length before it
    std::uint64_t answer_count_ = 0;     // in answers_
    std::unique_ptr<port::MessageSource> source_;
    std::optional<CloseCause> ending_;
};

}  // namespace understudy::socket
