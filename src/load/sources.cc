#include <understudy/load/sources.h>

#include <understudy/net/query_frame.h>
#include <algorithm>
#include <array>

namespace understudy::load {
namespace {

using base::fail;
using base::IpAddress;
using base::IpPrefix;

constexpr unsigned kV4Bits = 32;
constexpr unsigned kV6Bits = 128;
constexpr unsigned kV6TailBits = 64;

/// More addresses than that make no difference, and 2^64 of them do not fit the count.
constexpr unsigned kMaxHostBits = 48;

/// Multicast, loopback and "this network": what servers refuse to answer.
bool is_no_host(const IpAddress& address) {
    constexpr std::uint8_t kLoopback = 127;
    constexpr std::uint8_t kFirstMulticast = 224;
    const std::uint8_t first = address.octets()[0];
    if (address.is_v6()) {
        return first == 0xFF ||
               std::ranges::all_of(address.octets(), [](std::uint8_t octet) { return octet == 0; });
    }
    return first == 0 || first == kLoopback || first >= kFirstMulticast;
}

IpAddress with_tail(const IpAddress& address, std::uint64_t tail) {
    if (!address.is_v6()) {
        std::array<std::uint8_t, 4> octets{};
        base::store_be32(octets.data(), static_cast<std::uint32_t>(tail));
        return IpAddress::v4(octets);
    }
    std::array<std::uint8_t, 16> octets{};
    std::ranges::copy(address.octets(), octets.begin());
    base::store_be64(&octets[8], tail);
    return IpAddress::v6(octets);
}

}  // namespace

Sources Sources::fixed(const IpAddress& address) {
    Sources sources;
    sources.network_ = {address, static_cast<std::uint8_t>(address.octets().size() * 8)};
    sources.v6_ = address.is_v6();
    sources.first_ = net::address_tail(address);
    return sources;
}

base::Expected<Sources> Sources::make(const IpPrefix& network, const IpAddress& server) {
    if (network.address.is_v6() != server.is_v6()) {
        return fail("sources " + network.to_string() + " and server " + server.to_string() +
                    " are of different families");
    }
    if (is_no_host(network.address)) {
        return fail("no host has an address of " + network.to_string());
    }
    Sources sources;
    sources.network_ = network;
    sources.v6_ = server.is_v6();
    const unsigned all_bits = sources.v6_ ? kV6Bits : kV4Bits;
    const unsigned host_bits = std::min(all_bits - network.length_bits, kMaxHostBits);
    static_assert(kMaxHostBits < kV6TailBits);
    const std::uint64_t size = std::uint64_t{1} << host_bits;
    sources.first_ = net::address_tail(network.address) & ~(size - 1);
    sources.hosts_ = size;
    if (!sources.v6_ && host_bits > 1) {
        sources.first_ += 1;
        sources.hosts_ -= 2;
    } else if (sources.v6_ && host_bits > 1) {
        sources.first_ += 1;  // the first is the routers' (RFC 4291, section 2.6.1)
        sources.hosts_ -= 1;
    }
    const std::uint64_t avoided = net::address_tail(server) - sources.first_;
    if (with_tail(network.address, net::address_tail(server)) == server &&
        avoided < sources.hosts_) {
        if (sources.hosts_ == 1) {
            return fail("queries cannot come from the server's own address " + server.to_string());
        }
        sources.avoided_ = sources.first_ + avoided;
        sources.instead_ = sources.first_ + (avoided + 1) % sources.hosts_;
    }
    return sources;
}

IpAddress Sources::example() const { return with_tail(network_.address, tail(0)); }

}  // namespace understudy::load
