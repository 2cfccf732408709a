#include "app/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <sys/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

namespace understudy::app {
namespace {

/// Room for the words of an entry, many times what the C library suggests (1024).
constexpr std::size_t kMaxEntryOctets = std::size_t{16} * 1024;

struct Account {
    uid_t user;
    gid_t group;
};

std::optional<Account> find_account(const std::string& name) {
    std::array<char, kMaxEntryOctets> words{};
    passwd entry{};
    passwd* found = nullptr;
    if (getpwnam_r(name.c_str(), &entry, words.data(), words.size(), &found) != 0 ||
        found == nullptr) {
        return std::nullopt;
    }
    return Account{entry.pw_uid, entry.pw_gid};
}

std::string words_of(int error) { return std::generic_category().message(error); }

base::Expected<void> keep_capabilities() {
    constexpr std::array<cap_value_t, 3> kKept{CAP_NET_ADMIN, CAP_NET_BIND_SERVICE, CAP_NET_RAW};
    const std::unique_ptr<_cap_struct, int (*)(void*)> set(cap_init(), cap_free);
    if (!set || cap_set_flag(set.get(), CAP_PERMITTED, kKept.size(), kKept.data(), CAP_SET) != 0 ||
        cap_set_flag(set.get(), CAP_EFFECTIVE, kKept.size(), kKept.data(), CAP_SET) != 0 ||
        cap_set_proc(set.get()) != 0) {
        return base::fail("keeping capabilities failed: " + words_of(errno));
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
    const auto owner = user.empty() ? std::nullopt : find_account(user);
    if (owner && geteuid() == 0 && chown(path.c_str(), owner->user, owner->group) != 0) {
        return base::fail(path + " cannot be given to user '" + user + "': " + words_of(errno));
    }
    return {};
}

base::Expected<void> drop_privileges(const std::string& user) {
    const auto account = find_account(user);
    if (!account) {
        return base::fail("server.user: there is no user '" + user +
                          "': create it with 'adduser --system --group " + user + "'");
    }
    if (geteuid() == account->user) {
        return {};
    }
    if (geteuid() != 0) {
        return base::fail("server.user: only root can become '" + user +
                          "': start as root or leave the key out");
    }
    if (initgroups(user.c_str(), account->group) != 0 || prctl(PR_SET_KEEPCAPS, 1) != 0 ||
        setresgid(account->group, account->group, account->group) != 0 ||
        setresuid(account->user, account->user, account->user) != 0) {
        return base::fail("becoming user '" + user + "' failed: " + words_of(errno));
    }
    return keep_capabilities();
}

}  // namespace understudy::app
