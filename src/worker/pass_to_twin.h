#pragma once

#include <understudy/port/frame_ring.h>
#include <understudy/port/packet_port.h>
#include <understudy/stats/verdict.h>

namespace understudy::worker {

/// Copies a frame that we do not answer into `twin` if it is somebody else's: another protocol's,
/// another address's, another VLAN's, or a fragment. What is broken, and what is ours but not to be
/// answered, the kernel does not get. Returns the frame's verdict: `cause` where it stays with us.
///
/// `twin`: null where the kernel has none of this port.
[[nodiscard]] stats::Verdict pass_to_twin(port::FrameRing* twin,
                                          const port::Packet& packet,
                                          stats::Verdict cause) noexcept;

}  // namespace understudy::worker
