#include "ethdev/runtime_folder.h"

#include <signal.h>  // NOLINT(modernize-deprecated-headers): kill is not in <csignal>
#include <sys/types.h>

#include <cerrno>
#include <charconv>
#include <string>
#include <vector>

namespace understudy::ethdev {
namespace {

/// Whose folder it is, by its name; 0: none of ours.
pid_t owner_of(const std::string& name) {
    pid_t process = 0;
    if (name.starts_with(kRuntimeFolderPrefix)) {
        std::from_chars(
            name.data() + kRuntimeFolderPrefix.size(), name.data() + name.size(), process);
    }
    return process;
}

bool is_gone(pid_t process) { return ::kill(process, 0) != 0 && errno == ESRCH; }

}  // namespace

void remove_runtime_folder(const std::filesystem::path& folder) {
    std::error_code error;
    std::filesystem::remove_all(folder, error);
}

void remove_stale_runtime_folders(const std::filesystem::path& parent) {
    std::vector<std::filesystem::path> stale;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(parent, error)) {
        const pid_t owner = owner_of(entry.path().filename().string());
        if (owner > 0 && is_gone(owner)) {
            stale.push_back(entry.path());
        }
    }
    for (const auto& folder : stale) {
        remove_runtime_folder(folder);
    }
}

}  // namespace understudy::ethdev
