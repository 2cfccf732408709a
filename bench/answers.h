#pragma once

#include <understudy/base/octets.h>
#include <cstddef>
#include <string>

#include "workload.h"

namespace understudy::bench {

/// What is wrong with the answer to `query`, which asks for name `number`; empty: it says what the
/// zone does, and nothing else. Slow and obvious: the zone's records are made anew from the number.
[[nodiscard]] std::string answer_fault(const Workload& workload,
                                       std::size_t number,
                                       base::Octets query,
                                       base::Octets answer);

}  // namespace understudy::bench
