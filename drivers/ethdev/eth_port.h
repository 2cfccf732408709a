#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/ethdev/device.h>

#include "ethdev/buffers.h"
#include "ethdev/queue.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace understudy::ethdev {

/// How a DPDK port is to be set up.
struct PortSetup {
    std::uint16_t queue_pairs = 1;
    std::uint16_t mtu = 1500;               // for the size of buffers
    bool set_mtu = false;                   // the device's own MTU follows
    bool hardware = false;                  // has a filter for addresses and may verify checksums
    std::uint16_t vlan = 0;                 // hardware: the service's 802.1Q tag, 0: none
    std::vector<base::IpPrefix> addresses;  // hardware: whose neighbour solicitations it lets in
    std::uint16_t descriptors = 1024;       // of each queue; the driver may round
    std::optional<unsigned> numa_node;
    std::optional<base::MacAddress> mac;  // under which the port answers; absent: the device's
};

/// A DPDK port and its queues, from its attachment to its removal.
///
/// Call in this order: attach, configure, set_up_queue for each, start. Control thread only.
class EthPort {
  public:
    /// A device in software: `driver` and arguments as DPDK's --vdev takes them.
    [[nodiscard]] static base::Expected<std::unique_ptr<EthPort>> attach_virtual(
        const std::string& driver, const std::string& arguments);

    /// A card that the Eal was started with.
    [[nodiscard]] static base::Expected<std::unique_ptr<EthPort>> attach_pci(
        const std::string& address);

    EthPort(const EthPort&) = delete;
    EthPort& operator=(const EthPort&) = delete;
    ~EthPort();

    [[nodiscard]] base::Expected<void> configure(const PortSetup& setup);
    [[nodiscard]] base::Expected<void> set_up_queue(std::uint16_t index);
    [[nodiscard]] base::Expected<void> start();

    [[nodiscard]] std::uint16_t max_queue_pairs() const;
    /// Whether more than the first receive queue would get packets.
    [[nodiscard]] bool spreads_packets() const;
    [[nodiscard]] base::MacAddress mac() const;
    [[nodiscard]] std::optional<unsigned> numa_node() const;
    [[nodiscard]] ChecksumOffloads offloads() const noexcept { return offloads_; }
    [[nodiscard]] const std::vector<std::unique_ptr<Queue>>& queues() const { return queues_; }

    /// Reads the device without waiting for it.
    [[nodiscard]] LinkState link() const;

    /// DPDK's name of the driver: "net_e1000_em".
    [[nodiscard]] std::string driver() const;

    /// What costs answers though the port runs.
    [[nodiscard]] const std::vector<std::string>& warnings() const noexcept { return warnings_; }

    void add_to(DeviceStatistics& statistics) const;

  private:
    EthPort(std::uint16_t id, std::string virtual_name)
        : id_(id), virtual_name_(std::move(virtual_name)) {}

    void let_multicast_in();
    void let_vlan_in();
    [[nodiscard]] base::Expected<BufferPool> make_pool(std::uint16_t index);

    std::uint16_t id_;
    std::string virtual_name_;  // empty: PCI
    PortSetup setup_;
    ChecksumOffloads offloads_;
    bool filters_vlans_ = false;
    std::vector<BufferPool> pools_;
    std::vector<std::unique_ptr<Queue>> queues_;
    std::vector<std::string> warnings_;
};

}  // namespace understudy::ethdev
