#pragma once

#include <understudy/port/packet_port.h>
#include <understudy/stats/counters.h>

#include <rte_mbuf.h>

#include <cstdint>

namespace understudy::ethdev {

/// One receive and one transmit queue of a DPDK port. A Packet is a view of an mbuf: nothing is
/// copied either way. Nothing here allocates, locks, logs or makes a system call; what the driver
/// below does is its own (AF_XDP makes one call for each packet or burst sent).
class Queue final : public port::PacketPort {
  public:
    /// `pool`: what the receive queue fills from.
    Queue(std::uint16_t port, std::uint16_t index, base::MacAddress mac, rte_mempool* pool) noexcept
        : port_(port), index_(index), mac_(mac), pool_(pool) {}

    [[nodiscard]] port::Framing framing() const noexcept override {
        return port::Framing::kEthernet;
    }
    [[nodiscard]] base::MacAddress mac() const noexcept override { return mac_; }

    void attach_thread() override;
    [[nodiscard]] std::size_t rx_burst(std::span<port::Packet> packets) noexcept override;
    [[nodiscard]] std::size_t tx_burst(std::span<port::Packet> packets) noexcept override;
    void free(std::span<port::Packet> packets) noexcept override;
    [[nodiscard]] std::size_t allocate(std::span<port::Packet> packets) noexcept override;
    void wait(std::chrono::microseconds timeout) noexcept override;

    /// Frames longer than a buffer, dropped. Any thread.
    [[nodiscard]] std::uint64_t segmented() const noexcept { return segmented_.read(); }

    /// Packets that the driver did not take. Any thread.
    [[nodiscard]] std::uint64_t not_sent() const noexcept { return not_sent_.read(); }

  private:
    std::uint16_t port_;
    std::uint16_t index_;
    base::MacAddress mac_;
    rte_mempool* pool_;
    stats::Counter segmented_;  // polling thread: writes, control: reads
    stats::Counter not_sent_;   // polling thread: writes, control: reads
};

}  // namespace understudy::ethdev
