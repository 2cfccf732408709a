#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/socket/descriptor.h>

namespace understudy::socket {

/// A non-blocking UDP socket bound to `endpoint`, which other threads' sockets may share; options
/// as udp_port.h promises them.
[[nodiscard]] base::Expected<Descriptor> open_udp_socket(const base::Endpoint& endpoint);

/// A non-blocking TCP socket listening on `endpoint`, alone.
[[nodiscard]] base::Expected<Descriptor> open_tcp_listener(const base::Endpoint& endpoint);

/// Where a socket is bound: names the port that the kernel chose for port 0.
[[nodiscard]] base::Endpoint bound_endpoint(const Descriptor& socket) noexcept;

/// 0.0.0.0 or ::.
[[nodiscard]] bool is_wildcard(const base::IpAddress& address) noexcept;

}  // namespace understudy::socket
