#pragma once

#include <understudy/ethdev/device.h>
#include <understudy/ethdev/eal.h>

#include "ethdev/frames.h"
#include "support/namespaces.h"

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace understudy::tests {

/// The one start of DPDK that a process has; made by main(), shared by all tests.
[[nodiscard]] const ethdev::Eal& eal();

/// Sees every frame that the kernel gets from an interface, and can send there.
class PacketSocket {
  public:
    PacketSocket(const Namespace& where, const std::string& interface);
    PacketSocket(const PacketSocket&) = delete;
    PacketSocket& operator=(const PacketSocket&) = delete;
    ~PacketSocket();

    void send(const Frame& frame) const;

    /// Whether this frame comes within a second. Others are skipped.
    [[nodiscard]] bool receives(const Frame& frame) const;

  private:
    int socket_;
};

/// Our end of a veth (`service` in namespace `ours`) and the clients' (`client` in `theirs`).
class VethWorld {
  public:
    explicit VethWorld(unsigned queues = 1);

    Namespace ours{"ethdev-ours"};
    Namespace theirs{"ethdev-theirs"};
};

/// Starts this program again in the calling thread's network namespace, with one more variable in
/// its environment (see main()).
[[nodiscard]] pid_t start_again(const std::string& variable, const std::string& value);

[[nodiscard]] ethdev::DeviceOptions device_options(const std::string& device,
                                                   const std::vector<std::string>& addresses = {});

/// The next frame of any queue, within a second.
[[nodiscard]] std::optional<Frame> receive(const ethdev::Device& device);

/// Whether the frame comes out of any queue within a second. Others are skipped.
[[nodiscard]] bool receives(const ethdev::Device& device, const Frame& frame);

/// Sends a frame of our own.
[[nodiscard]] bool transmit(port::PacketPort& queue, const Frame& frame);

}  // namespace understudy::tests
