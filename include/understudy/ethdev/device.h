#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/ethdev/eal.h>
#include <understudy/port/device_name.h>
#include <understudy/port/packet_port.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace understudy::ethdev {

inline constexpr std::uint16_t kMinMtu = 1280;  // RFC 8200 section 5
inline constexpr std::uint16_t kMaxMtu = 9000;  // what jumbo frames mean in practice
inline constexpr std::uint16_t kMaxVlan = 4094;
inline constexpr unsigned kMaxServiceAddresses = 256;  // of each family

/// The side of those who ask name servers. A solicitation for an IPv6 source is sent to a multicast
/// group that nobody joins here: a card that filters them needs `ip link set IFACE allmulticast
/// on`, unless the server replies to where the query came from.
struct AskingSide {
    base::IpPrefix sources;         // from which queries come
    std::uint16_t server_port = 0;  // REQUIRES: not 0
};

struct DeviceOptions {
    port::DeviceName name;
    std::vector<base::IpPrefix> addresses;  // service addresses; the prefix lengths do not matter
    unsigned queues = 0;       // 0: each RX queue of an AF_XDP interface, else one for each worker
    unsigned workers = 1;      // REQUIRES: at least 1
    std::uint16_t mtu = 1500;  // AF_XDP: the interface keeps its own
    std::uint16_t vlan = 0;    // 802.1Q tag of the service, 0: none
    std::optional<unsigned> numa_node;  // for buffers; absent: the device's, else the first core's
    std::optional<AskingSide> asking = std::nullopt;  // then `addresses` are the servers'
};

/// Whose checksums the device verifies: Packet::ip_checksum and udp_checksum are known then.
struct ChecksumOffloads {
    bool ip = false;
    bool udp = false;
};

/// The cable, as the device sees it.
struct LinkState {
    bool up = false;
    std::uint32_t speed_mbps = 0;  // 0: unknown

    bool operator==(const LinkState&) const = default;
};

/// What the device counted since it was opened. Packets that reached a worker are counted there.
struct DeviceStatistics {
    std::uint64_t missed = 0;     // came while the receive queue was full
    std::uint64_t errors = 0;     // broken on the wire
    std::uint64_t no_buffer = 0;  // no buffer was free
    std::uint64_t segmented = 0;  // longer than a buffer
    std::uint64_t not_sent = 0;   // refused by the device when sending
};

/// A device that DPDK drives, configured and started: one PacketPort for each pair of receive and
/// transmit queue.
///
/// On AF_XDP our XDP program sorts the frames and the kernel gets whatever is not for us. It leaves
/// the interface with the Device, and with the process however that ends.
///
/// Control thread only, except the ports: each belongs to the thread that polls it. The Device must
/// outlive their last call.
class Device {
  public:
    /// How many queue pairs open() will make; what can be known without DPDK is checked here:
    /// privileges, whether the interface exists and is up, whether the queues suffice.
    [[nodiscard]] static base::Expected<unsigned> count_queues(const DeviceOptions& options);

    /// In the calling thread's network namespace. An error is one line that says what to do.
    [[nodiscard]] static base::Expected<std::unique_ptr<Device>> open(const Eal& eal,
                                                                      const DeviceOptions& options);

    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device();

    [[nodiscard]] std::span<port::PacketPort* const> queues() const noexcept { return queues_; }

    /// As in the configuration.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Where peers reach us.
    [[nodiscard]] base::MacAddress mac() const noexcept { return mac_; }

    /// Absent: the machine has one node or the device is near none.
    [[nodiscard]] std::optional<unsigned> numa_node() const noexcept;

    [[nodiscard]] ChecksumOffloads offloads() const noexcept;

    /// Whether the device has a link now; where nobody can tell, it has. Does not wait.
    [[nodiscard]] LinkState link() const;

    /// DPDK's name of its driver: "net_e1000_em".
    [[nodiscard]] std::string driver() const;

    /// What will cost answers though the device runs: one line each, with the command that mends
    /// it.
    [[nodiscard]] const std::vector<std::string>& warnings() const noexcept;

    /// Reads the device; also while workers poll it.
    [[nodiscard]] DeviceStatistics statistics() const;

    /// What one kind of device is made of.
    struct Parts;

  private:
    Device(std::string name, std::unique_ptr<Parts> parts);

    std::string name_;
    std::unique_ptr<Parts> parts_;
    std::vector<port::PacketPort*> queues_;
    base::MacAddress mac_;
};

}  // namespace understudy::ethdev
