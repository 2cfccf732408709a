#pragma once

#include <sys/types.h>
#include <understudy/base/expected.h>
#include <string>

namespace understudy::ops {

/// A listening Unix stream socket at a path, and its file, which goes with it.
class ControlSocket {
  public:
    /// Owner and group may connect: whoever can has all power over the daemon.
    static constexpr mode_t kMode = 0660;

    /// Creates missing folders above the path. A socket that is there already and that nobody
    /// listens on is replaced; one that somebody listens on, and anything else, is left alone and
    /// an error. The error says what to do.
    [[nodiscard]] static base::Expected<ControlSocket> open(const std::string& path);

    ControlSocket(ControlSocket&& other) noexcept;
    ControlSocket& operator=(ControlSocket&& other) = delete;
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

    /// Removes the file, if it is still the one that was created here.
    ~ControlSocket();

    /// Non-blocking. The caller closes it, and may do so before this ends.
    [[nodiscard]] int release_descriptor() noexcept;

  private:
    ControlSocket(std::string path, int descriptor) noexcept
        : path_(std::move(path)), descriptor_(descriptor) {}

    std::string path_;  // empty: moved from
    int descriptor_;    // -1: released
    dev_t device_ = 0;  // of the file
    ino_t inode_ = 0;
};

}  // namespace understudy::ops
