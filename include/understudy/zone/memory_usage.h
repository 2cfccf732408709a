#pragma once

#include <cstddef>

namespace understudy::zone {

/// What the zone data of the process takes, in octets, rounded as it is allocated.
struct MemoryUsage {
    std::size_t live = 0;      // blocks that some version of a zone or of the snapshot has
    std::size_t retired = 0;   // of these, blocks that none but older versions of a zone have
    std::size_t reserved = 0;  // the spans in which live blocks stand
};

[[nodiscard]] MemoryUsage memory_usage();

}  // namespace understudy::zone
