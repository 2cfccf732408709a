#pragma once

#include <understudy/load/generator.h>
#include <understudy/load/histogram.h>
#include <understudy/load/in_flight.h>
#include <understudy/load/link.h>
#include <understudy/load/plan.h>
#include <understudy/port/packet_port.h>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace understudy::load {

/// What one thread polls and sends through.
struct CoreShare {
    std::optional<unsigned> core;  // where it is pinned; absent: nowhere
    std::vector<port::PacketPort*> ports;
};

/// Sums over all cores.
struct Totals {
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::uint64_t unmatched = 0;
    std::uint64_t malformed = 0;
    std::uint64_t wrong_question = 0;
    std::uint64_t bad_checksum = 0;
    std::uint64_t foreign = 0;
    std::uint64_t unexpected_rcodes = 0;
    std::uint64_t truncated = 0;
    std::uint64_t late = 0;
    std::array<std::uint64_t, kRcodes> rcodes{};

    /// Without a right answer.
    [[nodiscard]] std::uint64_t lost() const noexcept {
        return sent - (answered < sent ? answered : sent);
    }

    /// Answers that no correct server gives, and rcodes that were not hoped for.
    [[nodiscard]] std::uint64_t wrong() const noexcept {
        return malformed + wrong_question + bad_checksum + unexpected_rcodes;
    }
};

/// The totals at some moment.
struct Sample {
    double seconds = 0;  // since the start
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
};

/// What came of a run.
struct Report {
    Totals totals;
    double seconds = 0;  // during which queries were sent
    double nanoseconds_a_cycle = 0;
    Histogram latency_cycles;
    Histogram answer_octets;
};

/// The ports that queries come from: how many for each core, and how they follow each other.
struct PortPlan {
    std::uint16_t first_port = 0;
    unsigned bits_a_core = 0;
    unsigned run_bits = 0;

    /// The upper half of all ports, dealt out over the cores; of frames, so nobody else needs them.
    /// REQUIRES: 1 to kMaxCores.
    [[nodiscard]] static PortPlan for_frames(std::size_t cores) noexcept;

    static constexpr std::size_t kMaxCores = 128;
};

/// A run: one thread for each share, all beginning in the same moment. The shares' ports, the plan
/// and what it refers to outlive it. All calls from one thread, except stop().
class Run {
  public:
    /// After the last query, answers are waited for this long.
    static constexpr std::chrono::milliseconds kLastAnswers{1000};

    /// REQUIRES: 1 to kMaxCores shares, each with ports of one framing.
    Run(const Plan& plan, const PortPlan& ports, std::span<const CoreShare> shares);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

    void start(std::chrono::duration<double> duration);

    /// Any thread, signal handlers too: no more queries, only the last answers.
    void stop() noexcept { stopping_.store(true, std::memory_order_relaxed); }

    /// Whether queries are being sent or answers waited for.
    [[nodiscard]] bool is_running() const noexcept;

    [[nodiscard]] Totals totals() const noexcept;
    [[nodiscard]] Sample sample() const noexcept;

    /// Waits for the end.
    [[nodiscard]] std::unique_ptr<Report> finish();

  private:
    struct Core;

    void run(Core& core) noexcept;
    [[nodiscard]] bool is_all_answered() const noexcept;

    std::vector<std::unique_ptr<InFlight>> in_flight_;
    std::vector<std::unique_ptr<Core>> cores_;
    std::uint64_t cycles_per_second_;
    std::uint64_t begin_cycles_ = 0;
    std::uint64_t end_cycles_ = 0;
    std::atomic<std::uint64_t> stopped_cycles_{0};  // the last core to stop sending writes it
    std::atomic<bool> stopping_{false};             // anyone: writes, cores: read
    std::atomic<std::size_t> sending_{0};           // cores that have not stopped sending
    std::atomic<std::size_t> running_{0};           // cores that have not ended
};

}  // namespace understudy::load
