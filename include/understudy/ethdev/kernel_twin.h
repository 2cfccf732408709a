#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/link.h>
#include <understudy/port/frame_ring.h>
#include <understudy/stats/counters.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace understudy::ethdev {

/// The kernel's twin of a port that DPDK took away from it: a TAP with the port's MAC address and
/// MTU. What the workers do not answer themselves they put into its rings, and the kernel gets it
/// as if from the card; what the kernel sends through it goes out through the card. So BGP, SSH,
/// TCP and the kernel's own ARP and neighbour discovery work on the same cable.
///
/// A thread of its own moves the frames and never makes a worker wait: a full ring towards the
/// kernel refuses, and while the one from it is full frames stay in the interface's own queue. It
/// looks at the rings at least each kMaxNap, so that no worker needs a system call to wake it.
class KernelTwin {
  public:
    /// What a frame of the workers waits for the thread at the most.
    static constexpr std::chrono::microseconds kMaxNap{1'000};

    struct Options {
        std::string interface;
        base::MacAddress mac{};
        std::uint16_t mtu = 1500;
        std::size_t queues = 1;  // of the port: a ring from each
    };

    /// What the thread counted. Frames that the rings refused, the workers count as verdicts.
    struct Counters {
        stats::Counter to_kernel;    // thread: writes, control: reads
        stats::Counter from_kernel;  // thread: writes, control: reads
        stats::Counter refused;      // the interface took no frame, as it is down. thread: writes
    };

    /// In the calling thread's network namespace. An error says what to do.
    [[nodiscard]] static base::Expected<std::unique_ptr<KernelTwin>> open(const Options& options);

    KernelTwin(const KernelTwin&) = delete;
    KernelTwin& operator=(const KernelTwin&) = delete;

    /// Ends the thread, and with it the interface, unless that was there before. REQUIRES: no
    /// worker uses the rings any more.
    ~KernelTwin();

    void start();

    /// What the kernel takes the cable for. Control thread.
    void set_link(bool up) noexcept;

    /// A ring for each queue of the port: the thread that polls the queue fills it.
    [[nodiscard]] port::FrameRing& to_kernel(std::size_t queue) noexcept;

    /// What the kernel sent: the thread that polls the port's first queue empties it.
    [[nodiscard]] port::FrameRing& from_kernel() noexcept;

    [[nodiscard]] const std::string& interface() const noexcept;
    [[nodiscard]] const Counters& counters() const noexcept;

  private:
    struct Parts;
    explicit KernelTwin(std::unique_ptr<Parts> parts) noexcept;

    std::unique_ptr<Parts> parts_;
};

}  // namespace understudy::ethdev
