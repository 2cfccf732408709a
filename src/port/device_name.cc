#include <understudy/port/device_name.h>

#include <algorithm>
#include <cctype>
#include <optional>

namespace understudy::port {
namespace {

using base::Expected;
using base::fail;

constexpr std::string_view kForms =
    "a PCI address, af_xdp:IFACE, tap:IFACE, memif:SOCKET[,server|client] or pcap:IN[,OUT]";

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

bool is_hex_digit(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

/// Printable ASCII: everything else is a slip of the keyboard or would break a log line.
bool is_graphic(char c) { return c > ' ' && c < '\x7f'; }

/// What stands behind `prefix`, if `text` begins with it.
std::optional<std::string_view> after(std::string_view text, std::string_view prefix) {
    if (!text.starts_with(prefix)) {
        return std::nullopt;
    }
    return text.substr(prefix.size());
}

/// `3b:00.0`: bus, device (0 to 1f) and function (0 to 7).
bool is_bus_address(std::string_view text) {
    constexpr std::string_view kShape = "xx:xx.x";
    if (text.size() != kShape.size()) {
        return false;
    }
    for (std::size_t i = 0; i < kShape.size(); ++i) {
        if (kShape[i] == 'x' ? !is_hex_digit(text[i]) : text[i] != kShape[i]) {
            return false;
        }
    }
    return text[3] <= '1' && text[6] <= '7';
}

bool is_pci_domain(std::string_view text) {
    return text.size() == 4 && std::ranges::all_of(text, is_hex_digit);
}

std::optional<PciDevice> parse_pci(std::string_view text) {
    constexpr std::size_t kDomainOctets = 5;  // with its colon
    std::string address(text);
    if (is_bus_address(text)) {
        address.insert(0, "0000:");
    } else if (text.size() <= kDomainOctets || !is_pci_domain(text.substr(0, kDomainOctets - 1)) ||
               text[kDomainOctets - 1] != ':' || !is_bus_address(text.substr(kDomainOctets))) {
        return std::nullopt;
    }
    std::ranges::transform(address, address.begin(), [](unsigned char c) {
        return static_cast<char>(std::tolower(c));
    });
    return PciDevice{std::move(address)};
}

template <typename Device>
Expected<DeviceName> parse_interface(std::string_view text, std::string_view interface) {
    if (!is_interface_name(interface)) {
        return fail(quoted(text) + " names no interface: 1 to " +
                    std::to_string(kMaxInterfaceNameOctets) +
                    " characters without '/', ':', ',', '%' and spaces");
    }
    return DeviceName(Device{std::string(interface)});
}

Expected<DeviceName> parse_memif(std::string_view text, std::string_view rest) {
    const auto comma = rest.find(',');
    const auto socket = rest.substr(0, comma);
    const bool rooted = socket.starts_with('/') || socket.starts_with('@');
    if (!rooted || socket.size() < 2 || socket.size() > kMaxSocketPathOctets ||
        !std::ranges::all_of(socket, is_graphic)) {
        return fail(quoted(text) + " names no socket: an absolute path or @NAME of at most " +
                    std::to_string(kMaxSocketPathOctets) + " characters without spaces");
    }
    MemifDevice device{std::string(socket), MemifRole::kServer};
    if (comma != std::string_view::npos) {
        const auto role = rest.substr(comma + 1);
        if (role == "client") {
            device.role = MemifRole::kClient;
        } else if (role != "server") {
            return fail(quoted(text) + " has a role that is neither server nor client");
        }
    }
    return DeviceName(std::move(device));
}

bool is_file_name(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_graphic);
}

Expected<DeviceName> parse_pcap(std::string_view text, std::string_view rest) {
    const auto comma = rest.find(',');
    const auto input = rest.substr(0, comma);
    const auto output =
        comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    const bool has_output = comma != std::string_view::npos;
    if (!is_file_name(input) || (has_output && !is_file_name(output)) ||
        output.find(',') != std::string_view::npos) {
        return fail(quoted(text) + " names no capture files: pcap:IN[,OUT] without spaces");
    }
    return DeviceName(PcapDevice{std::string(input), std::string(output)});
}

std::string text_of(const PciDevice& device) { return device.address; }
std::string text_of(const AfXdpDevice& device) { return "af_xdp:" + device.interface; }
std::string text_of(const TapDevice& device) { return "tap:" + device.interface; }

std::string text_of(const MemifDevice& device) {
    return "memif:" + device.socket + (device.role == MemifRole::kServer ? ",server" : ",client");
}

std::string text_of(const PcapDevice& device) {
    return "pcap:" + device.input + (device.output.empty() ? "" : "," + device.output);
}

}  // namespace

/// Beyond the kernel's own rules a comma is refused, which would end a driver's argument, and a
/// percent sign, which would make a template of the name.
bool is_interface_name(std::string_view text) {
    return !text.empty() && text.size() <= kMaxInterfaceNameOctets && text != "." && text != ".." &&
           std::ranges::all_of(text, [](char c) {
               return is_graphic(c) && c != '/' && c != ':' && c != ',' && c != '%';
           });
}

Expected<DeviceName> parse_device_name(std::string_view text) {
    if (const auto interface = after(text, "af_xdp:")) {
        return parse_interface<AfXdpDevice>(text, *interface);
    }
    if (const auto interface = after(text, "tap:")) {
        return parse_interface<TapDevice>(text, *interface);
    }
    if (const auto rest = after(text, "memif:")) {
        return parse_memif(text, *rest);
    }
    if (const auto rest = after(text, "pcap:")) {
        return parse_pcap(text, *rest);
    }
    if (auto pci = parse_pci(text)) {
        return DeviceName(*std::move(pci));
    }
    return fail(quoted(text) + " is no device: " + std::string(kForms));
}

std::string to_string(const DeviceName& name) {
    return std::visit([](const auto& device) { return text_of(device); }, name);
}

}  // namespace understudy::port
