#include "ethdev/queue.h"

#include <rte_ethdev.h>
#include <rte_lcore.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace understudy::ethdev {
namespace {

using base::ChecksumState;
using port::kMaxBurst;
using port::Packet;

/// A thread's registration with DPDK, given back when the thread ends: DPDK has 128 places.
class ThreadRegistration {
  public:
    ThreadRegistration() : registered_(!is_known() && rte_thread_register() == 0) {}
    ThreadRegistration(const ThreadRegistration&) = delete;
    ThreadRegistration& operator=(const ThreadRegistration&) = delete;
    ~ThreadRegistration() {
        if (registered_) {
            rte_thread_unregister();
        }
    }

  private:
    static bool is_known() { return rte_lcore_id() != LCORE_ID_ANY; }

    bool registered_;
};

rte_mbuf* mbuf_of(const Packet& packet) noexcept { return static_cast<rte_mbuf*>(packet.handle); }

ChecksumState checksum_state(std::uint64_t flags, std::uint64_t good, std::uint64_t bad) noexcept {
    // The drivers' two bits have a fourth value, "wrong in the packet, right in the data": it comes
    // from virtual machines and counts as unknown.
    const std::uint64_t state = flags & (good | bad);
    if (state == good) {
        return ChecksumState::kGood;
    }
    return state == bad ? ChecksumState::kBad : ChecksumState::kUnknown;
}

void view(rte_mbuf* mbuf, Packet& packet) noexcept {
    packet.data = rte_pktmbuf_mtod(mbuf, std::uint8_t*);
    packet.length_octets = mbuf->data_len;
    packet.capacity_octets = static_cast<std::uint32_t>(mbuf->buf_len - mbuf->data_off);
    packet.ip_checksum =
        checksum_state(mbuf->ol_flags, RTE_MBUF_F_RX_IP_CKSUM_GOOD, RTE_MBUF_F_RX_IP_CKSUM_BAD);
    packet.udp_checksum =
        checksum_state(mbuf->ol_flags, RTE_MBUF_F_RX_L4_CKSUM_GOOD, RTE_MBUF_F_RX_L4_CKSUM_BAD);
    packet.path = nullptr;
    packet.handle = mbuf;
}

}  // namespace

void Queue::attach_thread() {
    // Without a place the pool's per-thread cache is missing, which costs time and nothing else.
    static thread_local const ThreadRegistration registration;
}

std::size_t Queue::rx_burst(std::span<Packet> packets) noexcept {
    std::array<rte_mbuf*, kMaxBurst> mbufs;
    const std::uint16_t wanted = static_cast<std::uint16_t>(std::min(packets.size(), kMaxBurst));
    const std::uint16_t received = rte_eth_rx_burst(port_, index_, mbufs.data(), wanted);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < received; ++i) {
        if (mbufs[i]->nb_segs != 1) [[unlikely]] {
            segmented_.add(1);
            rte_pktmbuf_free(mbufs[i]);
            continue;
        }
        view(mbufs[i], packets[kept]);
        ++kept;
    }
    return kept;
}

std::size_t Queue::tx_burst(std::span<Packet> packets) noexcept {
    std::array<rte_mbuf*, kMaxBurst> mbufs;
    const std::size_t offered = std::min(packets.size(), kMaxBurst);
    for (std::size_t i = 0; i < offered; ++i) {
        mbufs[i] = mbuf_of(packets[i]);
        mbufs[i]->data_len = static_cast<std::uint16_t>(packets[i].length_octets);
        mbufs[i]->pkt_len = packets[i].length_octets;
    }
    const std::size_t sent =
        rte_eth_tx_burst(port_, index_, mbufs.data(), static_cast<std::uint16_t>(offered));
    if (sent < offered) [[unlikely]] {
        not_sent_.add(offered - sent);
    }
    return sent;
}

void Queue::free(std::span<Packet> packets) noexcept {
    for (const Packet& packet : packets) {
        rte_pktmbuf_free(mbuf_of(packet));
    }
}

std::size_t Queue::allocate(std::span<Packet> packets) noexcept {
    std::size_t count = 0;
    for (Packet& packet : packets) {
        rte_mbuf* mbuf = rte_pktmbuf_alloc(pool_);
        if (mbuf == nullptr) [[unlikely]] {
            break;
        }
        view(mbuf, packet);
        ++count;
    }
    return count;
}

void Queue::wait(std::chrono::microseconds timeout) noexcept {
    constexpr std::int64_t kMicrosecondsInSecond = 1'000'000;
    constexpr std::int64_t kNanosecondsInMicrosecond = 1'000;
    const timespec pause{timeout.count() / kMicrosecondsInSecond,
                         timeout.count() % kMicrosecondsInSecond * kNanosecondsInMicrosecond};
    (void)nanosleep(&pause, nullptr);  // returning early is allowed
}

}  // namespace understudy::ethdev
