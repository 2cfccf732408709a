#include <understudy/zone/block_store.h>
#include <understudy/zone/memory_usage.h>

#include "zone/lineage.h"

namespace understudy::zone {

MemoryUsage memory_usage() {
    const BlockStore::Usage usage = BlockStore::process().usage();
    return {.live = usage.live_octets,
            .retired = Lineage::retired_octets(),
            .reserved = usage.reserved_octets};
}

}  // namespace understudy::zone
