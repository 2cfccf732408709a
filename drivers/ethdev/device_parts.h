#pragma once

#include <understudy/base/expected.h>
#include <understudy/ethdev/device.h>

#include "ethdev/af_xdp_sockets.h"
#include "ethdev/descriptor.h"
#include "ethdev/eth_port.h"
#include "ethdev/xdp_filter.h"

#include <memory>
#include <string>
#include <vector>

namespace understudy::ethdev {

/// What a device is made of. Members go in reverse order: first the XDP program leaves the
/// interface, then the ports close that it feeds, at last what the driver left of their sockets.
struct Device::Parts {
    std::vector<DriverSocket> sockets;  // AF_XDP
    std::vector<std::unique_ptr<EthPort>> ports;
    Descriptor multicast_groups;        // AF_XDP
    std::unique_ptr<XdpFilter> filter;  // AF_XDP
    std::string interface;              // AF_XDP: whose link it is
    std::vector<std::string> warnings;
};

using OpenedParts = base::Expected<std::unique_ptr<Device::Parts>>;

// Each opens its kind of device with `queues` queue pairs. The errors do not name the device.

[[nodiscard]] OpenedParts open_device(const port::AfXdpDevice& device,
                                      const DeviceOptions& options,
                                      unsigned queues);
[[nodiscard]] OpenedParts open_device(const port::TapDevice& device,
                                      const DeviceOptions& options,
                                      unsigned queues);
[[nodiscard]] OpenedParts open_device(const port::MemifDevice& device,
                                      const DeviceOptions& options,
                                      unsigned queues);
[[nodiscard]] OpenedParts open_device(const port::PcapDevice& device,
                                      const DeviceOptions& options,
                                      unsigned queues);
[[nodiscard]] OpenedParts open_device(const port::PciDevice& device,
                                      const DeviceOptions& options,
                                      unsigned queues);

/// How many queue pairs an AF_XDP device has: every RX queue of its interface is polled.
[[nodiscard]] base::Expected<unsigned> count_af_xdp_queues(const port::AfXdpDevice& device,
                                                           unsigned wanted);

}  // namespace understudy::ethdev
