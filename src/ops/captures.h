#pragma once

#include <understudy/base/clock.h>
#include <understudy/ops/counter_sources.h>
#include <understudy/ops/protocol.h>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace understudy::ops {

/// The one capture that there may be. Its client asks for packets again and again; one that has not
/// for kLease is gone, and its capture with it.
///
/// Control thread only.
class Captures {
  public:
    static constexpr std::chrono::seconds kLease{5};

    /// Octets of packets in one answer, at the least one packet: what the control thread encodes
    /// without keeping others waiting.
    static constexpr std::size_t kPartOctets = std::size_t{512} * 1024;

    /// REQUIRES: both outlive this.
    Captures(const CounterSources& sources, const base::Clock& clock)
        : sources_(sources), clock_(clock) {}
    Captures(const Captures&) = delete;
    Captures& operator=(const Captures&) = delete;

    /// Ends the capture if one is under way.
    ~Captures();

    /// `filter`: as net::PacketFilter writes it. Gives `{id, ports: [NAME]}`. Fails where there is
    /// nothing to capture from, somebody else captures, or the filter is none.
    [[nodiscard]] base::Expected<Json> start(const std::string& filter);

    /// `{packets: [{time_ns, direction, port, queue, length, octets}], skipped}`: what came since
    /// the last call, each worker's in their order; `direction` is `in` or `out`, `port` an index
    /// into start's list, `octets` hexadecimal; `skipped` counts from the start.
    [[nodiscard]] base::Expected<Json> read(const std::string& id);

    /// `{skipped}`.
    [[nodiscard]] base::Expected<Json> stop(const std::string& id);

    /// Ends the capture of a client that is gone; to be called now and then.
    void expire();

  private:
    struct Lease {
        std::string id;
        base::Clock::TimePoint until;
    };

    [[nodiscard]] bool is_of(const std::string& id) const;
    [[nodiscard]] std::uint64_t skipped() const;
    void end();

    const CounterSources& sources_;
    const base::Clock& clock_;
    std::optional<Lease> lease_;
    std::uint64_t started_ = 0;  // captures so far
};

}  // namespace understudy::ops
