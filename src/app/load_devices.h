#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/ethdev/device.h>
#include <understudy/ethdev/eal.h>
#include <understudy/load/run.h>
#include <understudy/socket/udp_port.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/load_options.h"

namespace understudy::app {

/// What understudy-load sends through: a device's queues dealt out over the cores, or kernel
/// sockets, some for each core. Outlives the run.
class LoadDevices {
  public:
    /// An error is one line that says what to do.
    [[nodiscard]] static base::Expected<LoadDevices> open(const LoadOptions& options);

    [[nodiscard]] const std::vector<load::CoreShare>& shares() const noexcept { return shares_; }
    [[nodiscard]] const load::PortPlan& ports() const noexcept { return ports_; }

    /// Where queries come from: --source, or the address that the kernel would take.
    [[nodiscard]] const base::IpPrefix& source() const noexcept { return source_; }

    [[nodiscard]] std::vector<std::string> warnings() const;

  private:
    [[nodiscard]] base::Expected<void> choose_source(const LoadOptions& options);
    [[nodiscard]] base::Expected<void> open_device(const LoadOptions& options);
    [[nodiscard]] base::Expected<void> open_sockets(const LoadOptions& options);

    // Destroyed in reverse: sockets, device, environment.
    std::optional<ethdev::Eal> eal_;
    std::unique_ptr<ethdev::Device> device_;
    std::vector<std::unique_ptr<socket::UdpPort>> sockets_;
    base::IpPrefix source_;
    load::PortPlan ports_;
    std::vector<load::CoreShare> shares_;
};

}  // namespace understudy::app
