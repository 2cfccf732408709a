#include "ethdev/af_xdp_sockets.h"

#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <string>
#include <vector>

namespace understudy::ethdev {
namespace {

bool is_af_xdp(int fd) {
    int domain = 0;
    socklen_t size = sizeof domain;
    return ::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 && domain == AF_XDP;
}

}  // namespace

AfXdpSockets::AfXdpSockets() {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        const std::string name = entry.path().filename().string();
        int fd = -1;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        if (is_af_xdp(fd)) {
            descriptors_.insert(fd);
        }
    }
}

std::optional<int> AfXdpSockets::added_since() const {
    const AfXdpSockets now;
    std::vector<int> added;
    std::ranges::set_difference(now.descriptors_, descriptors_, std::back_inserter(added));
    return added.size() == 1 ? std::optional(added.front()) : std::nullopt;
}

}  // namespace understudy::ethdev
