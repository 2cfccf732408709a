#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/octets.h>
#include <understudy/base/spsc_ring.h>
#include <understudy/port/packet_port.h>
#include <array>
#include <cstdint>

namespace understudy::port {

/// A message that a worker leaves to the control plane, and the reply on its way back: the whole
/// packet, so that the headers of a frame are its return path.
struct Deferred {
    /// Frame headers and the largest UDP response that we send.
    static constexpr std::size_t kMaxOctets = PacketPort::kMinCapacityOctets;

    /// Where the headers of a frame begin; the worker's own, for its return path.
    struct FrameOffsets {
        std::uint16_t l3 = 0;
        std::uint16_t l4 = 0;
        bool v6 = false;
    };

    std::array<std::uint8_t, kMaxOctets> octets;
    std::uint16_t length_octets = 0;   // of the packet
    std::uint16_t payload_offset = 0;  // where the DNS message begins
    std::uint16_t port_index = 0;      // which of the worker's ports it came from
    FrameOffsets frame;                // kEthernet only
    DatagramPath path;                 // between whom, for either framing

    /// The DNS message.
    [[nodiscard]] base::Octets message() const noexcept {
        return base::Octets(octets).first(length_octets).subspan(payload_offset);
    }
};

/// Both ways between one worker and the control plane. A full ring refuses: the worker drops and
/// counts.
struct DeferredRings {
    static constexpr std::size_t kSlots = 64;

    base::SpscRing<Deferred> to_control{kSlots};  // worker: produces, control: consumes
    base::SpscRing<Deferred> to_worker{kSlots};   // control: produces, worker: consumes
};

/// Wakes the control plane when a ring that it had found empty gets an item.
class WakeUp {
  public:
    WakeUp() = default;
    WakeUp(const WakeUp&) = delete;
    WakeUp& operator=(const WakeUp&) = delete;
    virtual ~WakeUp() = default;

    /// Any thread. At most one system call for each time that control fell asleep.
    virtual void wake() noexcept = 0;
};

}  // namespace understudy::port
