#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/control/config.h>
#include <understudy/ethdev/device.h>
#include <understudy/ethdev/eal.h>
#include <understudy/ethdev/kernel_twin.h>
#include <understudy/net/service.h>
#include <understudy/ops/counter_sources.h>
#include <understudy/socket/loopback_addresses.h>
#include <understudy/worker/pipeline.h>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace understudy::app {

/// What one worker polls: queues of any ports, dealt out evenly.
struct WorkerShare {
    unsigned core = 0;
    std::vector<worker::PortBinding> bindings;
    std::vector<ops::PolledQueue> queues;  // the same, as operators know them
};

/// The configuration's `ports`, opened: DPDK's environment, the devices, what is served on each,
/// the kernel's twins of those that it lost, and the service addresses that it was given for TCP.
/// Without ports nothing of DPDK is started.
///
/// Must outlive the workers that poll the ports.
class PolledPorts {
  public:
    /// An error is one line that says what to do.
    [[nodiscard]] static base::Expected<PolledPorts> open(const control::Config& config);

    /// One share for each configured core that has something to poll.
    [[nodiscard]] const std::vector<WorkerShare>& shares() const noexcept { return shares_; }

    /// Where the kernel's sockets serve TCP for these ports.
    [[nodiscard]] const std::vector<base::Endpoint>& stream_endpoints() const noexcept {
        return stream_endpoints_;
    }

    [[nodiscard]] const std::vector<std::string>& warnings() const noexcept { return warnings_; }

    /// The ports as operators see them: valid as long as this lives, wherever it is moved.
    [[nodiscard]] std::vector<ops::PortSource> sources() const;

    /// Lets the kernel's twins work. Before, frames wait in their rings.
    void start_twins();

    /// Logs which links went or came since the last call, and tells the twins. Control thread.
    void watch_links();

  private:
    struct OpenPort {
        std::unique_ptr<ethdev::Device> device;
        std::unique_ptr<net::Service> service;
        std::unique_ptr<ethdev::KernelTwin> twin;  // PCI
        ethdev::LinkState link{.up = true};        // as it was told last; a link is expected
    };

    [[nodiscard]] base::Expected<void> start_environment(const control::Config& config);
    [[nodiscard]] base::Expected<void> open_port(const control::PortConfig& port,
                                                 const control::Config& config,
                                                 std::span<const base::IpAddress> local);
    [[nodiscard]] base::Expected<void> serve_streams(const control::Config& config);
    [[nodiscard]] base::Expected<void> open_twin(OpenPort& opened, const control::PortConfig& port);
    void deal_out(std::span<const unsigned> cores);

    // Destroyed in reverse: addresses, devices, environment.
    std::optional<ethdev::Eal> eal_;
    std::vector<OpenPort> ports_;
    std::optional<socket::LoopbackAddresses> loopback_;
    std::vector<base::Endpoint> stream_endpoints_;
    std::vector<WorkerShare> shares_;
    std::vector<std::string> warnings_;
};

}  // namespace understudy::app
