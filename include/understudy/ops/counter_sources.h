#pragma once

#include <understudy/stats/counters.h>
#include <optional>
#include <string>
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

struct CounterSources {
    std::vector<ThreadCounters> threads;
    std::vector<NamedCounter> others;  // names differ from each other's and from the verdicts'
};

}  // namespace understudy::ops
