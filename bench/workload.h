#pragma once

#include <understudy/zone/snapshot.h>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "support/frames.h"

namespace understudy::bench {

/// A query and what its answer must say.
struct Question {
    support::Bytes frame;
    std::string expected;  // in lower case, somewhere in support::message_text of the answer
};

/// Zones and queries against them, the same ones for the same arguments: names drawn uniformly,
/// letters in either case at random, one query in ten for a name that does not exist, EDNS.
struct Workload {
    zone::Snapshot snapshot;
    std::vector<Question> questions;
    std::size_t names = 0;
};

/// Delegations with four name servers each, inside the delegated zone, with A and AAAA glue.
[[nodiscard]] Workload make_root(std::size_t delegations, std::size_t questions);

/// Names with one A record each.
[[nodiscard]] Workload make_hosts(std::size_t names, std::size_t questions);

}  // namespace understudy::bench
