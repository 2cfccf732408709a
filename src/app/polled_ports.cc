#include "app/polled_ports.h"

#include <understudy/base/check.h>
#include <understudy/control/log.h>
#include <algorithm>
#include <utility>
#include <variant>

namespace understudy::app {
namespace {

ethdev::HugePages to_ethdev(control::WorkersConfig::HugePages mode) {
    switch (mode) {
        case control::WorkersConfig::HugePages::kOn:
            return ethdev::HugePages::kOn;
        case control::WorkersConfig::HugePages::kOff:
            return ethdev::HugePages::kOff;
        case control::WorkersConfig::HugePages::kAuto:
            break;
    }
    return ethdev::HugePages::kAuto;
}

ethdev::DeviceOptions device_options(const control::PortConfig& port,
                                     const control::Config& config) {
    return {.name = port.device,
            .addresses = port.addresses,
            .queues = port.queues,
            .workers = static_cast<unsigned>(config.workers.cores.size()),
            .mtu = port.mtu,
            .vlan = port.vlan,
            .numa_node = std::nullopt};
}

/// The port is an interface of the kernel's own, whose addresses it answers for.
bool is_kernels_interface(const control::PortConfig& port) {
    return std::holds_alternative<port::AfXdpDevice>(port.device);
}

/// The kernel is on the same wire, by its own interface or by a twin: it can serve TCP.
bool reaches_the_kernel(const control::PortConfig& port) {
    return is_kernels_interface(port) || !port.twin.empty();
}

std::string describe(const ethdev::LinkState& link) {
    if (!link.up) {
        return "the link is down";
    }
    return "the link is up" +
           (link.speed_mbps == 0 ? "" : " at " + std::to_string(link.speed_mbps) + " Mbit/s");
}

ops::PortStatus status_of(const ethdev::Device& device, const ethdev::KernelTwin* twin) {
    const auto link = device.link();
    const auto counted = device.statistics();
    ops::PortStatus status{.link_up = link.up,
                           .speed_mbps = link.speed_mbps,
                           .counters = {{"links_down", link.up ? 0U : 1U},
                                        {"missed", counted.missed},
                                        {"errors", counted.errors},
                                        {"no_buffer", counted.no_buffer},
                                        {"segmented", counted.segmented},
                                        {"not_sent", counted.not_sent}}};
    if (twin != nullptr) {
        status.counters.emplace_back("twin_to_kernel", twin->counters().to_kernel.read());
        status.counters.emplace_back("twin_from_kernel", twin->counters().from_kernel.read());
        status.counters.emplace_back("twin_refused", twin->counters().refused.read());
    }
    return status;
}

}  // namespace

base::Expected<PolledPorts> PolledPorts::open(const control::Config& config) {
    PolledPorts ports;
    if (config.ports.empty()) {
        return ports;
    }
    if (auto started = ports.start_environment(config); !started) {
        return base::fail(started.error().message);
    }
    const auto local = socket::local_addresses();
    if (!local) {
        return base::fail(local.error().message);
    }
    for (const control::PortConfig& port : config.ports) {
        if (auto opened = ports.open_port(port, config, *local); !opened) {
            return base::fail(opened.error().message);
        }
    }
    if (auto served = ports.serve_streams(config); !served) {
        return base::fail(served.error().message);
    }
    ports.deal_out(config.workers.cores);
    return ports;
}

base::Expected<void> PolledPorts::start_environment(const control::Config& config) {
    ethdev::EalOptions options{.huge_pages = to_ethdev(config.workers.huge_pages),
                               .cores = config.workers.cores,
                               .pci = {},
                               .queue_pairs = 0};
    for (const control::PortConfig& port : config.ports) {
        const auto queues = ethdev::Device::count_queues(device_options(port, config));
        if (!queues) {
            return base::fail(queues.error().message);
        }
        options.queue_pairs += *queues;
        if (const auto* pci = std::get_if<port::PciDevice>(&port.device)) {
            options.pci.push_back(*pci);
        }
    }
    auto eal = ethdev::Eal::start(options);
    if (!eal) {
        return base::fail(eal.error().message);
    }
    eal_.emplace(std::move(*eal));
    return {};
}

base::Expected<void> PolledPorts::open_port(const control::PortConfig& port,
                                            const control::Config& config,
                                            std::span<const base::IpAddress> local) {
    UNDERSTUDY_CHECK(eal_);
    auto device = ethdev::Device::open(*eal_, device_options(port, config));
    if (!device) {
        return base::fail(device.error().message);
    }
    net::Service::Settings settings;
    settings.mac = (*device)->mac();
    settings.vlan = port.vlan;
    settings.outer_vlan = port.outer_vlan;
    for (const base::IpPrefix& prefix : port.addresses) {
        const bool held = std::ranges::find(local, prefix.address) != local.end();
        settings.addresses.push_back({prefix, !(is_kernels_interface(port) && held)});
    }
    auto service = net::Service::make(settings);
    if (!service) {
        return base::fail("port " + (*device)->name() + ": " + service.error().message);
    }
    warnings_.insert(warnings_.end(), (*device)->warnings().begin(), (*device)->warnings().end());
    ports_.push_back({.device = std::move(*device),
                      .service = std::make_unique<net::Service>(std::move(*service)),
                      .twin = nullptr});
    return port.twin.empty() ? base::Expected<void>() : open_twin(ports_.back(), port);
}

base::Expected<void> PolledPorts::open_twin(OpenPort& opened, const control::PortConfig& port) {
    auto twin = ethdev::KernelTwin::open({.interface = port.twin,
                                          .mac = opened.device->mac(),
                                          .mtu = port.mtu,
                                          .queues = opened.device->queues().size()});
    if (!twin) {
        return base::fail(opened.device->name() + ": " + twin.error().message);
    }
    opened.twin = std::move(*twin);
    return {};
}

std::vector<ops::PortSource> PolledPorts::sources() const {
    std::vector<ops::PortSource> sources;
    for (const OpenPort& port : ports_) {
        const ethdev::Device& device = *port.device;
        const ethdev::KernelTwin* const twin = port.twin.get();
        sources.push_back({.port = device.name(),
                           .driver = device.driver(),
                           .twin = twin == nullptr ? "" : twin->interface(),
                           .mac = device.mac(),
                           .queues = device.queues().size(),
                           .read = [&device, twin] { return status_of(device, twin); }});
    }
    return sources;
}

void PolledPorts::start_twins() {
    for (const OpenPort& port : ports_) {
        if (port.twin) {
            port.twin->start();
        }
    }
}

void PolledPorts::watch_links() {
    for (OpenPort& port : ports_) {
        const ethdev::LinkState now = port.device->link();
        if (now == port.link) {
            continue;
        }
        if (now.up != port.link.up && port.twin) {
            port.twin->set_link(now.up);
        }
        const std::string text = port.device->name() + ": " + describe(now);
        if (now.up) {
            control::log_info(text);
        } else {
            control::log_warning(text);
        }
        port.link = now;
    }
}

base::Expected<void> PolledPorts::serve_streams(const control::Config& config) {
    std::vector<base::IpAddress> addresses;
    for (const control::PortConfig& port : config.ports) {
        if (reaches_the_kernel(port)) {
            for (const base::IpPrefix& prefix : port.addresses) {
                addresses.push_back(prefix.address);
                stream_endpoints_.push_back({prefix.address, net::Service::kDnsPort});
            }
        }
    }
    if (addresses.empty()) {
        return {};
    }
    auto added = socket::LoopbackAddresses::add(addresses);
    if (!added) {
        return base::fail(added.error().message);
    }
    loopback_.emplace(std::move(*added));
    return {};
}

void PolledPorts::deal_out(std::span<const unsigned> cores) {
    std::vector<WorkerShare> shares(cores.size());
    for (std::size_t i = 0; i < cores.size(); ++i) {
        shares[i].core = cores[i];
    }
    std::size_t next = 0;
    for (const OpenPort& port : ports_) {
        unsigned queue = 0;
        for (port::PacketPort* packet_port : port.device->queues()) {
            WorkerShare& share = shares[next++ % shares.size()];
            ethdev::KernelTwin* const twin = port.twin.get();
            share.bindings.push_back(
                {.port = packet_port,
                 .service = port.service.get(),
                 .to_kernel = twin == nullptr ? nullptr : &twin->to_kernel(queue),
                 .from_kernel = twin == nullptr || queue != 0 ? nullptr : &twin->from_kernel()});
            share.queues.push_back({port.device->name(), queue++});
        }
    }
    std::erase_if(shares, [](const WorkerShare& share) { return share.bindings.empty(); });
    shares_ = std::move(shares);
}

}  // namespace understudy::app
