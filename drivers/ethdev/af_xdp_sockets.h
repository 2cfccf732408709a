#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace understudy::ethdev {

/// An AF_XDP socket that DPDK's driver opened. DPDK 22.11 leaves it open when it closes the device,
/// and the kernel keeps the queue for it: nobody could open that again. So it is closed here, if it
/// is still there.
class DriverSocket {
  public:
    DriverSocket(int fd, std::uint64_t inode) noexcept : fd_(fd), inode_(inode) {}
    DriverSocket(DriverSocket&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), inode_(other.inode_) {}
    DriverSocket& operator=(DriverSocket&&) = delete;
    DriverSocket(const DriverSocket&) = delete;
    DriverSocket& operator=(const DriverSocket&) = delete;

    /// REQUIRES: the driver's device is closed.
    ~DriverSocket();

    [[nodiscard]] int fd() const noexcept { return fd_; }

  private:
    int fd_;
    std::uint64_t
        inode_;  // the number of a closed socket's descriptor may be another file's by now
};

/// The AF_XDP sockets that the process has open. DPDK keeps those of its driver to itself: whoever
/// looks before and after it opened a queue knows which one it is.
class AfXdpSockets {
  public:
    AfXdpSockets();

    /// The socket that came since; absent: none or several.
    [[nodiscard]] std::optional<DriverSocket> added_since() const;

  private:
    using Socket = std::pair<int, std::uint64_t>;  // descriptor, inode

    std::vector<Socket> sockets_;  // sorted
};

}  // namespace understudy::ethdev
