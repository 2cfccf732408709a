#include <understudy/port/device_name.h>
#include <algorithm>
#include <array>
#include "control/config_scalars.h"
#include "control/config_sections.h"

namespace understudy::control {
namespace {

constexpr std::uint16_t kDnsPort = 53;
constexpr unsigned kMaxQueues = 1024;     // what DPDK has room for
constexpr std::uint16_t kMinMtu = 576;    // what any IPv4 host takes (RFC 1122 §3.3.3)
constexpr std::uint16_t kMaxMtu = 9216;   // the largest jumbo frames in use
constexpr std::uint16_t kMaxVlan = 4094;  // IEEE 802.1Q

base::Expected<unsigned> parse_queues(std::string_view text) {
    if (text == "auto") {
        return 0U;
    }
    const auto count = parse_number(text, 1, kMaxQueues);
    if (!count) {
        return expected("auto or a number from 1 to " + std::to_string(kMaxQueues), text);
    }
    return static_cast<unsigned>(*count);
}

/// Some host's own address, as one must be that is served.
bool is_unicast(const base::IpAddress& address) noexcept {
    const std::uint8_t first = address.octets()[0];
    if (address.is_v6()) {
        return first != 0xFF && address != base::IpAddress::v6(std::array<std::uint8_t, 16>{});
    }
    return first != 0 && first < 224;
}

base::Expected<base::IpPrefix> parse_service_address(std::string_view text) {
    auto prefix = base::IpPrefix::parse(text);
    if (prefix && !is_unicast(prefix->address)) {
        return expected("the unicast address of a service", text);
    }
    return prefix;
}

/// A frame is read from the file that is named relative to the configuration.
void make_absolute(port::DeviceName& device, const ConfigReading& reading) {
    if (auto* const pcap = std::get_if<port::PcapDevice>(&device)) {
        pcap->input = reading.absolute(pcap->input);
        if (!pcap->output.empty()) {
            pcap->output = reading.absolute(pcap->output);
        }
    }
}

bool serves_tcp(const port::DeviceName& device) noexcept {
    return std::holds_alternative<port::PciDevice>(device) ||
           std::holds_alternative<port::AfXdpDevice>(device);
}

void read_device(const Section& section, PortConfig& port, ConfigReading& reading) {
    const YamlNode* const node = read_key(section, "device", port.device, port::parse_device_name);
    if (node == nullptr) {
        reading.log.fault(section.node(), "expected a device");
        return;
    }
    make_absolute(port.device, reading);
    for (const PortConfig& other : reading.config.ports) {
        if (other.device == port.device) {
            reading.log.fault(*node, "device " + in_quotes(node->text) + " is a port already");
            return;
        }
    }
}

/// `vlan: 7`, or `vlan: 100.7` for a tag of VLAN 7 within one of VLAN 100.
struct Vlans {
    std::uint16_t outer = 0;
    std::uint16_t inner = 0;
};

base::Expected<Vlans> parse_vlans(std::string_view text) {
    const auto vlan = number_parser(std::uint16_t{0}, kMaxVlan);
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) {
        return vlan(text).map([](std::uint16_t inner) { return Vlans{0, inner}; });
    }
    const auto outer = vlan(text.substr(0, dot));
    const auto inner = vlan(text.substr(dot + 1));
    if (!outer || !inner || *outer == 0 || *inner == 0) {
        return expected("a VLAN or OUTER.INNER, each up to " + std::to_string(kMaxVlan), text);
    }
    return Vlans{*outer, *inner};
}

void read_vlans(const Section& section, PortConfig& port, ConfigReading& reading) {
    Vlans vlans;
    const YamlNode* const node = read_key(section, "vlan", vlans, parse_vlans);
    port.vlan = vlans.inner;
    port.outer_vlan = vlans.outer;
    if (node != nullptr && vlans.outer != 0 &&
        std::holds_alternative<port::AfXdpDevice>(port.device)) {
        reading.log.fault(*node,
                          "two tags are not supported on af_xdp: the kernel keeps such frames");
    }
}

base::Expected<std::string> parse_twin(std::string_view text) {
    if (!port::is_interface_name(text)) {
        return expected("the name of an interface", text);
    }
    return std::string(text);
}

bool is_twin(const std::string& name, const ConfigReading& reading) {
    return std::ranges::any_of(reading.config.ports,
                               [&](const PortConfig& port) { return port.twin == name; });
}

/// `dns0` on the first port, `dns1` on the second, unless somebody has chosen that.
std::string default_twin(const ConfigReading& reading) {
    for (std::size_t number = reading.config.ports.size();; ++number) {
        std::string name = "dns" + std::to_string(number);
        if (!is_twin(name, reading)) {
            return name;
        }
    }
}

void read_twin(const Section& section, PortConfig& port, ConfigReading& reading) {
    const bool is_pci = std::holds_alternative<port::PciDevice>(port.device);
    if (is_pci) {
        port.twin = default_twin(reading);
    }
    const YamlNode* const node = section.find("twin");
    if (node == nullptr || node->is_empty()) {
        return;
    }
    if (!is_pci) {
        reading.log.fault(*node, "only a PCI device has a twin: the others share the kernel's");
        return;
    }
    read_key(section, "twin", port.twin, parse_twin);
    if (is_twin(port.twin, reading)) {
        reading.log.fault(*node, in_quotes(port.twin) + " is another port's twin already");
    }
}

void read_port(const YamlNode& node, ConfigReading& reading) {
    static constexpr std::array<std::string_view, 6> kKeys{
        "device", "addresses", "queues", "twin", "mtu", "vlan"};
    const Section section(node, kKeys, reading.log);
    PortConfig port;
    read_device(section, port, reading);
    const YamlNode* const addresses = section.find("addresses");
    if (addresses != nullptr) {
        read_list(*addresses, reading.log, port.addresses, parse_service_address);
    }
    if (addresses == nullptr || addresses->is_empty()) {
        reading.log.fault(node, "expected at least one service address in 'addresses'");
    }
    read_key(section, "queues", port.queues, parse_queues);
    read_key(section, "mtu", port.mtu, number_parser(kMinMtu, kMaxMtu));
    read_vlans(section, port, reading);
    read_twin(section, port, reading);
    reading.config.ports.push_back(std::move(port));
}

}  // namespace

void read_ports(const YamlNode& node, ConfigReading& reading) {
    for_each_map(node, reading.log, [&](const YamlNode& item) {
        read_port(item, reading);
        const PortConfig& port = reading.config.ports.back();
        if (!serves_tcp(port.device) && reading.config.listen.empty()) {
            reading.log.warning(item,
                                "port " + in_quotes(port::to_string(port.device)) +
                                    " serves UDP only, and without 'listen' nothing serves TCP");
        }
    });
}

void read_listen(const YamlNode& node, ConfigReading& reading) {
    read_list(node, reading.log, reading.config.listen, [](std::string_view text) {
        return base::Endpoint::parse(text, kDnsPort);
    });
}

}  // namespace understudy::control
