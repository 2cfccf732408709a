#pragma once

#include <understudy/base/octets.h>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace understudy::zone {

/// Where the compression pointers of a body stand, each as its distance from the one before: a body
/// that lands behind a longer question than its own has each of them moved by the difference. A
/// distance of kSkip leads to no pointer but onward.
class FixUps {
  public:
    static constexpr std::uint8_t kSkip = 255;

    /// Appends the distances of all pointers in `records`, whole records of types whose names may
    /// be compressed or that have none.
    static void append(base::Octets records, std::vector<std::uint8_t>& into);

    /// Moves the pointers of a copy at `body` by `by`.
    static void apply(base::Octets fixups, std::uint8_t* body, std::size_t by) noexcept {
        const std::uint8_t* const end = fixups.data() + fixups.size();
        for (const std::uint8_t* at = fixups.data(); at != end; ++at) {
            body += *at;
            if (*at != kSkip) [[likely]] {
                base::store_be16(body, static_cast<std::uint16_t>(base::load_be16(body) + by));
            }
        }
    }
};

}  // namespace understudy::zone
