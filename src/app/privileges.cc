#include "app/privileges.h"

#include <grp.h>
#include <pwd.h>
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

using CapabilitySet = std::unique_ptr<_cap_struct, int (*)(void*)>;

bool is_permitted(const CapabilitySet& set, cap_value_t capability) {
    cap_flag_value_t value = CAP_CLEAR;
    return cap_get_flag(set.get(), capability, CAP_PERMITTED, &value) == 0 && value == CAP_SET;
}

/// Leaves of what the calling thread is permitted two, and none in effect.
base::Expected<void> keep_two_capabilities() {
    const CapabilitySet ours(cap_get_proc(), cap_free);
    const CapabilitySet kept(cap_init(), cap_free);
    bool done = ours && kept;
    for (const cap_value_t capability : {CAP_NET_ADMIN, CAP_NET_BIND_SERVICE}) {
        if (done && is_permitted(ours, capability)) {
            done = cap_set_flag(kept.get(), CAP_PERMITTED, 1, &capability, CAP_SET) == 0;
        }
    }
    if (!done || cap_set_proc(kept.get()) != 0) {
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
    return give_file(path, user);
}

base::Expected<void> give_file(const std::string& path, const std::string& user) {
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
        return keep_two_capabilities();
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
    return keep_two_capabilities();
}

RaisedCapabilities::RaisedCapabilities() : before_(cap_get_proc(), cap_free) {
    const Set raised(cap_dup(before_.get()), cap_free);
    for (cap_value_t capability = 0; capability <= CAP_LAST_CAP; ++capability) {
        if (is_permitted(raised, capability)) {
            (void)cap_set_flag(raised.get(), CAP_EFFECTIVE, 1, &capability, CAP_SET);
        }
    }
    (void)cap_set_proc(raised.get());  // what fails for want of it says so itself
}

RaisedCapabilities::~RaisedCapabilities() { (void)cap_set_proc(before_.get()); }

}  // namespace understudy::app
