#pragma once

#include <understudy/load/histogram.h>
#include <understudy/load/in_flight.h>
#include <understudy/load/link.h>
#include <understudy/load/plan.h>
#include <understudy/net/query_frame.h>
#include <understudy/port/packet_port.h>
#include <understudy/stats/counters.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace understudy::load {

/// What one core has sent and got back. That core writes, anyone reads.
///
/// Every answer that comes back to one of our ports ends under one of `answered`, `unmatched`,
/// `malformed` and `wrong_question`; only the first counts as an answer.
struct alignas(64) CoreCounters {
    stats::Counter sent;
    stats::Counter answered;        // with the query's id, port, address and question
    stats::Counter unmatched;       // no query waits for it: a copy, too late, or invented
    stats::Counter malformed;       // no response, or one that ends early
    stats::Counter wrong_question;  // another one than was asked
    stats::Counter bad_checksum;
    stats::Counter foreign;            // frames that are no business of ours
    stats::Counter unexpected_rcodes;  // of those answered
    stats::Counter truncated;          // of those answered: TC is set
    stats::Counter late;               // queries that were not sent because their time had passed
    std::array<stats::Counter, kRcodes> rcodes;
};

/// What one core learned that nobody reads before its thread has ended.
struct CoreResults {
    Histogram latency_cycles;
    Histogram answer_octets;  // of the DNS messages
};

/// One core's queries: made from prepared parts, sent at their rate or as fast as answers come, and
/// their answers looked at. No call allocates, locks, logs or makes a system call of its own, but
/// for the rare one that asks for the MAC address of a source and is told.
///
/// Buffers in which answers came carry the next queries, so that a port's pool is hardly asked.
class Generator {
  public:
    /// `core`: which of `in_flight` is ours; the others' are here because their answers may come in
    /// by our ports. All of them, ports, plan and results outlive the generator. REQUIRES: ports of
    /// one framing, at least one.
    Generator(const Plan& plan,
              std::size_t core,
              std::span<port::PacketPort* const> ports,
              std::span<const std::unique_ptr<InFlight>> in_flight,
              CoreCounters& counters,
              CoreResults& results);
    ~Generator();
    Generator(const Generator&) = delete;
    Generator& operator=(const Generator&) = delete;

    /// The time from which the rate counts.
    void begin(std::uint64_t now_cycles, std::uint64_t cycles_per_second) noexcept;

    /// Sends what is due, at most a burst. Returns how many.
    std::size_t send(std::uint64_t now_cycles) noexcept;

    /// Takes one burst of each port and looks at it. Returns how many packets came.
    std::size_t receive(std::uint64_t now_cycles) noexcept;

    /// What may be caught up on after a pause, as time: a burst of more would measure the length of
    /// the server's queues. What is older counts as `late`.
    static constexpr double kMaxCatchUpSeconds = 0.001;

    /// A full window does not wait any longer for an answer that is lost.
    static constexpr double kGiveUpSeconds = 0.02;

  private:
    /// A port and buffers of its own that answers came in.
    struct Port {
        port::PacketPort* port;
        net::QueryFrame frame;  // kEthernet only
        Link link;              // likewise
        std::size_t spare_count = 0;
        std::array<port::Packet, 2 * port::kMaxBurst> spare{};
    };

    [[nodiscard]] std::size_t due(std::uint64_t now_cycles) noexcept;
    [[nodiscard]] std::size_t take_buffers(Port& port, std::span<port::Packet> packets) noexcept;
    void keep_or_free(Port& port, std::span<port::Packet> packets) noexcept;
    void write(const Port& port, port::Packet& packet, const QuerySet::Query& query) noexcept;
    [[nodiscard]] bool take(Port& port, port::Packet& packet, std::uint64_t now_cycles) noexcept;
    [[nodiscard]] bool answer_neighbour(Port& port, port::Packet& packet) noexcept;
    void take_message(base::Octets message,
                      const Identity& identity,
                      const std::uint64_t* source_tail,
                      std::uint64_t now_cycles) noexcept;
    [[nodiscard]] bool is_answer_to(base::Octets message, base::Octets question) noexcept;

    const Plan& plan_;
    net::AnswerInspector inspector_;
    bool ethernet_;
    std::size_t core_;
    std::vector<Port> ports_;
    std::size_t next_port_ = 0;
    std::span<const std::unique_ptr<InFlight>> in_flight_;
    InFlight& ours_;
    CoreCounters& counters_;
    CoreResults& results_;
    std::size_t next_query_;
    std::uint64_t begin_cycles_ = 0;
    std::uint64_t give_up_cycles_ = 0;
    std::uint64_t scheduled_ = 0;  // queries sent or late since then
    double queries_a_cycle_ = 0;
    double max_catch_up_ = 0;  // queries
};

}  // namespace understudy::load
