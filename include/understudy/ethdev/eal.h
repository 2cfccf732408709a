#pragma once

#include <understudy/base/expected.h>
#include <understudy/port/device_name.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace understudy::ethdev {

/// Where packet buffers live.
enum class HugePages : std::uint8_t {
    kAuto,  // in huge pages if enough are free
    kOn,    // in huge pages, or not at all
    kOff,   // in ordinary pages
};

struct EalOptions {
    HugePages huge_pages = HugePages::kAuto;
    std::vector<unsigned> cores;       // of the workers: memory is near the first, and DPDK's own
                                       // threads keep off them where others are left
    std::vector<port::PciDevice> pci;  // the only cards that DPDK may touch
    unsigned queue_pairs = 1;          // of all devices together: how much memory they need
};

/// DPDK's environment, from its start to its end. DPDK allows one in the life of a process.
///
/// It keeps its hands off what is not ours: it leaves no files, shows nothing to other DPDK
/// processes but telemetry (dpdk-telemetry.py -f understudy-PID), touches no PCI device but those
/// named, logs errors alone and only to stderr, and the calling thread keeps its CPU affinity.
/// DPDK's own threads stay in the network namespace of the thread that called start().
///
/// Devices must be gone before their Eal. Control thread only.
class Eal {
  public:
    [[nodiscard]] static base::Expected<Eal> start(const EalOptions& options);

    Eal(Eal&& other) noexcept;
    Eal& operator=(Eal&&) = delete;
    Eal(const Eal&) = delete;
    Eal& operator=(const Eal&) = delete;
    ~Eal();

    [[nodiscard]] bool uses_huge_pages() const noexcept { return uses_huge_pages_; }

    /// What DPDK complained of while it started, which is most often of a card; empty: nothing.
    [[nodiscard]] const std::string& complaint() const noexcept { return complaint_; }

  private:
    Eal(bool uses_huge_pages, std::string complaint)
        : uses_huge_pages_(uses_huge_pages), complaint_(std::move(complaint)) {}

    bool running_ = true;
    bool uses_huge_pages_;
    std::string complaint_;
};

/// What `queue_pairs` receive and transmit queues and DPDK itself need, in octets.
[[nodiscard]] std::size_t packet_memory_octets(unsigned queue_pairs) noexcept;

}  // namespace understudy::ethdev
