#include <understudy/net/service.h>

#include <understudy/base/octets.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace understudy::net {
namespace {

constexpr std::uint8_t kGroupBit = 0x01;  // of a MAC address's first octet
constexpr std::uint8_t kShortestWithBroadcast = 30;

bool is_unicast_v4(std::span<const std::uint8_t> octets) {
    return octets[0] != 0 && octets[0] != 127 && octets[0] < 224;
}

bool is_unicast_v6(std::span<const std::uint8_t> octets) {
    const bool in_reserved_half =
        std::ranges::all_of(octets.first(8), [](std::uint8_t octet) { return octet == 0; });
    return octets[0] != 0xFF && !in_reserved_half;
}

bool is_unicast(const base::IpAddress& address) {
    return address.is_v6() ? is_unicast_v6(address.octets()) : is_unicast_v4(address.octets());
}

/// The address in the prefix's network with all host bits set.
AddressV4 broadcast_of(const base::IpPrefix& prefix) {
    const std::uint32_t host_mask =
        prefix.length_bits == 0 ? 0xFFFFFFFF : (1U << (32U - prefix.length_bits)) - 1U;
    const std::uint32_t broadcast = base::load_be32(prefix.address.octets().data()) | host_mask;
    return AddressV4{__builtin_bswap32(broadcast)};
}

}  // namespace

base::Expected<Service> Service::make(const Settings& settings) {
    if ((settings.mac[0] & kGroupBit) != 0) {
        return base::fail("the port's MAC address is a group address");
    }
    for (const std::uint16_t vlan : {settings.outer_vlan, settings.vlan}) {
        if (vlan > kMaxVlan) {
            return base::fail("VLAN " + std::to_string(vlan) + " is beyond " +
                              std::to_string(kMaxVlan));
        }
    }
    if (settings.outer_vlan != 0 && settings.vlan == 0) {
        return base::fail("an outer VLAN without an inner one");
    }
    if (settings.udp_port == 0) {
        return base::fail("UDP port 0 cannot be served");
    }
    if (settings.addresses.size() > kMaxServiceAddresses) {
        return base::fail("more than " + std::to_string(kMaxServiceAddresses) +
                          " service addresses on one port");
    }
    Service service(settings);
    std::memcpy(&service.mac_, settings.mac.data(), settings.mac.size());
    std::set<base::IpAddress> seen;
    for (const Address& address : settings.addresses) {
        if (!is_unicast(address.prefix.address)) {
            return base::fail("'" + address.prefix.address.to_string() +
                              "' is not a unicast address that a network carries");
        }
        if (!seen.insert(address.prefix.address).second) {
            return base::fail("service address '" + address.prefix.address.to_string() +
                              "' stands there twice");
        }
        if (address.prefix.address.is_v6()) {
            service.add_v6(address);
        } else {
            service.add_v4(address);
        }
    }
    return service;
}

void Service::add_v4(const Address& address) {
    const AddressV4 value = load_v4(address.prefix.address.octets().data());
    served4_.insert(value);
    no_sources4_.insert(value);
    if (address.prefix.length_bits <= kShortestWithBroadcast) {
        no_sources4_.insert(broadcast_of(address.prefix));
    }
    if (address.answered) {
        answered4_.insert(value);
    }
}

void Service::add_v6(const Address& address) {
    const auto octets = address.prefix.address.octets();
    const AddressV6 value = load_v6(octets.data());
    served6_.insert(value);
    if (address.answered) {
        answered6_.insert(value);
        const std::array<std::uint8_t, 4> group{0xFF, octets[13], octets[14], octets[15]};
        groups_.insert(load_v4(group.data()));
    }
}

bool Service::is_solicited_node_group(const std::uint8_t* address) const noexcept {
    constexpr std::array<std::uint8_t, 12> kPrefix{0xFF, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01};
    return std::memcmp(address, kPrefix.data(), kPrefix.size()) == 0 &&
           groups_.contains(load_v4(address + kPrefix.size()));
}

}  // namespace understudy::net
