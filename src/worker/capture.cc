#include <understudy/worker/capture.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace understudy::worker {
namespace {

std::int64_t wall_ns() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace

void CaptureRing::take(std::span<const port::Packet> packets,
                       const net::PacketFilter& filter,
                       std::uint16_t port_index,
                       Direction direction) noexcept {
    const std::int64_t now_ns = wall_ns();
    for (const port::Packet& packet : packets) {
        const base::Octets frame{packet.data, packet.length_octets};
        if (!filter.matches(frame)) {
            continue;
        }
        CapturedPacket* const slot = reserve();
        if (slot == nullptr) {
            skipped_.add(1);
            continue;
        }
        const std::size_t kept = std::min(frame.size(), slot->octets.size());
        std::copy_n(frame.begin(), kept, slot->octets.begin());
        slot->time_ns = now_ns;
        slot->length_octets = packet.length_octets;
        slot->kept_octets = static_cast<std::uint16_t>(kept);
        slot->port_index = port_index;
        slot->direction = direction;
        ring_.commit();
    }
}

/// The slot for a packet that matches, or null for one that is to be skipped.
CapturedPacket* CaptureRing::reserve() noexcept {
    if (++passed_ < interval_.load(std::memory_order_relaxed)) {
        return nullptr;
    }
    passed_ = 0;
    return ring_.reserve();
}

Capture::Capture(net::PacketFilter filter, std::size_t workers) : filter_(std::move(filter)) {
    for (std::size_t i = 0; i < workers; ++i) {
        rings_.push_back(std::make_unique<CaptureRing>());
    }
}

}  // namespace understudy::worker
