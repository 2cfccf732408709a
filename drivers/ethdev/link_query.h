#pragma once

namespace understudy::ethdev {

/// The other end of a pair of interfaces.
struct LinkPeer {
    unsigned index = 0;
    bool is_here = false;  // in the calling thread's network namespace; its index means something
};

/// Asks the kernel over rtnetlink, which alone says which namespace an index belongs to.
[[nodiscard]] LinkPeer find_peer(unsigned interface_index);

}  // namespace understudy::ethdev
