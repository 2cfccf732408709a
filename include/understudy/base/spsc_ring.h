#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

namespace understudy::base {

/// A bounded queue between one producing and one consuming thread, without locks or waiting: a full
/// ring refuses. Slots are filled and read in place, so that large items are copied once.
///
/// Producer: `T* slot = ring.reserve()`; fill it; `ring.commit()`.
/// Consumer: `T* slot = ring.front()`; use it; `ring.release()`.
template <typename T>
class SpscRing {
  public:
    /// `capacity`: slots, a power of two.
    explicit SpscRing(std::size_t capacity) : slots_(capacity), mask_(capacity - 1) {}

    /// Producer: the next free slot, or null when the ring is full.
    [[nodiscard]] T* reserve() noexcept {
        const std::size_t tail = tail_.load(std::memory_order_relaxed);
        if (tail - head_.load(std::memory_order_acquire) > mask_) {
            return nullptr;
        }
        return &slots_[tail & mask_];
    }

    /// Producer: hands the reserved slot to the consumer.
    void commit() noexcept {
        tail_.store(tail_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

    /// Consumer: the oldest slot, or null when the ring is empty.
    [[nodiscard]] T* front() noexcept {
        const std::size_t head = head_.load(std::memory_order_relaxed);
        if (head == tail_.load(std::memory_order_acquire)) {
            return nullptr;
        }
        return &slots_[head & mask_];
    }

    /// Consumer: gives the oldest slot back to the producer.
    void release() noexcept {
        head_.store(head_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }

  private:
    static constexpr std::size_t kCacheLineOctets = 64;

    std::vector<T> slots_;
    std::size_t mask_;
    alignas(kCacheLineOctets) std::atomic<std::size_t> head_{
        0};  // consumer: writes, producer: reads
    alignas(kCacheLineOctets) std::atomic<std::size_t> tail_{
        0};  // producer: writes, consumer: reads
};

}  // namespace understudy::base
