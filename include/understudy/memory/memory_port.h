#pragma once

#include <understudy/base/link.h>
#include <understudy/base/octets.h>
#include <understudy/base/spsc_ring.h>
#include <understudy/port/packet_port.h>
#include <understudy/stats/counters.h>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

namespace understudy::memory {

/// What was sent, as a test reads it.
struct SentPacket {
    std::vector<std::uint8_t> octets;
    port::DatagramPath path;  // Framing::kDatagram only
};

/// A packet that a loop hands out again and again.
struct PreparedPacket {
    std::vector<std::uint8_t> octets;
    port::DatagramPath path;  // Framing::kDatagram only
};

/// Judges what was sent for the prepared packet of that index.
using LoopCheck = std::function<bool(std::size_t index, base::Octets sent)>;

/// A port without a device: a test puts packets in and takes what was sent, or a benchmark lets it
/// hand out prepared packets without end.
///
/// Two threads at the most: the polling one makes the calls of PacketPort, the test's the others;
/// they may be one and the same. Buffers and packets pass between them through rings, so that
/// whole workers run on threads of their own.
///
/// Buffers are fixed in number: half of the pool is for packets that are put in, half for allocate
/// and loops. A buffer ends exactly at its capacity, so that the address sanitizer sees each octet
/// beyond it, and knows whether the poller holds it: giving one back twice ends the process.
class MemoryPort final : public port::PacketPort {
  public:
    static constexpr std::uint32_t kDefaultBufferOctets = 2048;
    static constexpr std::size_t kDefaultBuffers = 256;
    static constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

    struct Options {
        port::Framing framing = port::Framing::kEthernet;
        base::MacAddress mac{};
        std::size_t buffers = kDefaultBuffers;               // of each half of the pool
        std::uint32_t buffer_octets = kDefaultBufferOctets;  // at least kMinCapacityOctets
    };

    explicit MemoryPort(const Options& options);
    ~MemoryPort() override;

    // The test's thread.

    /// Queues a packet for rx_burst. False when the packet exceeds a buffer or no buffer is left:
    /// the poller holds them all.
    [[nodiscard]] bool inject(base::Octets octets,
                              const port::DatagramPath& path = {},
                              base::ChecksumState ip = base::ChecksumState::kUnknown,
                              base::ChecksumState udp = base::ChecksumState::kUnknown);

    /// What was sent since the last call, oldest first.
    [[nodiscard]] std::vector<SentPacket> sent();

    /// From now on a tx_burst takes this many packets at the most.
    void limit_tx(std::size_t packets) noexcept {
        tx_limit_.store(packets, std::memory_order_relaxed);
    }

    /// Buffers in the poller's hands: not 0 when it is at rest means a leak.
    [[nodiscard]] std::size_t outstanding() const noexcept;

    /// Lets rx_burst hand out copies of the packets in turn, in full bursts as far as the buffers
    /// go. What is sent is then not kept but counted, and judged by `check` if there is one.
    /// Nothing allocates once it runs. An empty list ends it.
    ///
    /// REQUIRES: no other thread is polling; each packet fits into a buffer.
    void loop(std::vector<PreparedPacket> packets, LoopCheck check = {});

    /// Packets sent by a loop's poller, and those of them that its check refused.
    [[nodiscard]] std::uint64_t loop_sent() const noexcept { return loop_sent_.read(); }
    [[nodiscard]] std::uint64_t loop_wrong() const noexcept { return loop_wrong_.read(); }

    // The polling thread.

    [[nodiscard]] port::Framing framing() const noexcept override { return options_.framing; }
    [[nodiscard]] base::MacAddress mac() const noexcept override { return options_.mac; }
    [[nodiscard]] std::size_t rx_burst(std::span<port::Packet> packets) noexcept override;
    [[nodiscard]] std::size_t tx_burst(std::span<port::Packet> packets) noexcept override;
    void free(std::span<port::Packet> packets) noexcept override;
    [[nodiscard]] std::size_t allocate(std::span<port::Packet> packets) noexcept override;
    void wait(std::chrono::microseconds timeout) noexcept override;

    // Any thread.

    void wake() noexcept override;

  private:
    enum class Home : std::uint8_t { kTest, kPoller };

    struct Buffer {
        std::unique_ptr<std::uint8_t[]> octets;
        port::DatagramPath path;
        std::size_t loop_index = 0;
        Home home = Home::kTest;  // whose free list it belongs to
        bool is_held = false;     // poller: whether it is in the caller's hands
    };

    /// A buffer on its way between the threads.
    struct Passage {
        Buffer* buffer = nullptr;
        const std::uint8_t* data = nullptr;
        std::uint32_t length_octets = 0;
        bool is_packet = false;  // or the buffer alone, given back
        base::ChecksumState ip = base::ChecksumState::kUnknown;
        base::ChecksumState udp = base::ChecksumState::kUnknown;
    };

    using Ring = base::SpscRing<Passage>;

    static void pass(Ring& ring, const Passage& passage) noexcept;
    void collect();
    [[nodiscard]] port::Packet hand_out(Buffer& buffer, std::uint32_t length_octets) noexcept;
    [[nodiscard]] Buffer& take_back(const port::Packet& packet) noexcept;
    void give_back(Buffer& buffer) noexcept;
    void send(const port::Packet& packet) noexcept;
    void take_returned() noexcept;
    [[nodiscard]] std::size_t rx_injected(std::span<port::Packet> packets) noexcept;
    [[nodiscard]] std::size_t rx_loop(std::span<port::Packet> packets) noexcept;

    Options options_;
    std::vector<Buffer> buffers_;
    Ring to_poller_;
    Ring to_test_;
    std::atomic<std::size_t> tx_limit_{kNoLimit};  // test: writes, poller: reads
    int bell_;                                     // an eventfd: rung by wake, waited for by wait

    // The test's.
    std::vector<Buffer*> test_free_;
    std::vector<SentPacket> sent_;

    // The poller's; the counters are read by the test.
    std::vector<Buffer*> poller_free_;
    std::vector<PreparedPacket> loop_packets_;
    LoopCheck loop_check_;
    std::size_t loop_next_ = 0;
    stats::Counter handed_out_;
    stats::Counter taken_back_;
    stats::Counter loop_sent_;
    stats::Counter loop_wrong_;
};

}  // namespace understudy::memory
