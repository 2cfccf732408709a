#include "ethdev/af_xdp_sockets.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <string>

namespace understudy::ethdev {
namespace {

/// Absent: not an AF_XDP socket.
std::optional<std::uint64_t> af_xdp_inode(int fd) {
    int domain = 0;
    socklen_t size = sizeof domain;
    struct stat status {};
    if (::getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_XDP ||
        ::fstat(fd, &status) != 0) {
        return std::nullopt;
    }
    return status.st_ino;
}

}  // namespace

DriverSocket::~DriverSocket() {
    if (fd_ >= 0 && af_xdp_inode(fd_) == inode_) {
        ::close(fd_);
    }
}

AfXdpSockets::AfXdpSockets() {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd", error)) {
        const std::string name = entry.path().filename().string();
        int fd = -1;
        std::from_chars(name.data(), name.data() + name.size(), fd);
        if (const auto inode = af_xdp_inode(fd)) {
            sockets_.emplace_back(fd, *inode);
        }
    }
    std::ranges::sort(sockets_);
}

std::optional<DriverSocket> AfXdpSockets::added_since() const {
    const AfXdpSockets now;
    std::vector<Socket> added;
    std::ranges::set_difference(now.sockets_, sockets_, std::back_inserter(added));
    if (added.size() != 1) {
        return std::nullopt;
    }
    return DriverSocket(added.front().first, added.front().second);
}

}  // namespace understudy::ethdev
