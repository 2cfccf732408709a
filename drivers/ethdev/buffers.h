#pragma once

#include <understudy/base/expected.h>
#include <understudy/port/packet_port.h>

#include <rte_mbuf.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace understudy::ethdev {

/// Buffers of one queue pair: full receive and transmit rings of AF_XDP (2,048 each, and as many
/// again on their way through the kernel) with room to spare. One less than a power of two is what
/// DPDK's rings hold.
inline constexpr unsigned kBuffersPerQueue = 8191;

/// In front of the frame the AF_XDP kernel side keeps this much besides RTE_PKTMBUF_HEADROOM
/// (XDP_PACKET_HEADROOM).
inline constexpr std::size_t kKernelHeadroomOctets = 256;

/// An Ethernet header, one 802.1Q tag and a frame check sequence.
inline constexpr std::size_t kFrameOverheadOctets = 14 + 4 + 4;

/// What a queue pair's buffers occupy at an MTU of 1,500, rounded up.
inline constexpr std::size_t kQueueMemoryOctets = std::size_t{24} << 20;

static_assert(kBuffersPerQueue * (RTE_MBUF_DEFAULT_BUF_SIZE + sizeof(rte_mbuf) + 64) <=
              kQueueMemoryOctets);
static_assert(RTE_MBUF_DEFAULT_BUF_SIZE >=
              RTE_PKTMBUF_HEADROOM + kKernelHeadroomOctets + port::PacketPort::kMinCapacityOctets);

struct FreePool {
    void operator()(rte_mempool* pool) const noexcept { rte_mempool_free(pool); }
};
using BufferPool = std::unique_ptr<rte_mempool, FreePool>;

/// One contiguous block of buffers for frames of `mtu`, used by one thread at a time.
[[nodiscard]] base::Expected<BufferPool> make_buffer_pool(const std::string& name,
                                                          std::uint16_t mtu,
                                                          int numa_node);

}  // namespace understudy::ethdev
