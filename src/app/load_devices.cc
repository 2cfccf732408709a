#include "app/load_devices.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <understudy/socket/descriptor.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <span>
#include <system_error>

namespace understudy::app {
namespace {

using base::Expected;
using base::fail;
using base::IpAddress;

/// Sockets of a core: each is a flow by itself, which servers with several threads deal out, and a
/// system call for each burst.
constexpr unsigned kSocketBits = 3;

/// Queries that leave by one system call.
constexpr unsigned kRunBits = 5;

constexpr unsigned kFirstSocketPort = 32768;
constexpr unsigned kLastSocketPort = 60999;

std::uint8_t host_length(const IpAddress& address) {
    return static_cast<std::uint8_t>(address.octets().size() * 8);
}

/// The address from which the kernel would reach `target`. Sends nothing.
Expected<IpAddress> local_address_towards(const base::Endpoint& target) {
    sockaddr_storage address{};
    socklen_t length = 0;
    if (target.address.is_v6()) {
        auto* in6 = reinterpret_cast<sockaddr_in6*>(&address);
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(target.port);
        std::memcpy(&in6->sin6_addr, target.address.octets().data(), sizeof in6->sin6_addr);
        length = sizeof *in6;
    } else {
        auto* in = reinterpret_cast<sockaddr_in*>(&address);
        in->sin_family = AF_INET;
        in->sin_port = htons(target.port);
        std::memcpy(&in->sin_addr, target.address.octets().data(), sizeof in->sin_addr);
        length = sizeof *in;
    }
    const socket::Descriptor probe(
        ::socket(address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, IPPROTO_UDP));
    auto* name = reinterpret_cast<sockaddr*>(&address);
    socklen_t local_length = sizeof address;
    if (!probe.valid() || ::connect(probe.get(), name, length) != 0 ||
        ::getsockname(probe.get(), name, &local_length) != 0) {
        return fail("no way to " + target.address.to_string() + " (" +
                    std::generic_category().message(errno) + "): ip route get " +
                    target.address.to_string());
    }
    if (target.address.is_v6()) {
        std::array<std::uint8_t, 16> octets{};
        std::memcpy(
            octets.data(), &reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr, octets.size());
        return IpAddress::v6(octets);
    }
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &reinterpret_cast<sockaddr_in*>(&address)->sin_addr, octets.size());
    return IpAddress::v4(octets);
}

/// A port of datagrams on `count` neighbouring UDP ports from `first` on.
Expected<std::unique_ptr<socket::UdpPort>> open_port(const IpAddress& address,
                                                     unsigned first,
                                                     unsigned count) {
    std::vector<base::Endpoint> endpoints;
    for (unsigned i = 0; i < count; ++i) {
        endpoints.push_back({address, static_cast<std::uint16_t>(first + i)});
    }
    return socket::UdpPort::open(endpoints);
}

}  // namespace

Expected<LoadDevices> LoadDevices::open(const LoadOptions& options) {
    LoadDevices devices;
    if (auto chosen = devices.choose_source(options); !chosen) {
        return tl::unexpected(chosen.error());
    }
    auto opened = options.device ? devices.open_device(options) : devices.open_sockets(options);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    return devices;
}

Expected<void> LoadDevices::choose_source(const LoadOptions& options) {
    const bool has_kernel_address =
        !options.device || std::holds_alternative<port::AfXdpDevice>(*options.device);
    if (options.source) {
        source_ = *options.source;
        if (!options.device && source_.length_bits != host_length(source_.address)) {
            return fail("kernel sockets send from one address of this host: --source " +
                        source_.address.to_string());
        }
        return {};
    }
    if (!has_kernel_address) {
        return fail(to_string(*options.device) +
                    ": this device has no address of its own: --source CIDR");
    }
    const auto address = local_address_towards(options.target);
    if (!address) {
        return tl::unexpected(address.error());
    }
    source_ = {*address, host_length(*address)};
    return {};
}

Expected<void> LoadDevices::open_device(const LoadOptions& options) {
    const ethdev::DeviceOptions device{
        .name = *options.device,
        .addresses = {{options.target.address, host_length(options.target.address)}},
        .workers = static_cast<unsigned>(options.cores.size()),
        .numa_node = std::nullopt,
        .asking = ethdev::AskingSide{.sources = source_, .server_port = options.target.port}};
    const auto queues = ethdev::Device::count_queues(device);
    if (!queues) {
        return tl::unexpected(queues.error());
    }
    ethdev::EalOptions environment{.cores = options.cores, .pci = {}, .queue_pairs = *queues};
    if (const auto* pci = std::get_if<port::PciDevice>(&*options.device)) {
        environment.pci.push_back(*pci);
    }
    auto eal = ethdev::Eal::start(environment);
    if (!eal) {
        return tl::unexpected(eal.error());
    }
    eal_.emplace(*std::move(eal));
    auto opened = ethdev::Device::open(*eal_, device);
    if (!opened) {
        return tl::unexpected(opened.error());
    }
    device_ = *std::move(opened);
    if (device_->queues().size() < options.cores.size()) {
        return fail(device_->name() + " has " + std::to_string(device_->queues().size()) +
                    " queues, fewer than --cores names");
    }
    for (const unsigned core : options.cores) {
        shares_.push_back({.core = core, .ports = {}});
    }
    std::size_t next = 0;
    for (port::PacketPort* queue : device_->queues()) {
        shares_[next++ % shares_.size()].ports.push_back(queue);
    }
    ports_ = load::PortPlan::for_frames(shares_.size());
    return {};
}

Expected<void> LoadDevices::open_sockets(const LoadOptions& options) {
    constexpr unsigned kEach = 1U << kSocketBits;
    const auto all = static_cast<unsigned>(options.cores.size()) * kEach;
    Expected<void> result = fail("no free UDP ports");
    for (unsigned first = kFirstSocketPort; first + all <= kLastSocketPort; first += all) {
        sockets_.clear();
        shares_.clear();
        result = {};
        for (std::size_t i = 0; result && i < options.cores.size(); ++i) {
            auto port = open_port(source_.address, first + static_cast<unsigned>(i) * kEach, kEach);
            if (!port) {
                result = tl::unexpected(port.error());
                break;
            }
            sockets_.push_back(*std::move(port));
            shares_.push_back({.core = options.cores[i], .ports = {sockets_.back().get()}});
        }
        if (result) {
            ports_ = {.first_port = static_cast<std::uint16_t>(first),
                      .bits_a_core = kSocketBits,
                      .run_bits = kRunBits};
            return {};
        }
    }
    return result;
}

std::vector<std::string> LoadDevices::warnings() const {
    return device_ ? device_->warnings() : std::vector<std::string>();
}

}  // namespace understudy::app
