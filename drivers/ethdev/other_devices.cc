// Every kind of device but AF_XDP: one DPDK port, whose arguments are all that differs.

#include "ethdev/device_parts.h"

#include <algorithm>

namespace understudy::ethdev {
namespace {

using base::Expected;
using base::fail;

PortSetup basic_setup(const DeviceOptions& options) {
    PortSetup setup;
    setup.mtu = options.mtu;
    setup.numa_node = options.numa_node;
    return setup;
}

/// Takes `queues` queue pairs, or as many as the device has use for, unless the operator asked for
/// more.
OpenedParts run(Expected<std::unique_ptr<EthPort>> port,
                PortSetup setup,
                const DeviceOptions& options,
                unsigned queues) {
    if (!port) {
        return tl::unexpected(port.error());
    }
    const unsigned most = (*port)->max_queue_pairs();
    if (options.queues > most) {
        return fail("it has at most " + std::to_string(most) +
                    " queues: queues: " + std::to_string(most));
    }
    const bool only_first = setup.hardware && options.queues == 0 && !(*port)->spreads_packets();
    setup.queue_pairs = static_cast<std::uint16_t>(only_first ? 1 : std::min(queues, most));
    auto done = (*port)->configure(setup);
    for (std::uint16_t i = 0; done && i < setup.queue_pairs; ++i) {
        done = (*port)->set_up_queue(i);
    }
    if (done) {
        done = (*port)->start();
    }
    if (!done) {
        return tl::unexpected(done.error());
    }
    auto parts = std::make_unique<Device::Parts>();
    parts->ports.push_back(*std::move(port));
    return parts;
}

}  // namespace

OpenedParts open_device(const port::TapDevice& device,
                        const DeviceOptions& options,
                        unsigned queues) {
    auto port = EthPort::attach_virtual("net_tap", "iface=" + device.interface);
    PortSetup setup = basic_setup(options);
    setup.set_mtu = true;
    if (port) {
        // The driver reports the address of the kernel's end. Ours must differ, or the kernel would
        // not send to it; every frame that it sends reaches us.
        setup.mac = (*port)->mac();
        setup.mac->back() ^= 1U;
    }
    return run(std::move(port), setup, options, queues);
}

OpenedParts open_device(const port::MemifDevice& device,
                        const DeviceOptions& options,
                        unsigned queues) {
    const bool abstract = device.socket.starts_with('@');
    const std::string arguments =
        std::string("role=") + (device.role == port::MemifRole::kServer ? "server" : "client") +
        ",socket=" + (abstract ? device.socket.substr(1) : device.socket) +
        ",socket-abstract=" + (abstract ? "yes" : "no");
    return run(
        EthPort::attach_virtual("net_memif", arguments), basic_setup(options), options, queues);
}

OpenedParts open_device(const port::PcapDevice& device,
                        const DeviceOptions& options,
                        unsigned queues) {
    const std::string arguments =
        "rx_pcap=" + device.input + (device.output.empty() ? "" : ",tx_pcap=" + device.output);
    return run(
        EthPort::attach_virtual("net_pcap", arguments), basic_setup(options), options, queues);
}

OpenedParts open_device(const port::PciDevice& device,
                        const DeviceOptions& options,
                        unsigned queues) {
    PortSetup setup = basic_setup(options);
    setup.set_mtu = true;
    setup.hardware = true;
    setup.addresses = options.addresses;
    setup.vlan = options.vlan;
    return run(EthPort::attach_pci(device.address), setup, options, queues);
}

}  // namespace understudy::ethdev
