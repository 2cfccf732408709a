#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/ethdev/device.h>

#include "ethdev/descriptor.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace understudy::ethdev {

/// What the kernel says of one of its interfaces. All functions here speak of the calling thread's
/// network namespace.
struct Interface {
    std::string name;
    unsigned index = 0;
    bool is_up = false;
    std::uint16_t mtu = 0;
    std::string driver;         // "veth", "ixgbe"; empty: it does not say
    unsigned rx_queues = 1;     // in use
    unsigned tx_queues = 1;     // in use
    bool has_combined = false;  // queues come in pairs, as `ethtool -L … combined` counts them

    [[nodiscard]] bool is_veth() const { return driver == "veth"; }
};

[[nodiscard]] base::Expected<Interface> find_interface(const std::string& name);

/// Whether the interface has a link now; where the kernel does not tell, it has.
[[nodiscard]] LinkState interface_link(const std::string& name);

/// The `ethtool` line after which the interface has so many queue pairs.
[[nodiscard]] std::string set_queues_command(const Interface& interface, unsigned queues);

/// Has the far end of a veth compute the checksums and write the VLAN tags that it otherwise leaves
/// to a network card that is not there. Returns a warning if that end cannot be reached.
[[nodiscard]] std::optional<std::string> finish_frames_at_far_end(const Interface& interface);

/// Has the card leave VLAN tags in the frames, where the XDP program looks for them. Returns a
/// warning if it cannot.
[[nodiscard]] std::optional<std::string> keep_vlan_tags(const Interface& interface);

/// Has the card accept neighbour solicitations for IPv6 addresses that no local interface holds, as
/// long as the descriptor lives.
[[nodiscard]] base::Expected<Descriptor> join_solicited_node_groups(
    const Interface& interface, std::span<const base::IpPrefix> addresses);

/// The addresses of all local interfaces. Those of loopback interfaces do not count: the kernel
/// answers no neighbour solicitation for them.
[[nodiscard]] base::Expected<std::vector<base::IpAddress>> local_addresses();

}  // namespace understudy::ethdev
