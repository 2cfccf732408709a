#include "ethdev/device_parts.h"

#include "ethdev/af_xdp_sockets.h"
#include "ethdev/interface.h"
#include "ethdev/xdp/service_filter.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <thread>

namespace understudy::ethdev {
namespace {

using base::Expected;
using base::fail;

/// The kernel's default for AF_XDP rings: a burst of 2,048 frames may wait while a worker sleeps.
constexpr std::uint16_t kDescriptors = 2048;

/// The kernel gives a queue free a moment after the socket that had it is closed: a daemon that is
/// restarted meets its own predecessor.
constexpr int kAttempts = 50;
constexpr std::chrono::milliseconds kBetweenAttempts{20};

/// With a budget, the driver asks the kernel to work on the queue whenever a poll finds it empty:
/// one system call that never waits. Without, it asks only when the kernel wants it, but then waits
/// up to a second, and a worker must not. veth never wants it, so there a poll costs no system
/// call.
constexpr const char* kBusyPollBudget = "64";
constexpr const char* kNoBusyPoll = "0";

std::string arguments(const Interface& interface,
                      const XdpFilter& filter,
                      unsigned first_queue,
                      unsigned queues) {
    return "iface=" + interface.name + ",start_queue=" + std::to_string(first_queue) +
           ",queue_count=" + std::to_string(queues) +
           ",busy_budget=" + (interface.is_veth() ? kNoBusyPoll : kBusyPollBudget) +
           ",xdp_prog=" + filter.object_file();
}

/// Opens the queue's socket and makes it known to the program.
Expected<DriverSocket> open_queue(EthPort& port,
                                  XdpFilter& filter,
                                  std::uint16_t index,
                                  unsigned queue) {
    const AfXdpSockets before;
    if (const auto opened = port.set_up_queue(index); !opened) {
        return tl::unexpected(opened.error());
    }
    auto socket = before.added_since();
    if (!socket) {
        return fail("the driver opened no socket for queue " + std::to_string(queue));
    }
    if (const auto added = filter.add_socket(queue, socket->fd()); !added) {
        return tl::unexpected(added.error());
    }
    return *std::move(socket);
}

/// Adds one DPDK device for `setup.queue_pairs` RX queues from `first_queue` on.
Expected<void> open_port(Device::Parts& parts,
                         const Interface& interface,
                         const PortSetup& setup,
                         unsigned first_queue) {
    std::vector<DriverSocket> sockets;
    auto port = EthPort::attach_virtual(
        "net_af_xdp", arguments(interface, *parts.filter, first_queue, setup.queue_pairs));
    if (!port) {
        return tl::unexpected(port.error());
    }
    auto done = (*port)->configure(setup);
    for (std::uint16_t i = 0; done && i < setup.queue_pairs; ++i) {
        auto socket = open_queue(**port, *parts.filter, i, first_queue + i);
        if (!socket) {
            return tl::unexpected(socket.error());
        }
        sockets.push_back(*std::move(socket));
    }
    if (done) {
        done = parts.filter->remove_copy();
    }
    if (done) {
        done = (*port)->start();
    }
    if (done) {
        parts.ports.push_back(*std::move(port));
        std::ranges::move(sockets, std::back_inserter(parts.sockets));
    }
    return done;
}

Expected<void> open_port_patiently(Device::Parts& parts,
                                   const Interface& interface,
                                   const PortSetup& setup,
                                   unsigned first_queue) {
    auto done = open_port(parts, interface, setup, first_queue);
    for (int attempt = 1; !done && attempt < kAttempts; ++attempt) {
        std::this_thread::sleep_for(kBetweenAttempts);
        done = open_port(parts, interface, setup, first_queue);
    }
    return done;
}

/// The driver believes only queues that come in pairs; elsewhere it takes one for each device.
Expected<void> open_ports(Device::Parts& parts,
                          const Interface& interface,
                          PortSetup setup,
                          unsigned queues) {
    setup.queue_pairs = static_cast<std::uint16_t>(interface.has_combined ? queues : 1);
    for (unsigned first = 0; first < queues; first += setup.queue_pairs) {
        const auto opened = open_port_patiently(parts, interface, setup, first);
        if (!opened) {
            return opened;
        }
    }
    return parts.filter->attach();
}

void add_warning(std::vector<std::string>& warnings, std::optional<std::string> warning) {
    if (warning) {
        warnings.push_back(*std::move(warning));
    }
}

void prepare_interface(Device::Parts& parts, const Interface& interface, std::uint16_t vlan) {
    if (interface.is_veth()) {
        add_warning(parts.warnings, finish_frames_at_far_end(interface));
    } else if (vlan != 0) {
        add_warning(parts.warnings, keep_vlan_tags(interface));
    }
}

}  // namespace

Expected<unsigned> count_af_xdp_queues(const port::AfXdpDevice& device, unsigned wanted) {
    const auto interface = find_interface(device.interface);
    if (!interface) {
        return tl::unexpected(interface.error());
    }
    if (!interface->is_up) {
        return fail("the interface is down: ip link set " + interface->name + " up");
    }
    const unsigned present = interface->rx_queues;
    const std::string has = "the interface has " + std::to_string(present) + " RX queues";
    if (wanted != 0 && wanted != present) {
        return fail(has +
                    (wanted < present ? ", and queries on those that are not polled get lost: "
                                      : ", not " + std::to_string(wanted) + ": ") +
                    set_queues_command(*interface, wanted));
    }
    if (interface->tx_queues < present) {
        return fail(has + " but fewer to send: " + set_queues_command(*interface, present));
    }
    if (present > UNDERSTUDY_MAX_RX_QUEUES) {
        return fail(has + ", more than we poll: " +
                    set_queues_command(*interface, UNDERSTUDY_MAX_RX_QUEUES));
    }
    return present;
}

OpenedParts open_device(const port::AfXdpDevice& device,
                        const DeviceOptions& options,
                        unsigned queues) {
    const auto interface = find_interface(device.interface);
    if (!interface) {
        return tl::unexpected(interface.error());
    }
    auto parts = std::make_unique<Device::Parts>();
    parts->interface = interface->name;
    prepare_interface(*parts, *interface, options.vlan);
    auto filter = XdpFilter::load(*interface, options.addresses, options.vlan, options.asking);
    if (!filter) {
        return tl::unexpected(filter.error());
    }
    parts->filter = *std::move(filter);
    if (!options.asking) {
        auto groups = join_solicited_node_groups(*interface, options.addresses);
        if (!groups) {
            return tl::unexpected(groups.error());
        }
        parts->multicast_groups = *std::move(groups);
    }
    PortSetup setup;
    setup.mtu = std::clamp(interface->mtu, options.mtu, kMaxMtu);
    setup.descriptors = kDescriptors;
    setup.numa_node = options.numa_node;
    const auto opened = open_ports(*parts, *interface, setup, queues);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    return parts;
}

}  // namespace understudy::ethdev
