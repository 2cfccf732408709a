#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

namespace understudy::port {

/// What a port's packets begin with.
enum class Framing : std::uint8_t {
    kEthernet,  // whole frames: we are the network stack
    kDatagram,  // UDP payloads: the kernel is
};

/// Between whom a datagram travels. Only for ports with Framing::kDatagram: a frame names both
/// itself.
struct DatagramPath {
    base::Endpoint peer;
    base::Endpoint local;
};

/// One packet in a buffer that its port owns. Between rx_burst or allocate and tx_burst or free it
/// is the caller's, who may change octets and length in place and may let `data` begin later in the
/// same buffer, with length and capacity less by as much: a reply's headers can be shorter.
struct Packet {
    std::uint8_t* data = nullptr;       // first octet of the frame or of the payload
    std::uint32_t length_octets = 0;    // in use from `data` on
    std::uint32_t capacity_octets = 0;  // writable from `data` on
    base::ChecksumState ip_checksum = base::ChecksumState::kUnknown;
    base::ChecksumState udp_checksum = base::ChecksumState::kUnknown;
    DatagramPath* path =
        nullptr;             // kDatagram: from whom, and to whom a reply goes; in the port's buffer
    void* handle = nullptr;  // the port's own
};

/// Packets at a time; what every array of a burst holds at the most.
inline constexpr std::size_t kMaxBurst = 64;

/// One receive and one transmit queue, polled by one thread. All calls but the constructor's come
/// from that thread.
///
/// Every buffer is contiguous and has room for at least kMinCapacityOctets from `data` on, so that
/// an answer can be written over its query.
class PacketPort {
  public:
    static constexpr std::uint32_t kMinCapacityOctets = 1600;

    PacketPort() = default;
    PacketPort(const PacketPort&) = delete;
    PacketPort& operator=(const PacketPort&) = delete;
    virtual ~PacketPort() = default;

    [[nodiscard]] virtual Framing framing() const noexcept = 0;

    /// The port's own address; zeros with Framing::kDatagram.
    [[nodiscard]] virtual base::MacAddress mac() const noexcept { return {}; }

    /// Called once by the polling thread before its first burst: for per-thread caches.
    virtual void attach_thread() {}

    /// Fills up to `packets.size()` (at most kMaxBurst) packets and returns how many. Never waits.
    [[nodiscard]] virtual std::size_t rx_burst(std::span<Packet> packets) noexcept = 0;

    /// Takes packets from the front and returns how many; these are the port's again. The others
    /// stay the caller's.
    [[nodiscard]] virtual std::size_t tx_burst(std::span<Packet> packets) noexcept = 0;

    /// Gives packets back unsent.
    virtual void free(std::span<Packet> packets) noexcept = 0;

    /// Empty buffers for packets that answer none (late replies, announcements); returns how many
    /// there were.
    [[nodiscard]] virtual std::size_t allocate(std::span<Packet> packets) noexcept = 0;

    /// Sleeps until a packet may have come, at most `timeout`. May return early or for no reason.
    virtual void wait(std::chrono::microseconds timeout) noexcept = 0;

    /// Any thread: ends the wait() under way or else the next one, where the port can.
    virtual void wake() noexcept {}
};

}  // namespace understudy::port
