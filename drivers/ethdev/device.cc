#include <understudy/ethdev/device.h>

#include "ethdev/device_parts.h"
#include "ethdev/interface.h"
#include "ethdev/pci_device.h"
#include "ethdev/privileges.h"

#include <understudy/base/check.h>

#include <utility>

namespace understudy::ethdev {
namespace {

using base::Error;
using base::Expected;
using base::fail;

Expected<unsigned> count_queues_of(const DeviceOptions& options) {
    if (const auto allowed = check_privileges(options.name); !allowed) {
        return tl::unexpected(allowed.error());
    }
    if (options.mtu < kMinMtu || options.mtu > kMaxMtu) {
        return fail("an MTU is " + std::to_string(kMinMtu) + " to " + std::to_string(kMaxMtu));
    }
    if (options.vlan > kMaxVlan) {
        return fail("a VLAN tag is 0 to " + std::to_string(kMaxVlan));
    }
    if (const auto* pci = std::get_if<port::PciDevice>(&options.name)) {
        if (const auto usable = check_pci_device(pci->address); !usable) {
            return tl::unexpected(usable.error());
        }
    }
    if (const auto* af_xdp = std::get_if<port::AfXdpDevice>(&options.name)) {
        return count_af_xdp_queues(*af_xdp, options.queues);
    }
    return options.queues != 0 ? options.queues : options.workers;
}

}  // namespace

Expected<unsigned> Device::count_queues(const DeviceOptions& options) {
    UNDERSTUDY_CHECK(options.workers > 0);
    return count_queues_of(options).map_error(
        [&](const Error& error) { return Error{to_string(options.name) + ": " + error.message}; });
}

Expected<std::unique_ptr<Device>> Device::open(const Eal& eal, const DeviceOptions& options) {
    const auto queues = count_queues(options);
    if (!queues) {
        return tl::unexpected(queues.error());
    }
    const std::string name = to_string(options.name);
    auto parts = std::visit(
        [&](const auto& device) { return open_device(device, options, *queues); }, options.name);
    if (!parts && std::holds_alternative<port::PciDevice>(options.name) &&
        !eal.complaint().empty()) {
        return fail(name + ": " + parts.error().message + ": " + eal.complaint());
    }
    if (!parts) {
        return fail(name + ": " + parts.error().message);
    }
    return std::unique_ptr<Device>(new Device(name, *std::move(parts)));
}

Device::Device(std::string name, std::unique_ptr<Parts> parts)
    : name_(std::move(name)), parts_(std::move(parts)), mac_(parts_->ports.front()->mac()) {
    for (const auto& port : parts_->ports) {
        for (const auto& queue : port->queues()) {
            queues_.push_back(queue.get());
        }
        for (const std::string& warning : port->warnings()) {
            parts_->warnings.push_back(name_ + ": " + warning);
        }
    }
}

Device::~Device() = default;

std::optional<unsigned> Device::numa_node() const noexcept {
    return parts_->ports.front()->numa_node();
}

ChecksumOffloads Device::offloads() const noexcept { return parts_->ports.front()->offloads(); }

LinkState Device::link() const {
    return parts_->interface.empty() ? parts_->ports.front()->link()
                                     : interface_link(parts_->interface);
}

std::string Device::driver() const { return parts_->ports.front()->driver(); }

const std::vector<std::string>& Device::warnings() const noexcept { return parts_->warnings; }

DeviceStatistics Device::statistics() const {
    DeviceStatistics statistics;
    for (const auto& port : parts_->ports) {
        port->add_to(statistics);
    }
    return statistics;
}

}  // namespace understudy::ethdev
