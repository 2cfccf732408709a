#pragma once

#include <understudy/base/expected.h>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace understudy::port {

/// A device that workers poll, as the configuration's `device` and `understudy-load --device` name
/// it. Pure text: whether it exists, only the driver can say.

/// `0000:3b:00.0`, or `3b:00.0` in domain 0000: a network card that DPDK drives by itself.
struct PciDevice {
    std::string address;  // always with its domain, in lower case

    auto operator<=>(const PciDevice&) const = default;
};

/// `af_xdp:IFACE`: a kernel interface, shared with the kernel.
struct AfXdpDevice {
    std::string interface;

    auto operator<=>(const AfXdpDevice&) const = default;
};

/// `tap:IFACE`: an interface that we create; the kernel is at its other end.
struct TapDevice {
    std::string interface;

    auto operator<=>(const TapDevice&) const = default;
};

/// Who creates the socket that the two ends of a memif meet at.
enum class MemifRole : std::uint8_t { kServer, kClient };

/// `memif:SOCKET[,server|client]`: shared memory with another process. SOCKET is an absolute path,
/// or `@NAME` for a socket in the abstract namespace; without a role we are the server.
struct MemifDevice {
    std::string socket;
    MemifRole role = MemifRole::kServer;

    auto operator<=>(const MemifDevice&) const = default;
};

/// `pcap:IN[,OUT]`: frames are read from the capture file IN; what is sent goes to OUT, or nowhere.
struct PcapDevice {
    std::string input;
    std::string output;  // empty: nowhere

    auto operator<=>(const PcapDevice&) const = default;
};

using DeviceName = std::variant<PciDevice, AfXdpDevice, TapDevice, MemifDevice, PcapDevice>;

/// What the kernel allows for an interface's name (IFNAMSIZ less the final NUL).
inline constexpr std::size_t kMaxInterfaceNameOctets = 15;

/// What a socket's address holds (sockaddr_un less the final NUL).
inline constexpr std::size_t kMaxSocketPathOctets = 107;

/// What the kernel takes for one, without the characters that mean something to us or to DPDK.
[[nodiscard]] bool is_interface_name(std::string_view text);

[[nodiscard]] base::Expected<DeviceName> parse_device_name(std::string_view text);

/// In the form that parse_device_name reads.
[[nodiscard]] std::string to_string(const DeviceName& name);

}  // namespace understudy::port
