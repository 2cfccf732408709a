#pragma once

#include <understudy/base/ip_address.h>
#include <understudy/base/link.h>
#include <understudy/load/query_set.h>
#include <understudy/load/sources.h>
#include <understudy/net/query_frame.h>
#include <cstdint>
#include <optional>

namespace understudy::load {

/// The 16 rcodes that a header holds.
inline constexpr std::size_t kRcodes = 16;

/// What all cores of a run have in common. Outlives them.
struct Plan {
    const QuerySet* queries = nullptr;
    base::Endpoint server;
    Sources sources;
    base::MacAddress server_mac{};  // Framing::kEthernet only
    net::Returning returning = net::Returning::kAnswered;

    /// Bit n: answers with rcode n are what was hoped for.
    std::uint16_t expected_rcodes = 0;

    /// Queries a second on each core, whether answers come or not. Absent: as many as the port
    /// takes while at most `window` of a core wait for their answers.
    std::optional<double> rate_a_core;
    std::uint32_t window = kDefaultWindow;

    /// Queries handed to the port at a time, at most port::kMaxBurst.
    std::uint32_t burst = kDefaultBurst;

    static constexpr std::uint32_t kDefaultBurst = 32;

    /// A veth queues no more for AF_XDP, and more of them only wait longer.
    static constexpr std::uint32_t kDefaultWindow = 256;
};

}  // namespace understudy::load
