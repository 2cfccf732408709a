#pragma once

#include <understudy/base/spsc_ring.h>
#include <understudy/net/packet_filter.h>
#include <understudy/port/packet_port.h>
#include <understudy/rcu/published.h>
#include <understudy/stats/counters.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

/// Packets as the workers see them, for operators: nothing else can see frames that never meet the
/// kernel. While nobody captures, a worker loads one pointer before and after each burst.
namespace understudy::worker {

enum class Direction : std::uint8_t { kReceived, kSent };

/// A frame, received or about to be given to the port.
struct CapturedPacket {
    /// What is kept of a frame: all of it, unless it is a jumbo frame.
    static constexpr std::size_t kMaxOctets = port::PacketPort::kMinCapacityOctets;

    std::int64_t time_ns = 0;  // since 1970; that of its burst
    std::uint32_t length_octets = 0;
    std::uint16_t kept_octets = 0;
    std::uint16_t port_index = 0;  // which of the worker's ports
    Direction direction = Direction::kReceived;
    std::array<std::uint8_t, kMaxOctets> octets;

    [[nodiscard]] base::Octets kept() const noexcept {
        return base::Octets(octets).first(kept_octets);
    }
};

/// What one worker leaves for whoever captures: bounded, and sampled when more comes than is taken.
class CaptureRing {
  public:
    static constexpr std::size_t kSlots = 1024;
    static constexpr std::uint32_t kMaxInterval = 4096;  // one in so many is kept at the least

    /// The worker: keeps the packets that match, or counts them as skipped.
    void take(std::span<const port::Packet> packets,
              const net::PacketFilter& filter,
              std::uint16_t port_index,
              Direction direction) noexcept;

    /// Control: gives `see` the packets in their order until it returns false, then decides how
    /// many are to be kept from now on: half as many if the ring was nearly full, twice as many if
    /// it was nearly empty.
    template <typename See>
    void drain(See&& see);

    /// Any thread: packets that matched and were not kept.
    [[nodiscard]] std::uint64_t skipped() const noexcept { return skipped_.read(); }

  private:
    [[nodiscard]] CapturedPacket* reserve() noexcept;

    base::SpscRing<CapturedPacket> ring_{kSlots};
    stats::Counter skipped_;                  // worker: writes, control: reads
    std::atomic<std::uint32_t> interval_{1};  // one of so many is kept; control: writes
    std::uint32_t passed_ = 0;                // the worker's: matching packets since the last kept
};

template <typename See>
void CaptureRing::drain(See&& see) {
    std::size_t count = 0;
    const CapturedPacket* packet = ring_.front();
    for (bool goes_on = true; goes_on && packet != nullptr && count < kSlots; ++count) {
        goes_on = see(*packet);
        ring_.release();
        packet = ring_.front();
    }
    const std::uint32_t interval = interval_.load(std::memory_order_relaxed);
    if (packet != nullptr || count >= kSlots / 4 * 3) {
        interval_.store(std::min(interval * 2, kMaxInterval), std::memory_order_relaxed);
    } else if (count < kSlots / 4) {
        interval_.store(std::max(interval / 2, 1U), std::memory_order_relaxed);
    }
}

/// A capture under way. Published to the workers, so that none still writes when it is freed.
class Capture {
  public:
    /// `workers`: how many rings.
    Capture(net::PacketFilter filter, std::size_t workers);

    [[nodiscard]] const net::PacketFilter& filter() const noexcept { return filter_; }
    [[nodiscard]] std::size_t size() const noexcept { return rings_.size(); }

    /// One thread on each side of a ring.
    [[nodiscard]] CaptureRing& ring(std::size_t worker) const noexcept { return *rings_[worker]; }

  private:
    net::PacketFilter filter_;
    std::vector<std::unique_ptr<CaptureRing>> rings_;
};

/// Null while nobody captures.
using PublishedCapture = rcu::Published<Capture>;

/// Where a pipeline shows its packets.
class CaptureTap {
  public:
    /// Shows them to nobody.
    CaptureTap() = default;

    /// `worker`: its ring in each capture.
    CaptureTap(const PublishedCapture& captures,
               std::size_t worker,
               std::uint16_t port_index) noexcept
        : captures_(&captures), worker_(worker), port_index_(port_index) {}

    /// REQUIRES: the thread is an online reader, unless nobody ever captures.
    void show(std::span<const port::Packet> packets, Direction direction) const noexcept {
        if (captures_ == nullptr) {
            return;
        }
        if (const Capture* const capture = captures_->load(); capture != nullptr) [[unlikely]] {
            capture->ring(worker_).take(packets, capture->filter(), port_index_, direction);
        }
    }

  private:
    const PublishedCapture* captures_ = nullptr;
    std::size_t worker_ = 0;
    std::uint16_t port_index_ = 0;
};

}  // namespace understudy::worker
