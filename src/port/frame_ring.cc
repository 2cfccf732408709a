#include <understudy/port/frame_ring.h>

namespace understudy::port {

FrameRing::FrameRing(std::size_t max_frame_octets)
    : max_frame_octets_(max_frame_octets),
      // Not cleared: what no frame ever fills costs no memory.
      block_(std::make_unique_for_overwrite<std::uint8_t[]>(  // NOLINT(modernize-avoid-c-arrays)
          kSlots * max_frame_octets)) {
    for (std::size_t i = 0; i < kSlots; ++i) {
        ring_.reserve()->octets = block_.get() + i * max_frame_octets;
        ring_.commit();
    }
    for (std::size_t i = 0; i < kSlots; ++i) {
        ring_.release();
    }
}

}  // namespace understudy::port
