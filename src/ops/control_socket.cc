#include "ops/control_socket.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

namespace understudy::ops {
namespace {

/// Connections that wait to be accepted; the kernel's usual cap is far higher.
constexpr int kBacklog = 128;

std::string words_of(int error) { return std::generic_category().message(error); }

/// Makes the look at a path and what follows from it one step among daemons: each locks the folder
/// first. Without it, two that start at once could each replace the other's socket.
class FolderLock {
  public:
    explicit FolderLock(const std::filesystem::path& folder) noexcept
        : descriptor_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (descriptor_ >= 0) {
            (void)::flock(descriptor_, LOCK_EX);
        }
    }
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;
    ~FolderLock() {
        if (descriptor_ >= 0) {
            ::close(descriptor_);
        }
    }

  private:
    int descriptor_;
};

/// The error that connecting ends with; 0: somebody listens.
int try_to_connect(const sockaddr_un& address) noexcept {
    const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0) {
        return errno;
    }
    const int result =
        ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    const int error = result == 0 ? 0 : errno;
    ::close(probe);
    return error == EAGAIN ? 0 : error;  // a listener whose backlog is full
}

/// Removes a socket that nobody listens on.
base::Expected<void> make_way(const std::string& path, const sockaddr_un& address) {
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        return {};  // nothing there, or bind() will say what is wrong
    }
    if (!S_ISSOCK(status.st_mode)) {
        return base::fail(path + " is there and no socket: remove it or change `server.control`");
    }
    const int error = try_to_connect(address);
    if (error == 0) {
        return base::fail(path +
                          " belongs to another daemon that is running: stop that one, or give this "
                          "one a `server.control` of its own");
    }
    if (error != ECONNREFUSED) {
        return base::fail(path + ": " + words_of(error) + ": remove it or change `server.control`");
    }
    if (::unlink(path.c_str()) != 0) {
        return base::fail(path + " is left from an earlier run and cannot be removed (" +
                          words_of(errno) + "): remove it or change `server.control`");
    }
    return {};
}

}  // namespace

base::Expected<ControlSocket> ControlSocket::open(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.empty() || path.size() >= sizeof address.sun_path) {
        return base::fail(path + ": a socket's path has 1 to " +
                          std::to_string(sizeof address.sun_path - 1) +
                          " octets: change `server.control`");
    }
    std::memcpy(address.sun_path, path.data(), path.size());

    const auto folder = std::filesystem::absolute(path).parent_path();
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) {
        return base::fail(folder.string() + ": " + error.message() +
                          ": create the folder or change `server.control`");
    }
    const FolderLock lock(folder);
    if (auto way = make_way(path, address); !way) {
        return tl::unexpected(way.error());
    }
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) {
        return base::fail("cannot open the control socket: " + words_of(errno));
    }
    // Nobody can connect before listen(), so the mode is never wider than it should be.
    ControlSocket socket(path, descriptor);
    struct stat status {};
    if (::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        ::lstat(path.c_str(), &status) != 0 || ::chmod(path.c_str(), kMode) != 0 ||
        ::listen(descriptor, kBacklog) != 0) {
        return base::fail(path + ": " + words_of(errno) + ": change `server.control`");
    }
    socket.device_ = status.st_dev;
    socket.inode_ = status.st_ino;
    return socket;
}

ControlSocket::ControlSocket(ControlSocket&& other) noexcept
    : path_(std::exchange(other.path_, {})),
      descriptor_(std::exchange(other.descriptor_, -1)),
      device_(other.device_),
      inode_(other.inode_) {}

ControlSocket::~ControlSocket() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
    struct stat status {};
    if (!path_.empty() && ::lstat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
        status.st_ino == inode_) {
        ::unlink(path_.c_str());
    }
}

int ControlSocket::release_descriptor() noexcept { return std::exchange(descriptor_, -1); }

}  // namespace understudy::ops
