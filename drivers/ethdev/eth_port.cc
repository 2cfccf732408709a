#include "ethdev/eth_port.h"

#include "ethdev/huge_pages.h"
#include "ethdev/library_log.h"

#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>

#include <algorithm>
#include <atomic>
#include <string_view>

namespace understudy::ethdev {
namespace {

using base::Expected;
using base::fail;

constexpr const char* kVirtualBus = "vdev";

/// Spreads queries by addresses and ports; fragments and the rest by addresses.
constexpr std::uint64_t kSpread = RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP |
                                  RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6;

constexpr std::uint64_t kReceiveChecksums =
    RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM;

/// A name that no other port of the process has had: DPDK forgets them late.
std::string unique_name(const std::string& driver) {
    static std::atomic<unsigned> count{0};
    return driver + std::to_string(count.fetch_add(1));
}

Expected<void> failed(const std::string& what, int result, LibraryLog& log) {
    return fail(what + ": " + log.first_line(rte_strerror(-result)));
}

rte_eth_dev_info info_of(std::uint16_t port) {
    rte_eth_dev_info info{};
    (void)rte_eth_dev_info_get(port, &info);  // cannot fail for an attached port
    return info;
}

bool is_virtio(const rte_eth_dev_info& info) {
    return std::string_view(info.driver_name) == "net_virtio";
}

/// Whether packets come to all of the device's receive queues; of virtio the host deals them out.
bool spreads(const rte_eth_dev_info& info) {
    return (info.flow_type_rss_offloads & kSpread) != 0 || is_virtio(info);
}

rte_eth_conf configuration(const PortSetup& setup, const rte_eth_dev_info& info) {
    rte_eth_conf conf{};
    if (setup.set_mtu) {
        conf.rxmode.mtu = setup.mtu;
    }
    if (setup.queue_pairs > 1 && (info.flow_type_rss_offloads & kSpread) != 0) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        conf.rx_adv_conf.rss_conf.rss_hf = info.flow_type_rss_offloads & kSpread;
    }
    // A host vouches for packets that never were on a wire and leaves their checksums out, which
    // the kernel's twin would have to refuse: asked for nothing, it fills them in.
    if (setup.hardware && !is_virtio(info)) {
        conf.rxmode.offloads = info.rx_offload_capa & kReceiveChecksums;
    }
    // Cards let all tags in unless asked not to; virtio lets in what it is told to, and none else.
    if (setup.vlan != 0 && is_virtio(info)) {
        conf.rxmode.offloads |= info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
    }
    // A queue sends buffers of its own pool only, each with one owner: what this offload asks for.
    conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
    return conf;
}

}  // namespace

Expected<std::unique_ptr<EthPort>> EthPort::attach_virtual(const std::string& driver,
                                                           const std::string& arguments) {
    const std::string name = unique_name(driver);
    LibraryLog log;
    if (const int result = rte_eal_hotplug_add(kVirtualBus, name.c_str(), arguments.c_str());
        result < 0) {
        return fail(log.first_line(rte_strerror(-result)));
    }
    std::uint16_t id = 0;
    if (const int result = rte_eth_dev_get_port_by_name(name.c_str(), &id); result < 0) {
        (void)rte_eal_hotplug_remove(kVirtualBus, name.c_str());
        return fail(log.first_line(rte_strerror(-result)));
    }
    return std::unique_ptr<EthPort>(new EthPort(id, name));
}

Expected<std::unique_ptr<EthPort>> EthPort::attach_pci(const std::string& address) {
    std::uint16_t id = 0;
    if (rte_eth_dev_get_port_by_name(address.c_str(), &id) < 0) {
        return fail("DPDK cannot drive this card");
    }
    return std::unique_ptr<EthPort>(new EthPort(id, {}));
}

EthPort::~EthPort() {
    const LibraryLog silence;
    (void)rte_eth_dev_stop(id_);
    (void)rte_eth_dev_close(id_);
    if (!virtual_name_.empty()) {
        (void)rte_eal_hotplug_remove(kVirtualBus, virtual_name_.c_str());
    }
}

Expected<void> EthPort::configure(const PortSetup& setup) {
    setup_ = setup;
    const auto info = info_of(id_);
    if (setup.set_mtu && info.max_mtu != 0 && setup.mtu > info.max_mtu) {
        return fail("it takes no MTU of " + std::to_string(setup.mtu) +
                    ": mtu: " + std::to_string(info.max_mtu));
    }
    if (setup.hardware && setup.queue_pairs > 1 && !spreads(info)) {
        warnings_.push_back("it cannot spread queries over its queues: queues: 1");
    }
    const auto conf = configuration(setup, info);
    LibraryLog log;
    int result = rte_eth_dev_configure(id_, setup.queue_pairs, setup.queue_pairs, &conf);
    if (result < 0) {
        return failed("it cannot be configured", result, log);
    }
    if (setup.set_mtu) {
        result = rte_eth_dev_set_mtu(id_, setup.mtu);
        if (result < 0 && result != -ENOTSUP) {
            return failed("it takes no MTU of " + std::to_string(setup.mtu), result, log);
        }
    }
    result = rte_eth_dev_adjust_nb_rx_tx_desc(id_, &setup_.descriptors, &setup_.descriptors);
    if (result < 0) {
        return failed("it has no queues of a usable size", result, log);
    }
    offloads_.ip = (conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0;
    filters_vlans_ = (conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_VLAN_FILTER) != 0;
    offloads_.udp = (conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_UDP_CKSUM) != 0;
    return {};
}

/// On the wanted node; where that has no memory for it, on another with a warning.
Expected<BufferPool> EthPort::make_pool(std::uint16_t index) {
    const std::string name = "buffers-" + std::to_string(id_) + "-" + std::to_string(index);
    const auto node = setup_.numa_node ? setup_.numa_node : numa_node();
    if (!node) {
        return make_buffer_pool(name, setup_.mtu, SOCKET_ID_ANY);
    }
    auto pool = make_buffer_pool(name, setup_.mtu, static_cast<int>(*node));
    if (pool) {
        return pool;
    }
    auto elsewhere = make_buffer_pool(name, setup_.mtu, SOCKET_ID_ANY);
    if (elsewhere) {
        warnings_.push_back("the buffers of queue " + std::to_string(index) +
                            " are not on the card's NUMA node: " + reserve_command_on(*node));
    }
    return elsewhere;
}

Expected<void> EthPort::set_up_queue(std::uint16_t index) {
    auto pool = make_pool(index);
    if (!pool) {
        return tl::unexpected(pool.error());
    }
    rte_mempool* buffers = pools_.emplace_back(*std::move(pool)).get();
    const auto socket = static_cast<unsigned>(buffers->socket_id);
    const std::string queue = "queue " + std::to_string(index) + " cannot be opened";
    LibraryLog log;
    int result = rte_eth_rx_queue_setup(id_, index, setup_.descriptors, socket, nullptr, buffers);
    if (result == 0) {
        result = rte_eth_tx_queue_setup(id_, index, setup_.descriptors, socket, nullptr);
    }
    if (result < 0) {
        return failed(queue, result, log);
    }
    queues_.push_back(std::make_unique<Queue>(id_, index, mac(), buffers));
    return {};
}

Expected<void> EthPort::start() {
    LibraryLog log;
    if (const int result = rte_eth_dev_start(id_); result < 0) {
        return failed("it cannot be started", result, log);
    }
    if (setup_.hardware) {
        (void)rte_eth_promiscuous_disable(id_);  // some come up with it; none fails to end it
        let_multicast_in();
        let_vlan_in();
    }
    return {};
}

void EthPort::let_vlan_in() {
    const LibraryLog silence;
    if (filters_vlans_ && rte_eth_dev_vlan_filter(id_, setup_.vlan, 1) != 0) {
        warnings_.push_back("it lets no frames of VLAN " + std::to_string(setup_.vlan) + " in");
    }
}

/// All of it, for the kernel's twin wants its routing protocols; where the card has no such mode,
/// the neighbour solicitations of the service addresses.
void EthPort::let_multicast_in() {
    const LibraryLog silence;
    if (rte_eth_allmulticast_enable(id_) == 0) {
        return;
    }
    std::vector<rte_ether_addr> groups;
    for (const auto& prefix : setup_.addresses) {
        if (prefix.address.is_v6()) {
            const auto octets = prefix.address.octets();
            groups.push_back({{0x33, 0x33, 0xFF, octets[13], octets[14], octets[15]}});
        }
    }
    if (!groups.empty() &&
        rte_eth_dev_set_mc_addr_list(
            id_, groups.data(), static_cast<std::uint32_t>(groups.size())) != 0) {
        warnings_.emplace_back(
            "it lets no multicast in: neighbours will not find the IPv6 service addresses unless "
            "they have them as static entries");
    }
}

LinkState EthPort::link() const {
    rte_eth_link link{};
    (void)rte_eth_link_get_nowait(id_, &link);
    return {.up = link.link_status == RTE_ETH_LINK_UP,
            .speed_mbps = link.link_speed == RTE_ETH_SPEED_NUM_UNKNOWN ? 0 : link.link_speed};
}

std::string EthPort::driver() const { return info_of(id_).driver_name; }

bool EthPort::spreads_packets() const { return spreads(info_of(id_)); }

std::uint16_t EthPort::max_queue_pairs() const {
    const auto info = info_of(id_);
    return std::min(info.max_rx_queues, info.max_tx_queues);
}

base::MacAddress EthPort::mac() const {
    if (setup_.mac) {
        return *setup_.mac;
    }
    rte_ether_addr address{};
    (void)rte_eth_macaddr_get(id_, &address);  // cannot fail for an attached port
    base::MacAddress mac{};
    std::ranges::copy(address.addr_bytes, mac.begin());
    return mac;
}

std::optional<unsigned> EthPort::numa_node() const {
    const int node = rte_eth_dev_socket_id(id_);
    return node < 0 ? std::nullopt : std::optional(static_cast<unsigned>(node));
}

void EthPort::add_to(DeviceStatistics& statistics) const {
    rte_eth_stats counted{};
    if (rte_eth_stats_get(id_, &counted) == 0) {
        statistics.missed += counted.imissed;
        statistics.errors += counted.ierrors;
        statistics.no_buffer += counted.rx_nombuf;
    }
    for (const auto& queue : queues_) {
        statistics.segmented += queue->segmented();
        statistics.not_sent += queue->not_sent();
    }
}

}  // namespace understudy::ethdev
