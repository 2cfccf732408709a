#include "net/ipv4_options.h"

#include <understudy/net/frame.h>

#include "net/layout.h"

namespace understudy::net {

namespace ipv4 = layout::ipv4;

bool are_ipv4_options_good(base::Octets options) noexcept {
    constexpr std::size_t kLeastOctets = 2;  // type and length
    for (std::size_t count = 0; !options.empty(); ++count) {
        const std::uint8_t type = options[0];
        if (type == ipv4::kEndOfOptions) {
            break;
        }
        if (count == kMaxIpv4Options) {
            return false;
        }
        if (type == ipv4::kNoOperation) {
            options = options.subspan(1);
            continue;
        }
        if (options.size() < kLeastOctets || options[1] < kLeastOctets ||
            options[1] > options.size() || type == ipv4::kLooseSourceRoute ||
            type == ipv4::kStrictSourceRoute) {
            return false;
        }
        options = options.subspan(options[1]);
    }
    return true;
}

}  // namespace understudy::net
