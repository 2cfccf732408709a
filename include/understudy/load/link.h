#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <understudy/load/sources.h>
#include <understudy/port/packet_port.h>
#include <chrono>
#include <cstddef>
#include <optional>
#include <span>

namespace understudy::load {

/// Our end of an Ethernet link: all the addresses that queries come from are reached by one MAC
/// address, and the server's is found by asking. What comes here is rare beside queries.
class Link {
  public:
    Link() = default;
    Link(const base::MacAddress& mac, const Sources& sources, const base::IpAddress& server)
        : mac_(mac), sources_(sources), server_(server) {}

    /// Turns a request for the MAC address of one of our sources (ARP, neighbour solicitation) into
    /// its answer and returns that one's length; 0 where the frame is no such thing. Any octets
    /// will do. REQUIRES: a buffer of PacketPort::kMinCapacityOctets.
    [[nodiscard]] std::size_t answer(base::MutableOctets buffer, std::size_t length) const;

    /// Asks for the server's MAC address; returns the frame's length. REQUIRES: a buffer of
    /// PacketPort::kMinCapacityOctets.
    [[nodiscard]] std::size_t ask(base::MutableOctets buffer) const;

    /// Tells the link where one of our sources is; returns the frame's length. REQUIRES as for ask.
    [[nodiscard]] std::size_t announce(base::MutableOctets buffer) const;

    /// The server's MAC address, if the frame tells it.
    [[nodiscard]] std::optional<base::MacAddress> learn(base::Octets frame) const;

  private:
    [[nodiscard]] bool is_ours(const base::IpAddress& address) const;

    base::MacAddress mac_{};
    Sources sources_;
    base::IpAddress server_;
};

inline constexpr std::chrono::milliseconds kBetweenRequests{100};
inline constexpr std::chrono::milliseconds kFindTimeout{5000};

/// The server's MAC address: `known`, once the first of `ports` has taken a frame, or what the
/// server answers. Polls the ports meanwhile, from the calling thread. Fails after `timeout` with a
/// line that says what to do.
[[nodiscard]] base::Expected<base::MacAddress> find_server(
    std::span<port::PacketPort* const> ports,
    const Link& link,
    const std::optional<base::MacAddress>& known,
    std::chrono::milliseconds timeout = kFindTimeout);

}  // namespace understudy::load
