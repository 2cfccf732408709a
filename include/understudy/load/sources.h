#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <cstdint>

namespace understudy::load {

/// Whom queries come from: an address of a network for each, picked by the query's number, so that
/// its answer shows whether it came back to the right one. Never the server's own address, nor what
/// no host has in an IPv4 network of more than two: its first and its last.
class Sources {
  public:
    Sources() = default;

    /// One address and no questions asked: that of a kernel socket.
    [[nodiscard]] static Sources fixed(const base::IpAddress& address);

    /// `network`: an address alone stands for itself. Fails where the families differ, where the
    /// network has only the server's address, or where its addresses cannot be a host's.
    [[nodiscard]] static base::Expected<Sources> make(const base::IpPrefix& network,
                                                      const base::IpAddress& server);

    /// The last four (IPv4) or eight (IPv6) octets of the address, as net::QuerySource wants it.
    [[nodiscard]] std::uint64_t tail(std::uint32_t number) const noexcept {
        // Fibonacci hashing: neighbouring numbers land far apart, in the product's upper half.
        const std::uint64_t mixed = (number + std::uint64_t{1}) * 0x9E37'79B9'7F4A'7C15U;
        const std::uint64_t host = v6_ ? mixed % hosts_ : ((mixed >> 32U) * hosts_) >> 32U;
        const std::uint64_t tail = first_ + host;
        return tail == avoided_ ? instead_ : tail;
    }

    /// One of the addresses, under which to ask for the server's MAC address.
    [[nodiscard]] base::IpAddress example() const;

    [[nodiscard]] const base::IpPrefix& network() const noexcept { return network_; }

  private:
    base::IpPrefix network_;
    bool v6_ = false;
    std::uint64_t first_ = 0;    // tail of the first host
    std::uint64_t hosts_ = 1;    // from there on
    std::uint64_t avoided_ = 0;  // the server's tail, if it is one of them; its place is taken by
    std::uint64_t instead_ = 0;  // ... this one; both 0 where it is not
};

}  // namespace understudy::load
