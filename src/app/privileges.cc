#include "app/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

namespace understudy::app {
namespace {

base::Expected<void> keep_capabilities() {
    constexpr std::array<cap_value_t, 3> kKept{CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_NET_RAW};
    const std::unique_ptr<_cap_struct, int (*)(void*)> set(cap_init(), cap_free);
    if (!set || cap_set_flag(set.get(), CAP_PERMITTED, kKept.size(), kKept.data(), CAP_SET) != 0 ||
        cap_set_flag(set.get(), CAP_EFFECTIVE, kKept.size(), kKept.data(), CAP_SET) != 0 ||
        cap_set_proc(set.get()) != 0) {
        return base::fail(std::string("keeping capabilities failed: ") + std::strerror(errno));
    }
    return {};
}

}  // namespace

base::Expected<void> make_private_folder(const std::string& path, const std::string& user) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (!error) {
        std::filesystem::permissions(path, std::filesystem::perms::owner_all, error);
    }
    if (error) {
        return base::fail(path + ": " + error.message());
    }
    const passwd* owner = user.empty() ? nullptr : getpwnam(user.c_str());
    if (owner != nullptr && geteuid() == 0 &&
        chown(path.c_str(), owner->pw_uid, owner->pw_gid) != 0) {
        return base::fail(path + " cannot be given to user '" + user +
                          "': " + std::strerror(errno));
    }
    return {};
}

base::Expected<void> drop_privileges(const std::string& user) {
    errno = 0;
    const passwd* entry = getpwnam(user.c_str());
    if (entry == nullptr) {
        return base::fail("server.user: there is no user '" + user +
                          "': create it with 'adduser --system --group " + user + "'");
    }
    if (geteuid() == entry->pw_uid) {
        return {};
    }
    if (geteuid() != 0) {
        return base::fail("server.user: only root can become '" + user +
                          "': start as root or leave the key out");
    }
    if (initgroups(user.c_str(), entry->pw_gid) != 0 || prctl(PR_SET_KEEPCAPS, 1) != 0 ||
        setresgid(entry->pw_gid, entry->pw_gid, entry->pw_gid) != 0 ||
        setresuid(entry->pw_uid, entry->pw_uid, entry->pw_uid) != 0) {
        return base::fail("becoming user '" + user + "' failed: " + std::strerror(errno));
    }
    return keep_capabilities();
}

}  // namespace understudy::app
