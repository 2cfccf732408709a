#include "net/ipv6_extensions.h"

#include <understudy/net/frame.h>

#include "net/layout.h"

namespace understudy::net {
namespace {

using End = ExtensionWalk::End;
namespace protocol = layout::protocol;

constexpr std::size_t kUnitOctets = 8;  // what an extension header's length counts, less one
constexpr std::uint8_t kPad1 = 0;
constexpr std::uint8_t kPadN = 1;
constexpr std::uint8_t kActionMask = 0xC0;  // of an option's type: 00 is "skip over this"

/// Whether the options of a header may be passed over by who knows none of them (RFC 8200, section
/// 4.2): kUpperLayer if so.
End judge_options(base::Octets options) noexcept {
    for (std::size_t count = 0; !options.empty(); ++count) {
        if (count == kMaxExtensionOptions) {
            return End::kUnskippable;
        }
        const std::uint8_t type = options[0];
        if (type == kPad1) {
            options = options.subspan(1);
            continue;
        }
        if (options.size() < 2 || options.size() < 2U + options[1]) {
            return End::kMalformed;
        }
        if (type != kPadN && (type & kActionMask) != 0) {
            return End::kUnskippable;
        }
        options = options.subspan(2U + options[1]);
    }
    return End::kUpperLayer;
}

}  // namespace

ExtensionWalk walk_extensions(base::Octets packet, std::size_t offset, std::uint8_t next) noexcept {
    for (std::size_t count = 0;; ++count) {
        switch (next) {
            case protocol::kHopByHop:
                if (count != 0) {
                    return {End::kUnskippable, next, offset};  // only ever the first
                }
                break;
            case protocol::kDestinationOptions:
                break;
            case protocol::kFragment:
                return {End::kFragment, next, offset};
            case protocol::kRouting:
                return {End::kUnskippable, next, offset};  // we are nobody's waypoint
            default:
                return {End::kUpperLayer, next, offset};
        }
        if (count == kMaxExtensionHeaders) {
            return {End::kUnskippable, next, offset};
        }
        const base::Octets rest = packet.subspan(offset);
        if (rest.size() < kUnitOctets || rest.size() < (rest[1] + 1U) * kUnitOctets) {
            return {End::kMalformed, next, offset};
        }
        const base::Octets header = rest.first((rest[1] + 1U) * kUnitOctets);
        if (const End end = judge_options(header.subspan(2)); end != End::kUpperLayer) {
            return {end, next, offset};
        }
        next = header[0];
        offset += header.size();
    }
}

}  // namespace understudy::net
