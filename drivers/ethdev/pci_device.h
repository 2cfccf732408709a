#pragma once

#include <understudy/base/expected.h>

#include <string>

namespace understudy::ethdev {

/// Where the kernel lists the machine's PCI devices.
inline constexpr const char* kPciFolder = "/sys/bus/pci/devices";

/// Whether DPDK may take the network card at `address` (with its domain): it is there, and bound to
/// a driver that hands it over (vfio-pci and its like) or that shares it (mlx5_core and its like:
/// bifurcated drivers, which stay). Else an error that says what to do.
[[nodiscard]] base::Expected<void> check_pci_device(const std::string& address,
                                                    const std::string& folder = kPciFolder);

}  // namespace understudy::ethdev
