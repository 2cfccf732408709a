#include "ethdev/buffers.h"

#include "ethdev/huge_pages.h"

#include <rte_eal.h>
#include <rte_errno.h>

#include <algorithm>

namespace understudy::ethdev {
namespace {

/// What a thread keeps for itself; DPDK's own choice for pools of this size.
constexpr unsigned kCacheBuffers = 256;

/// Network cards cut frames into pieces of whole KiB.
constexpr std::size_t kRoomUnitOctets = 1024;

std::uint16_t room_octets(std::uint16_t mtu) {
    const std::size_t frame = kKernelHeadroomOctets + kFrameOverheadOctets + mtu;
    const std::size_t rounded = (frame + kRoomUnitOctets - 1) / kRoomUnitOctets * kRoomUnitOctets;
    return static_cast<std::uint16_t>(
        std::max<std::size_t>(RTE_MBUF_DEFAULT_BUF_SIZE, RTE_PKTMBUF_HEADROOM + rounded));
}

}  // namespace

base::Expected<BufferPool> make_buffer_pool(const std::string& name,
                                            std::uint16_t mtu,
                                            int numa_node) {
    // Buffers are taken and given back by the queue's own thread only.
    BufferPool pool(rte_pktmbuf_pool_create_by_ops(name.c_str(),
                                                   kBuffersPerQueue,
                                                   kCacheBuffers,
                                                   0,
                                                   room_octets(mtu),
                                                   numa_node,
                                                   "ring_sp_sc"));
    if (!pool) {
        const std::string remedy =
            rte_eal_has_hugepages() != 0 ? reserve_command(kQueueMemoryOctets) : "use fewer queues";
        return base::fail(std::string("no memory for packet buffers (") + rte_strerror(rte_errno) +
                          "): " + remedy);
    }
    // AF_XDP shares a pool with the kernel as one block; in pieces it would be the wrong memory.
    if (pool->nb_mem_chunks != 1) {
        return base::fail("no contiguous memory for packet buffers");
    }
    return pool;
}

}  // namespace understudy::ethdev
