#include "ethdev/pci_device.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace understudy::ethdev {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAddress = "0000:3b:00.0";

/// A folder such as the kernel's, with one device.
class PciFolder {
  public:
    explicit PciFolder(const std::string& kind, const std::string& driver) {
        fs::create_directories(path_ / kAddress);
        std::ofstream(path_ / kAddress / "class") << kind << "\n";
        if (!driver.empty()) {
            fs::create_directory_symlink("../../../bus/pci/drivers/" + driver,
                                         path_ / kAddress / "driver");
        }
    }
    PciFolder(const PciFolder&) = delete;
    PciFolder& operator=(const PciFolder&) = delete;
    ~PciFolder() { fs::remove_all(path_); }

    /// Empty: DPDK may take the card.
    [[nodiscard]] std::string complaint(const std::string& address = kAddress) const {
        const auto usable = check_pci_device(address, path_.string());
        return usable ? "" : usable.error().message;
    }

  private:
    fs::path path_ = fs::temp_directory_path() / ("pci-device-" + std::to_string(getpid()));
};

std::string complaint(const std::string& kind, const std::string& driver) {
    return PciFolder(kind, driver).complaint();
}

TEST(PciDevice, IsUsableWithADriverThatHandsItOverOrSharesIt) {
    for (const auto* driver : {"vfio-pci", "uio_pci_generic", "igb_uio", "mlx5_core"}) {
        EXPECT_EQ(complaint("0x020000", driver), "") << driver;
    }
}

TEST(PciDevice, MustBeTakenFromTheKernel) {
    EXPECT_EQ(complaint("0x020000", "ixgbe"),
              "the kernel's driver 'ixgbe' has this card: scripts/nic bind 0000:3b:00.0");
    EXPECT_EQ(complaint("0x020000", ""), "no driver has this card: scripts/nic bind 0000:3b:00.0");
}

TEST(PciDevice, MustBeThereAndANetworkCard) {
    EXPECT_EQ(PciFolder("0x020000", "vfio-pci").complaint("0000:3b:00.1"),
              "this machine has no such PCI device: scripts/nic status lists its cards");
    EXPECT_EQ(complaint("0x010802", "vfio-pci"),
              "this PCI device is no network card: scripts/nic status lists the cards");
}

}  // namespace
}  // namespace understudy::ethdev
