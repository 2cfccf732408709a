#pragma once

#include <understudy/answer/answer.h>
#include <understudy/base/cycles.h>
#include <understudy/base/token_bucket.h>
#include <understudy/net/frame.h>
#include <understudy/net/service.h>
#include <understudy/port/deferred.h>
#include <understudy/port/frame_ring.h>
#include <understudy/port/packet_port.h>
#include <understudy/stats/counters.h>
#include <understudy/worker/capture.h>
#include <understudy/zone/snapshot.h>
#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::worker {

/// Echo requests that a pipeline answers a second, and how many of them at once: enough for every
/// monitoring system, and a flood of them costs no answer.
inline constexpr std::uint64_t kEchoRepliesPerSecond = 10'000;
inline constexpr std::uint64_t kEchoBurst = 1'000;

/// A port and what is served on it. All outlive the pipeline.
struct PortBinding {
    port::PacketPort* port = nullptr;
    const net::Service* service = nullptr;  // Framing::kEthernet only, else null

    // Where the kernel has a twin of the port, else null: what goes there from this queue, and what
    // comes from there and is to be sent over it.
    port::FrameRing* to_kernel = nullptr;
    port::FrameRing* from_kernel = nullptr;
};

/// The way of a burst over one port: received, inspected, answered in place, turned around, sent.
/// Each packet ends in one verdict, which is counted once it is known whether the port took the
/// reply. A reply that control made later, and a frame of the kernel's, is a packet of its own with
/// a verdict of its own, so the verdicts' sum is what came in and what came back from control and
/// from the kernel.
///
/// One thread polls it. No call allocates, locks, logs or makes a system call of its own.
class Pipeline {
  public:
    /// `port_index`: names this port in what goes to control and comes back.
    Pipeline(const PortBinding& binding,
             std::uint16_t port_index,
             port::DeferredRings& rings,
             port::WakeUp& control,
             stats::WorkerCounters& counters,
             CaptureTap tap = {}) noexcept;

    /// Takes a burst from the port; returns how many packets came. If any did, settle() is next.
    [[nodiscard]] std::size_t receive() noexcept;

    /// Answers, sends and frees what receive() took. A snapshot that is loaded between the two has
    /// everything that was published before the packets came.
    void settle(const zone::Snapshot& snapshot, const answer::Context& context) noexcept;

    /// Sends a reply that control made, or drops it as TransmitFull. REQUIRES: its port_index is
    /// ours.
    void send_late(const port::Deferred& reply) noexcept;

    /// Sends what the kernel has for the port, at most a burst; returns how many frames that was.
    [[nodiscard]] std::size_t send_from_kernel() noexcept;

    /// Tells the link who has the service addresses now, so that neighbours forget who had them
    /// before.
    void announce() noexcept;

  private:
    /// A packet in `queries_`, waiting for its answer.
    struct Pending {
        port::Packet packet;
        net::FrameView view;  // kEthernet only
    };

    void take(const port::Packet& packet) noexcept;
    void take_frame(const port::Packet& packet) noexcept;
    [[nodiscard]] bool may_echo() noexcept;
    void add_query(const port::Packet& packet,
                   const net::FrameView& view,
                   base::Octets source) noexcept;
    void conclude(std::size_t index) noexcept;
    void queue_reply(const port::Packet& packet, stats::Verdict verdict) noexcept;
    void reply_to(port::Packet packet,
                  const net::FrameView& view,
                  std::size_t payload_octets,
                  stats::Verdict verdict) noexcept;
    [[nodiscard]] stats::Verdict defer(const Pending& pending,
                                       const answer::Request& request) noexcept;
    void drop(const port::Packet& packet, stats::Verdict verdict) noexcept;
    void flush() noexcept;

    [[nodiscard]] bool take_from_kernel(port::Packet& packet) noexcept;

    port::PacketPort& port_;
    const net::Service* service_;
    port::Framing framing_;
    std::uint16_t port_index_;
    port::FrameRing* to_kernel_;
    port::FrameRing* from_kernel_;
    port::DeferredRings& rings_;
    port::WakeUp& control_;
    stats::WorkerCounters& counters_;
    CaptureTap tap_;
    base::TokenBucket echoes_{base::cycles_per_second() / kEchoRepliesPerSecond, kEchoBurst};

    // The burst at hand. Members, because nobody need clear them between two polls.
    std::size_t received_count_ = 0;
    std::uint64_t now_cycles_ = 0;  // 0: nobody has asked for the time since the burst came
    std::array<port::Packet, port::kMaxBurst> received_;
    std::size_t query_count_ = 0;
    std::array<Pending, port::kMaxBurst> pending_;
    std::array<answer::Request, port::kMaxBurst> queries_;
    std::size_t reply_count_ = 0;
    std::array<port::Packet, port::kMaxBurst> replies_;
    std::array<stats::Verdict, port::kMaxBurst> reply_verdicts_;
    std::size_t dropped_count_ = 0;
    std::array<port::Packet, port::kMaxBurst> dropped_;
};

}  // namespace understudy::worker
