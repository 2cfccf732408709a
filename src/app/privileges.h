#pragma once

#include <understudy/base/expected.h>
#include <string>

namespace understudy::app {

/// Makes the folder at `path` if it is missing, for its owner alone; with a `user` that one owns
/// it. Before privileges are dropped.
[[nodiscard]] base::Expected<void> make_private_folder(const std::string& path,
                                                       const std::string& user);

/// Makes the process run as `user` from here on. Of root's powers it keeps those that it needs
/// until its end: service addresses are taken off `lo` again (CAP_NET_ADMIN), packets are polled
/// (CAP_NET_RAW). Before any other thread is started that must not stay root.
[[nodiscard]] base::Expected<void> drop_privileges(const std::string& user);

}  // namespace understudy::app
