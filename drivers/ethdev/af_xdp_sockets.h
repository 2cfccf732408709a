#pragma once

#include <optional>
#include <set>

namespace understudy::ethdev {

/// The AF_XDP sockets that the process has open. DPDK keeps those of its driver to itself: whoever
/// looks before and after it opened a queue knows which one it is.
class AfXdpSockets {
  public:
    AfXdpSockets();

    /// The socket that came since; absent: none or several.
    [[nodiscard]] std::optional<int> added_since() const;

  private:
    std::set<int> descriptors_;
};

}  // namespace understudy::ethdev
