#include "worker/pass_to_twin.h"

#include <algorithm>

namespace understudy::worker {
namespace {

using stats::Verdict;

/// Somebody else's, of which net::inspect says no more than that.
bool is_foreign(Verdict cause) noexcept {
    switch (cause) {
        case Verdict::kForeignMac:  // multicast and broadcast most of all
        case Verdict::kForeignVlan:
        case Verdict::kForeignEthertype:
        case Verdict::kForeignArp:
        case Verdict::kForeignAddress:
        case Verdict::kFragment:
        case Verdict::kTooManyExtensions:  // IPsec is among them
        case Verdict::kForeignProtocol:
        case Verdict::kForeignPort:
            return true;
        default:
            return false;
    }
}

}  // namespace

Verdict pass_to_twin(port::FrameRing* twin, const port::Packet& packet, Verdict cause) noexcept {
    if (twin == nullptr || !is_foreign(cause)) {
        return cause;
    }
    if (packet.length_octets > twin->max_frame_octets()) {
        return Verdict::kTwinTooLong;
    }
    const base::MutableOctets room = twin->reserve();
    if (room.empty()) {
        return Verdict::kTwinRingFull;
    }
    std::copy_n(packet.data, packet.length_octets, room.begin());
    twin->commit(packet.length_octets);
    return cause == Verdict::kFragment ? Verdict::kFragmentToTwin : Verdict::kToTwin;
}

}  // namespace understudy::worker
