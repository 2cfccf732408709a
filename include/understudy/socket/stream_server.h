#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/port/stream_handler.h>
#include <understudy/stats/counters.h>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace understudy::socket {

/// What a stream server allows its clients (RFC 7766 §6.2, RFC 9210 §4). Numbers are at least 1.
struct StreamLimits {
    /// Open connections. At a limit a new client is let in and the one longest idle is closed: of
    /// the same address, or of all.
    std::size_t connections = 4096;
    std::size_t connections_per_client = 64;

    /// Without a whole request, counted from the last answer.
    std::chrono::milliseconds idle{10'000};

    /// For the client to take one message of a transfer, or one batch of answers (up to 128 KiB).
    std::chrono::milliseconds stall{10'000};

    /// For answers under way when the server stops.
    std::chrono::milliseconds drain{1'000};
};

/// Why a connection ended.
enum class CloseCause : std::uint8_t {
    kClient,        // the client closed it, after its last answer
    kReset,         // the client or the network broke it
    kIdle,          // no request within the idle limit
    kStalled,       // the client did not take its answers
    kClientLimit,   // made room for another one of the same client
    kTotalLimit,    // made room for any other one
    kShortRequest,  // a request shorter than a DNS header
    kHandler,       // the handler wanted it closed
    kShutdown,      // the server stopped
};

/// The causes' names for operators, in their order.
inline constexpr auto kCloseCauseNames = std::to_array<std::string_view>({
    "client",
    "reset",
    "idle",
    "stalled",
    "client_limit",
    "total_limit",
    "short_request",
    "handler",
    "shutdown",
});
inline constexpr std::size_t kCloseCauseCount = kCloseCauseNames.size();
static_assert(kCloseCauseCount == static_cast<std::size_t>(CloseCause::kShutdown) + 1);

/// The streams' thread writes, anyone reads.
struct StreamCounters {
    stats::Counter accepted;
    stats::Counter accept_failures;  // no descriptors or memory left; tried again after a pause
    stats::Counter requests;         // handed to the handler
    stats::Counter messages;         // sent completely
    std::array<stats::Counter, kCloseCauseCount> closed;

    [[nodiscard]] std::uint64_t read(CloseCause cause) const noexcept {
        return closed[static_cast<std::size_t>(cause)].read();
    }

    /// Connections open at the moment.
    [[nodiscard]] std::uint64_t open() const noexcept;
};

/// DNS over TCP (RFC 1035 §4.2.2, RFC 7766) on a thread of its own, for connections of any number
/// of pipelined requests. Answers come in the order of the requests, several in one write where
/// they are ready, and each with its length in the same write.
///
/// A connection holds one batch of requests and one of answers, or one message of a transfer; the
/// rest waits in the kernel, and with it the client. Each gives way to the others after every batch
/// or message. A client that has closed its side still gets all answers.
class StreamServer {
  public:
    /// Listens on each endpoint; port 0 takes a free one. The error says what to do. `handler` is
    /// called from start() on and lives longer than the server.
    [[nodiscard]] static base::Expected<std::unique_ptr<StreamServer>> open(
        std::span<const base::Endpoint> endpoints,
        port::StreamHandler& handler,
        const StreamLimits& limits = {});

    StreamServer(const StreamServer&) = delete;
    StreamServer& operator=(const StreamServer&) = delete;

    /// Stops.
    ~StreamServer();

    /// Starts the streams' thread. REQUIRES: not started before.
    void start();

    /// Closes the idle connections, finishes answers and transfers under way within the drain
    /// limit, and ends the thread. A second call does nothing. From the thread that called start().
    void stop();

    /// Where the server listens, in the order of `endpoints`.
    [[nodiscard]] std::vector<base::Endpoint> local_endpoints() const;

    [[nodiscard]] const StreamCounters& counters() const noexcept;

  private:
    struct State;
    explicit StreamServer(std::unique_ptr<State> state) noexcept;

    std::unique_ptr<State> state_;
};

}  // namespace understudy::socket
