#pragma once

#include <understudy/base/octets.h>
#include <understudy/base/spsc_ring.h>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace understudy::port {

/// Whole Ethernet frames on their way from one thread to another: from a worker to the kernel's
/// twin of its port, or back. One producer and one consumer, bounded, without locks or waiting; a
/// frame is copied in and read in place.
class FrameRing {
  public:
    static constexpr std::size_t kSlots = 512;

    /// `max_frame_octets`: from the Ethernet header on, without the check sequence.
    explicit FrameRing(std::size_t max_frame_octets);
    FrameRing(const FrameRing&) = delete;
    FrameRing& operator=(const FrameRing&) = delete;

    [[nodiscard]] std::size_t max_frame_octets() const noexcept { return max_frame_octets_; }

    /// Producer: room for the next frame; empty when the ring is full.
    [[nodiscard]] base::MutableOctets reserve() noexcept {
        reserved_ = ring_.reserve();
        return reserved_ == nullptr ? base::MutableOctets()
                                    : base::MutableOctets(reserved_->octets, max_frame_octets_);
    }

    /// Producer: after reserve() that gave room. Hands that room's first octets on as a frame.
    void commit(std::size_t length_octets) noexcept {
        reserved_->length_octets = length_octets;
        ring_.commit();
    }

    /// Consumer: the oldest frame, empty when there is none.
    [[nodiscard]] base::Octets front() noexcept {
        const Slot* slot = ring_.front();
        return slot == nullptr ? base::Octets() : base::Octets(slot->octets, slot->length_octets);
    }

    /// Consumer: gives the oldest frame's room back.
    void release() noexcept { ring_.release(); }

  private:
    struct Slot {
        std::uint8_t* octets = nullptr;  // of block_, for good
        std::size_t length_octets = 0;
    };

    std::size_t max_frame_octets_;
    std::unique_ptr<std::uint8_t[]> block_;  // NOLINT(modernize-avoid-c-arrays): sized at run time
    base::SpscRing<Slot> ring_{kSlots};
    Slot* reserved_ = nullptr;  // producer
};

}  // namespace understudy::port
