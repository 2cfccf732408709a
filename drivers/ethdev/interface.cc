#include "ethdev/interface.h"

#include "ethdev/link_query.h"
#include "ethdev/system_message.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

namespace understudy::ethdev {
namespace {

using base::Expected;
using base::fail;
using base::IpAddress;

/// A request to the kernel about one interface.
class InterfaceRequest {
  public:
    explicit InterfaceRequest(const std::string& name)
        : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
        name.copy(request_.ifr_name, sizeof request_.ifr_name - 1);
    }

    [[nodiscard]] bool send(unsigned long code) {
        return ::ioctl(socket_.get(), code, &request_) == 0;
    }

    /// `command`: one of linux/ethtool.h's structures, filled by the answer.
    template <typename Command>
    [[nodiscard]] bool ethtool(Command& command) {
        request_.ifr_data = reinterpret_cast<char*>(&command);
        return send(SIOCETHTOOL);
    }

    [[nodiscard]] const ifreq& answer() const { return request_; }

  private:
    Descriptor socket_;
    ifreq request_{};
};

void read_driver(Interface& interface) {
    ethtool_drvinfo info{};
    info.cmd = ETHTOOL_GDRVINFO;
    if (InterfaceRequest(interface.name).ethtool(info)) {
        interface.driver.assign(info.driver, strnlen(info.driver, sizeof info.driver));
    }
}

/// Drivers that cannot tell have one queue, or tell in the older way.
void read_queues(Interface& interface) {
    ethtool_channels channels{};
    channels.cmd = ETHTOOL_GCHANNELS;
    if (InterfaceRequest(interface.name).ethtool(channels)) {
        interface.has_combined = channels.max_combined > 0;
        interface.rx_queues = std::max(1U, channels.combined_count + channels.rx_count);
        interface.tx_queues = std::max(1U, channels.combined_count + channels.tx_count);
        return;
    }
    ethtool_rxnfc rings{};
    rings.cmd = ETHTOOL_GRXRINGS;
    if (InterfaceRequest(interface.name).ethtool(rings)) {
        interface.rx_queues = std::max(1U, static_cast<unsigned>(rings.data));
        interface.tx_queues = interface.rx_queues;
    }
}

[[nodiscard]] bool turn_off_checksums(const std::string& name) {
    ethtool_value value{};
    value.cmd = ETHTOOL_STXCSUM;
    return InterfaceRequest(name).ethtool(value);
}

[[nodiscard]] bool turn_off_flag(const std::string& name, std::uint32_t flag) {
    ethtool_value value{};
    value.cmd = ETHTOOL_GFLAGS;
    if (!InterfaceRequest(name).ethtool(value)) {
        return false;
    }
    value.cmd = ETHTOOL_SFLAGS;
    value.data &= ~flag;
    return InterfaceRequest(name).ethtool(value);
}

/// RFC 4291 section 2.7.1 in RFC 2464 section 7's form.
packet_mreq solicited_node_group(const Interface& interface, const IpAddress& address) {
    packet_mreq group{};
    group.mr_ifindex = static_cast<int>(interface.index);
    group.mr_type = PACKET_MR_MULTICAST;
    group.mr_alen = ETH_ALEN;
    const auto last = address.octets().last<3>();
    const std::array<unsigned char, ETH_ALEN> mac = {0x33, 0x33, 0xff, last[0], last[1], last[2]};
    std::ranges::copy(mac, group.mr_address);
    return group;
}

std::optional<IpAddress> address_of(const sockaddr* address) {
    if (address != nullptr && address->sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, address, sizeof v4);
        std::array<std::uint8_t, 4> octets{};
        std::memcpy(octets.data(), &v4.sin_addr, octets.size());
        return IpAddress::v4(octets);
    }
    if (address != nullptr && address->sa_family == AF_INET6) {
        sockaddr_in6 v6{};
        std::memcpy(&v6, address, sizeof v6);
        std::array<std::uint8_t, 16> octets{};
        std::memcpy(octets.data(), &v6.sin6_addr, octets.size());
        return IpAddress::v6(octets);
    }
    return std::nullopt;
}

}  // namespace

Expected<Interface> find_interface(const std::string& name) {
    Interface interface;
    interface.name = name;
    InterfaceRequest request(name);
    if (!request.send(SIOCGIFINDEX)) {
        return fail("there is no interface '" + name + "' in this network namespace: ip link");
    }
    interface.index = static_cast<unsigned>(request.answer().ifr_ifindex);
    if (request.send(SIOCGIFFLAGS)) {
        interface.is_up = (request.answer().ifr_flags & IFF_UP) != 0;
    }
    if (request.send(SIOCGIFMTU)) {
        interface.mtu = static_cast<std::uint16_t>(std::clamp(request.answer().ifr_mtu, 0, 65535));
    }
    read_driver(interface);
    read_queues(interface);
    return interface;
}

LinkState interface_link(const std::string& name) {
    InterfaceRequest request(name);
    if (!request.send(SIOCGIFFLAGS)) {
        return {.up = true, .speed_mbps = 0};
    }
    return {.up = (request.answer().ifr_flags & IFF_RUNNING) != 0, .speed_mbps = 0};
}

std::string set_queues_command(const Interface& interface, unsigned queues) {
    const std::string count = std::to_string(queues);
    const std::string what =
        interface.has_combined ? " combined " + count : " rx " + count + " tx " + count;
    return "ethtool -L " + interface.name + what;
}

std::optional<std::string> finish_frames_at_far_end(const Interface& interface) {
    const LinkPeer peer = find_peer(interface.index);
    std::array<char, IF_NAMESIZE> name{};
    if (peer.is_here && if_indextoname(peer.index, name.data()) != nullptr &&
        turn_off_checksums(name.data()) && turn_off_flag(name.data(), ETH_FLAG_TXVLAN)) {
        return std::nullopt;
    }
    const std::string far_end = name[0] != '\0' ? name.data() : "IFACE";
    return "the far end of veth " + interface.name +
           " may leave checksums to us, and its queries are dropped then; at that end: ethtool "
           "-K " +
           far_end + " tx off txvlan off";
}

std::optional<std::string> keep_vlan_tags(const Interface& interface) {
    if (turn_off_flag(interface.name, ETH_FLAG_RXVLAN)) {
        return std::nullopt;
    }
    return interface.name +
           " may take VLAN tags out of frames, and queries go to the kernel then: " +
           "ethtool -K " + interface.name + " rxvlan off";
}

Expected<Descriptor> join_solicited_node_groups(const Interface& interface,
                                                std::span<const base::IpPrefix> addresses) {
    Descriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));  // 0: receives nothing
    for (const auto& prefix : addresses) {
        if (!prefix.address.is_v6()) {
            continue;
        }
        const auto group = solicited_node_group(interface, prefix.address);
        if (::setsockopt(socket.get(), SOL_PACKET, PACKET_ADD_MEMBERSHIP, &group, sizeof group) !=
            0) {
            return fail("no neighbour solicitations for " + prefix.address.to_string() + ": " +
                        system_message(errno));
        }
    }
    return socket;
}

Expected<std::vector<IpAddress>> local_addresses() {
    ifaddrs* first = nullptr;
    if (getifaddrs(&first) != 0) {
        return fail(std::string("no list of local addresses: ") + system_message(errno));
    }
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(first, freeifaddrs);
    std::vector<IpAddress> addresses;
    for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
        const auto address = address_of(entry->ifa_addr);
        if (address && (entry->ifa_flags & IFF_LOOPBACK) == 0) {
            addresses.push_back(*address);
        }
    }
    return addresses;
}

}  // namespace understudy::ethdev
