#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/net/address_set.h>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace understudy::net {

/// How a destination MAC address reaches us.
enum class Reach : std::uint8_t {
    kOurs,           // the port's own address
    kBroadcast,      // everybody: only ARP may use it
    kSolicitedNode,  // the group of one of our IPv6 addresses: only neighbour solicitations may
    kForeign,        // not us
};

/// What one port serves: its place on the link and the addresses of the DNS service.
///
/// Control builds it once and never changes it; any number of workers read it without
/// synchronisation. Every question that a worker asks costs the same few nanoseconds for the one to
/// sixteen addresses that services have in practice; the limit only keeps the object in the cache.
class Service {
  public:
    static constexpr std::size_t kMaxServiceAddresses = 64;
    static constexpr std::uint16_t kDnsPort = 53;
    static constexpr std::uint16_t kMaxVlan = 4094;

    struct Address {
        base::IpPrefix prefix;  // the address as written, and the network that it lies in
        bool answered = true;   // we answer ARP, NDP and echo for it, no local interface does
    };

    struct Settings {
        base::MacAddress mac{};
        std::uint16_t vlan = 0;        // 802.1Q identifier; 0: the service is not in a VLAN
        std::uint16_t outer_vlan = 0;  // of two tags (802.1ad) the outer one's; 0: there is none
        std::uint16_t udp_port = kDnsPort;
        std::vector<Address> addresses;
    };

    /// Fails with a reason when an address is no unicast address or stands there twice, when there
    /// are too many, or when MAC address, VLAN or port cannot be a host's.
    [[nodiscard]] static base::Expected<Service> make(const Settings& settings);

    [[nodiscard]] const Settings& settings() const noexcept { return settings_; }

    /// Both VLANs in one word, for comparing: see vlan_word.
    [[nodiscard]] std::uint32_t vlans() const noexcept {
        return vlan_word(settings_.outer_vlan, settings_.vlan);
    }

    [[nodiscard]] static constexpr std::uint32_t vlan_word(std::uint32_t outer,
                                                           std::uint32_t inner) noexcept {
        return outer << 16U | inner;
    }

    // What the worker asks of every frame. Addresses are given by where they stand in it.

    /// `mac`: six octets with at least two more readable after them.
    [[nodiscard]] Reach reach(const std::uint8_t* mac) const noexcept;

    [[nodiscard]] bool serves_v4(const std::uint8_t* address) const noexcept {
        return served4_.contains(load_v4(address));
    }
    [[nodiscard]] bool serves_v6(const std::uint8_t* address) const noexcept {
        return served6_.contains(load_v6(address));
    }

    /// Whether ARP, NDP and echo for the address are ours to answer.
    [[nodiscard]] bool answers_v4(const std::uint8_t* address) const noexcept {
        return answered4_.contains(load_v4(address));
    }
    [[nodiscard]] bool answers_v6(const std::uint8_t* address) const noexcept {
        return answered6_.contains(load_v6(address));
    }

    /// Whether the address is the solicited-node group (RFC 4291, 2.7.1) of one that we answer for.
    [[nodiscard]] bool is_solicited_node_group(const std::uint8_t* address) const noexcept;

    /// Whether no honest packet has this source: multicast, broadcast (that of a service address's
    /// network included), loopback, "this network" (0.0.0.0/8) or a service address.
    [[nodiscard]] bool refuses_source_v4(const std::uint8_t* address) const noexcept;

    /// The same for IPv6: multicast, a service address, or ::/64, where the unspecified, the
    /// loopback and the IPv4-mapped addresses lie and nothing else.
    [[nodiscard]] bool refuses_source_v6(const std::uint8_t* address) const noexcept;

  private:
    explicit Service(Settings settings) : settings_(std::move(settings)) {}

    void add_v4(const Address& address);
    void add_v6(const Address& address);

    Settings settings_;
    std::uint64_t mac_ = 0;  // as `load_mac` gives it
    AddressSet<AddressV4, kMaxServiceAddresses> served4_;
    AddressSet<AddressV4, kMaxServiceAddresses> answered4_;
    AddressSet<AddressV4, 2 * kMaxServiceAddresses> no_sources4_;  // served, and their broadcasts
    AddressSet<AddressV6, kMaxServiceAddresses> served6_;
    AddressSet<AddressV6, kMaxServiceAddresses> answered6_;
    AddressSet<AddressV4, kMaxServiceAddresses>
        groups_;  // last four octets, the first of them 0xFF
};

inline Reach Service::reach(const std::uint8_t* mac) const noexcept {
    constexpr std::uint64_t kMacMask = 0xFFFF'FFFF'FFFF;
    std::uint64_t value = 0;
    std::memcpy(&value, mac, sizeof value);
    value &= kMacMask;
    if (value == mac_) [[likely]] {
        return Reach::kOurs;
    }
    if (value == kMacMask) {
        return Reach::kBroadcast;
    }
    // RFC 2464, section 7: 33:33 and the last four octets of the group.
    if (mac[0] == 0x33 && mac[1] == 0x33 && groups_.contains(load_v4(mac + 2))) {
        return Reach::kSolicitedNode;
    }
    return Reach::kForeign;
}

[[gnu::always_inline]] inline bool Service::refuses_source_v4(
    const std::uint8_t* address) const noexcept {
    constexpr std::uint8_t kLoopback = 127;
    constexpr std::uint8_t kFirstMulticast = 224;  // from here on also class E and the broadcast
    const std::uint8_t network = address[0];
    return network == 0 || network == kLoopback || network >= kFirstMulticast ||
           no_sources4_.contains(load_v4(address));
}

[[gnu::always_inline]] inline bool Service::refuses_source_v6(
    const std::uint8_t* address) const noexcept {
    const AddressV6 value = load_v6(address);
    return address[0] == 0xFF || value.first_half == 0 || served6_.contains(value);
}

}  // namespace understudy::net
