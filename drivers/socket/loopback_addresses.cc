#include <ifaddrs.h>
#include <net/if.h>
#include <understudy/socket/loopback_addresses.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>

#include "socket/route_netlink.h"
#include "socket/socket_address.h"

namespace understudy::socket {
namespace {

constexpr const char* kInterface = "lo";

std::string as_prefix(const base::IpAddress& address) {
    return address.to_string() + (address.is_v6() ? "/128" : "/32");
}

/// What the operator can do about an address that the kernel does not take.
std::string advice(int error, const base::IpAddress& address) {
    switch (error) {
        case EPERM:
            return "; it needs root or CAP_NET_ADMIN, or add it beforehand: ip address add " +
                   as_prefix(address) + " dev " + kInterface;
        case EACCES:
        case EOPNOTSUPP:
            return address.is_v6() ? "; IPv6 is turned off there: sysctl "
                                     "net.ipv6.conf.lo.disable_ipv6=0, or remove the address from "
                                     "the configuration"
                                   : "";
        default:
            return "";
    }
}

}  // namespace

base::Expected<std::vector<base::IpAddress>> local_addresses() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) {
        return base::fail("cannot list the addresses of this machine: " +
                          std::generic_category().message(errno));
    }
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, &::freeifaddrs);
    std::vector<base::IpAddress> addresses;
    for (const ifaddrs* item = list; item != nullptr; item = item->ifa_next) {
        if (item->ifa_addr == nullptr) {
            continue;  // an interface without any
        }
        SocketAddress address{};
        if (item->ifa_addr->sa_family == AF_INET) {
            std::memcpy(&address.v4, item->ifa_addr, sizeof address.v4);
        } else if (item->ifa_addr->sa_family == AF_INET6) {
            std::memcpy(&address.v6, item->ifa_addr, sizeof address.v6);
        } else {
            continue;
        }
        addresses.push_back(to_endpoint(address).address);
    }
    return addresses;
}

LoopbackAddresses::LoopbackAddresses(Descriptor netlink, unsigned interface) noexcept
    : netlink_(std::move(netlink)), interface_(interface) {}

LoopbackAddresses::~LoopbackAddresses() {
    for (const base::IpAddress& address : added_) {
        // Refused only where somebody else has taken it away, or our privileges: nothing to be
        // done.
        static_cast<void>(remove_address(netlink_, interface_, address));
    }
}

base::Expected<LoopbackAddresses> LoopbackAddresses::add(std::span<const base::IpAddress> service) {
    auto netlink = open_route_netlink();
    if (!netlink) {
        return base::fail(netlink.error().message);
    }
    const unsigned interface = ::if_nametoindex(kInterface);
    if (interface == 0) {
        return base::fail(std::string("this machine has no interface ") + kInterface);
    }
    const auto held = local_addresses();
    if (!held) {
        return base::fail(held.error().message);
    }
    LoopbackAddresses addresses(std::move(*netlink), interface);
    for (const base::IpAddress& address : service) {
        if (std::ranges::find(*held, address) != held->end()) {
            continue;
        }
        if (auto added = addresses.add(address); !added) {
            return base::fail(added.error().message);
        }
    }
    return addresses;
}

base::Expected<void> LoopbackAddresses::add(const base::IpAddress& address) {
    int error = added_.empty() ? bring_up(netlink_, interface_) : 0;
    if (error == 0) {
        error = add_address(netlink_, interface_, address);
    }
    if (error == EEXIST) {
        return {};  // named twice, or somebody else was quicker
    }
    if (error != 0) {
        return base::fail("cannot add " + as_prefix(address) + " to " + kInterface + ": " +
                          std::generic_category().message(error) + advice(error, address));
    }
    added_.push_back(address);
    return {};
}

}  // namespace understudy::socket
