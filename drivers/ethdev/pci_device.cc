#include "ethdev/pci_device.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace understudy::ethdev {
namespace {

using base::fail;

/// Hand a device over to a process.
constexpr std::array<std::string_view, 3> kUserSpaceDrivers{
    "vfio-pci", "uio_pci_generic", "igb_uio"};

/// Stay in charge of the card and let a process have queues of it.
constexpr std::array<std::string_view, 3> kBifurcatedDrivers{"mlx5_core", "mlx4_core", "mana"};

/// PCI base class "network controller", as sysfs writes a class: 0x020000 is Ethernet.
constexpr std::string_view kNetworkClass = "0x02";

template <std::size_t kCount>
bool is_one_of(const std::array<std::string_view, kCount>& names, const std::string& name) {
    return std::ranges::find(names, name) != names.end();
}

/// Empty: none has it.
std::string driver_of(const std::filesystem::path& device) {
    std::error_code error;
    return std::filesystem::read_symlink(device / "driver", error).filename().string();
}

}  // namespace

base::Expected<void> check_pci_device(const std::string& address, const std::string& folder) {
    const std::filesystem::path device = std::filesystem::path(folder) / address;
    std::error_code error;
    if (!std::filesystem::exists(device, error)) {
        return fail("this machine has no such PCI device: scripts/nic status lists its cards");
    }
    std::string kind;
    std::ifstream(device / "class") >> kind;
    if (!kind.starts_with(kNetworkClass)) {
        return fail("this PCI device is no network card: scripts/nic status lists the cards");
    }
    const std::string driver = driver_of(device);
    if (is_one_of(kUserSpaceDrivers, driver) || is_one_of(kBifurcatedDrivers, driver)) {
        return {};
    }
    return fail((driver.empty() ? "no driver has this card"
                                : "the kernel's driver '" + driver + "' has this card") +
                ": scripts/nic bind " + address);
}

}  // namespace understudy::ethdev
