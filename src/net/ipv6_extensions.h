#pragma once

#include <understudy/base/octets.h>
#include <cstddef>
#include <cstdint>

namespace understudy::net {

/// What stands behind the extension headers of an IPv6 packet.
struct ExtensionWalk {
    enum class End : std::uint8_t {
        kUpperLayer,  // `protocol` begins at `offset`
        kFragment,
        kUnskippable,  // too many, out of place, or saying that who does not know them must drop
        kMalformed,    // beyond the packet's end
    };

    End end;
    std::uint8_t protocol;
    std::size_t offset;
};

/// Walks hop-by-hop and destination options, from `offset` in `packet`, where a header of type
/// `next` begins. Any octets will do.
[[nodiscard]] ExtensionWalk walk_extensions(base::Octets packet,
                                            std::size_t offset,
                                            std::uint8_t next) noexcept;

}  // namespace understudy::net
