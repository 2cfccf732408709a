#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/zone/zone.h>
#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/ip/udp.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/octets.h"
#include "support/transfers.h"

namespace understudy::support {

/// A server on loopback whose answers, good or bad, a test scripts: UDP and TCP on one port. It
/// works on the loop of what it is to try, so a test is one thread.
class ScriptedPrimary {
  public:
    /// What it does with a request.
    struct Reaction {
        std::vector<Bytes> messages;  // none: mute
        bool close = false;           // the connection, once they are sent
    };
    using Script = std::function<Reaction(const Bytes& request, bool is_stream)>;

    /// Answers SOA queries and AXFRs with `zone` as long as it has no other script; mute without a
    /// zone.
    explicit ScriptedPrimary(asio::io_context& loop, const std::string& address = "127.0.0.1");
    ScriptedPrimary(const ScriptedPrimary&) = delete;
    ScriptedPrimary& operator=(const ScriptedPrimary&) = delete;
    ~ScriptedPrimary();

    std::shared_ptr<const zone::Zone> zone;
    /// The versions from which an IXFR gets a difference; from others it gets the whole zone.
    std::vector<std::shared_ptr<const zone::Zone>> earlier;
    Script script;

    /// What an honest primary with `zone` does.
    [[nodiscard]] Reaction honest(const Bytes& request) const;

    /// Header and question of the request as a response.
    [[nodiscard]] static Bytes refusal(const Bytes& request, unsigned rcode);

    /// ADDR@PORT
    [[nodiscard]] std::string at() const { return endpoint_.to_string(); }
    [[nodiscard]] const base::Endpoint& endpoint() const noexcept { return endpoint_; }

    // What has come so far, by question type; NOTIFYs apart.
    std::size_t soa_queries = 0;
    std::size_t transfers = 0;  // AXFR and IXFR
    std::size_t incremental_transfers = 0;
    std::size_t notifies = 0;
    std::size_t connections = 0;

  private:
    /// Sockets, which coroutines of the loop may hold longer than a test holds this.
    struct Shared;

    /// What an IXFR from that serial is answered with.
    [[nodiscard]] std::vector<Record> incremental(std::uint32_t from) const;
    [[nodiscard]] Reaction react(const Bytes& request, bool is_stream);
    static asio::awaitable<void> serve_datagrams(std::shared_ptr<Shared> shared);
    static asio::awaitable<void> accept(std::shared_ptr<Shared> shared);
    static asio::awaitable<void> serve_stream(std::shared_ptr<Shared> shared,
                                              asio::ip::tcp::socket socket);

    std::shared_ptr<Shared> shared_;
    base::Endpoint endpoint_;
};

}  // namespace understudy::support
