#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/socket/descriptor.h>

namespace understudy::socket {

/// A NETLINK_ROUTE socket (rtnetlink(7)).
[[nodiscard]] base::Expected<Descriptor> open_route_netlink();

// Each sends one request and waits for the kernel's word on it: 0 or an errno.

/// Adds `address` alone (/32, /128) to an interface, usable at once. EEXIST if it has it already.
[[nodiscard]] int add_address(const Descriptor& netlink,
                              unsigned interface,
                              const base::IpAddress& address) noexcept;

[[nodiscard]] int remove_address(const Descriptor& netlink,
                                 unsigned interface,
                                 const base::IpAddress& address) noexcept;

[[nodiscard]] int bring_up(const Descriptor& netlink, unsigned interface) noexcept;

}  // namespace understudy::socket
