#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/ip_address.h>
#include <understudy/port/packet_port.h>
#include <understudy/stats/counters.h>
#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace understudy::socket {

/// What becomes of datagrams without the worker seeing it. The polling thread writes, anyone reads.
struct UdpPortCounters {
    stats::Counter oversized;  // received, longer than a buffer: dropped
    stats::Counter unsent;     // taken for sending, refused by the kernel for their destination
};

/// The packet port over kernel UDP sockets: all listen addresses of one polling thread, each a
/// socket of its own, served in turn with recvmmsg and sendmmsg.
///
/// Threads: each opens a port of its own on the same addresses. The sockets carry SO_REUSEPORT, so
/// the kernel deals the clients out over the threads by a hash of address and port. The same option
/// lets a second daemon of the same user join in unnoticed; it is the TCP socket on the same
/// endpoint (StreamServer), which is exclusive, that finds the conflict.
///
/// Replies leave from the address that the query came to, wildcard addresses (0.0.0.0, ::)
/// included: there the kernel names the address with every datagram, which costs a little, so list
/// addresses where throughput matters. DF is set, nothing is ever fragmented, and an ICMP "too big"
/// changes nothing (RFC 9715): what does not fit the interface is dropped and counted in `unsent`.
///
/// Of tx_burst's packets, those that the kernel has no room for at the moment stay the caller's;
/// one that cannot go to its destination at all (unreachable, forbidden, too long) is dropped and
/// counted, and those behind it are sent.
///
/// The scope of a link-local peer is kept in the buffer of its query: a reply in that buffer
/// reaches it, one in a buffer from allocate() does not.
class UdpPort final : public port::PacketPort {
  public:
    /// What each socket may hold while the thread is busy; some 5,000 queries. The kernel counts
    /// twice this, for its own share of a datagram.
    static constexpr int kReceiveBufferOctets = 4 << 20;
    static constexpr int kSendBufferOctets = 1 << 20;

    /// Opens and binds a socket for each endpoint; port 0 takes a free one. The error says what to
    /// do.
    [[nodiscard]] static base::Expected<std::unique_ptr<UdpPort>> open(
        std::span<const base::Endpoint> listen);

    ~UdpPort() override;

    [[nodiscard]] port::Framing framing() const noexcept override {
        return port::Framing::kDatagram;
    }
    [[nodiscard]] std::size_t rx_burst(std::span<port::Packet> packets) noexcept override;
    [[nodiscard]] std::size_t tx_burst(std::span<port::Packet> packets) noexcept override;
    void free(std::span<port::Packet> packets) noexcept override;
    [[nodiscard]] std::size_t allocate(std::span<port::Packet> packets) noexcept override;
    void wait(std::chrono::microseconds timeout) noexcept override;

    /// Any thread: ends the wait() under way, or else the next one.
    void wake() noexcept override;

    /// Where the sockets are bound, in the order of `listen`.
    [[nodiscard]] std::vector<base::Endpoint> local_endpoints() const;

    [[nodiscard]] const UdpPortCounters& counters() const noexcept;

    /// Any thread: datagrams that found the receive buffers full since the port was opened.
    [[nodiscard]] std::uint64_t overflows() const noexcept;

  private:
    struct State;
    explicit UdpPort(std::unique_ptr<State> state) noexcept;

    std::unique_ptr<State> state_;
};

}  // namespace understudy::socket
