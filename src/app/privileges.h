#pragma once

#include <sys/capability.h>
#include <understudy/base/expected.h>
#include <memory>
#include <string>

namespace understudy::app {

/// Makes the folder at `path` if it is missing, for its owner alone; with a `user` that one owns
/// it. Before privileges are dropped.
[[nodiscard]] base::Expected<void> make_private_folder(const std::string& path,
                                                       const std::string& user);

/// Gives a file or folder in such a folder to the `user`, if there is one and we are root.
[[nodiscard]] base::Expected<void> give_file(const std::string& path, const std::string& user);

/// Makes the process run as `user` from here on. Of its powers the calling thread, and whatever
/// thread it starts, keeps CAP_NET_ADMIN and CAP_NET_BIND_SERVICE permitted and none effective: see
/// RaisedCapabilities. Threads that run already lose all of them.
///
/// Whoever is `user` already gives the rest of his powers up alike.
[[nodiscard]] base::Expected<void> drop_privileges(const std::string& user);

/// While it lives, what the calling thread is permitted is in effect: for service addresses on `lo`
/// and new sockets. Without dropped privileges it changes nothing.
class RaisedCapabilities {
  public:
    RaisedCapabilities();
    RaisedCapabilities(const RaisedCapabilities&) = delete;
    RaisedCapabilities& operator=(const RaisedCapabilities&) = delete;
    ~RaisedCapabilities();

  private:
    using Set = std::unique_ptr<_cap_struct, int (*)(void*)>;

    Set before_;
};

}  // namespace understudy::app
