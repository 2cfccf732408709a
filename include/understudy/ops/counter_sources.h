#pragma once

#include <understudy/base/link.h>
#include <understudy/stats/counters.h>
#include <understudy/worker/capture.h>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// Whose counters operators see. The threads that count go on doing so; ops only reads.
namespace understudy::ops {

/// A receive queue of a polled port.
struct PolledQueue {
    std::string port;  // the device's name as in the configuration
    unsigned queue = 0;
};

/// The counters of one thread that answers.
struct ThreadCounters {
    const stats::WorkerCounters* counters = nullptr;
    std::optional<unsigned> core;     // pinned to it
    std::vector<PolledQueue> polled;  // empty: it serves kernel sockets and is no row of `workers`
};

/// A counter beyond those, under a name of its own: `tcp_accepted`.
struct NamedCounter {
    std::string name;
    const stats::Counter* counter = nullptr;
};

/// What a polled port says of itself when it is asked.
struct PortStatus {
    bool link_up = true;
    std::uint32_t speed_mbps = 0;                                 // 0: unknown
    std::vector<std::pair<std::string, std::uint64_t>> counters;  // by name, each port the same
};

/// A polled port.
struct PortSource {
    std::string port;    // the device's name as in the configuration
    std::string driver;  // as DPDK names it
    std::string twin;    // the kernel's interface; empty: none
    base::MacAddress mac{};
    std::size_t queues = 0;
    std::function<PortStatus()> read;  // control thread
};

struct CounterSources {
    // Those that poll come first: the index of one is that of its ring in a capture.
    std::vector<ThreadCounters> threads;
    std::vector<NamedCounter> others;  // names differ from each other's and from the verdicts'
    std::vector<PortSource> ports{};
    worker::PublishedCapture* captures = nullptr;
};

}  // namespace understudy::ops
