#pragma once

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace understudy::support {

/// REQUIRES: the path fits.
inline sockaddr_un unix_address(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    return address;
}

/// A client of a Unix stream socket, without any manners of its own.
class UnixStream {
  public:
    static UnixStream connect(const std::string& path) {
        const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const sockaddr_un address = unix_address(path);
        if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) !=
            0) {
            ::close(descriptor);
            return UnixStream(-1);
        }
        return UnixStream(descriptor);
    }

    UnixStream(UnixStream&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    UnixStream& operator=(UnixStream&& other) = delete;
    UnixStream(const UnixStream&) = delete;
    UnixStream& operator=(const UnixStream&) = delete;
    ~UnixStream() { close(); }

    [[nodiscard]] bool is_open() const noexcept { return descriptor_ >= 0; }

    /// False where the other end took not all of it.
    bool send(std::string_view octets) const {
        while (!octets.empty()) {
            const ssize_t count = ::send(descriptor_, octets.data(), octets.size(), MSG_NOSIGNAL);
            if (count < 0) {
                return false;
            }
            octets.remove_prefix(static_cast<std::size_t>(count));
        }
        return true;
    }

    void end_of_sending() const { ::shutdown(descriptor_, SHUT_WR); }

    /// Everything until the other end closes.
    [[nodiscard]] std::string read_all() const {
        std::string all;
        std::array<char, 65536> part{};
        for (ssize_t count = 0; (count = ::recv(descriptor_, part.data(), part.size(), 0)) > 0;) {
            all.append(part.data(), static_cast<std::size_t>(count));
        }
        return all;
    }

    void close() {
        if (descriptor_ >= 0) {
            ::close(std::exchange(descriptor_, -1));
        }
    }

  private:
    explicit UnixStream(int descriptor) noexcept : descriptor_(descriptor) {}

    int descriptor_;
};

}  // namespace understudy::support
