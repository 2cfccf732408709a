#include "ethdev/privileges.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace understudy::ethdev {
namespace {

struct Capability {
    unsigned number;
    const char* name;
};

constexpr Capability kNetAdmin{CAP_NET_ADMIN, "CAP_NET_ADMIN"};
constexpr Capability kNetRaw{CAP_NET_RAW, "CAP_NET_RAW"};
constexpr Capability kBpf{CAP_BPF, "CAP_BPF"};
constexpr Capability kPerfmon{CAP_PERFMON, "CAP_PERFMON"};
constexpr Capability kLock{CAP_IPC_LOCK, "CAP_IPC_LOCK"};

class EffectiveCapabilities {
  public:
    EffectiveCapabilities() {
        __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
        std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};
        if (::syscall(SYS_capget, &header, words.data()) == 0) {
            bits_ = words[0].effective | std::uint64_t{words[1].effective} << 32U;
        }
    }

    /// CAP_SYS_ADMIN is what there was before CAP_BPF and CAP_PERFMON, and includes them.
    [[nodiscard]] bool has(const Capability& wanted) const {
        const bool split_off = wanted.number == CAP_BPF || wanted.number == CAP_PERFMON;
        return has(wanted.number) || (split_off && has(CAP_SYS_ADMIN));
    }

  private:
    [[nodiscard]] bool has(unsigned number) const { return (bits_ >> number & 1U) != 0; }

    std::uint64_t bits_ = 0;
};

bool may_lock_memory() {
    rlimit limit{};
    return ::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY;
}

std::vector<Capability> needs(const port::DeviceName& name) {
    if (std::holds_alternative<port::AfXdpDevice>(name)) {
        // Without CAP_PERFMON the kernel's verifier refuses programs that compute addresses in
        // frames.
        std::vector<Capability> needed = {kNetAdmin, kNetRaw, kBpf, kPerfmon};
        if (!may_lock_memory()) {  // the kernel counts the buffers that it shares with us
            needed.push_back(kLock);
        }
        return needed;
    }
    if (std::holds_alternative<port::TapDevice>(name)) {
        return {kNetAdmin};
    }
    return {};  // what files and device nodes allow decides
}

}  // namespace

base::Expected<void> check_privileges(const port::DeviceName& name) {
    const EffectiveCapabilities ours;
    std::string missing;
    for (const auto& capability : needs(name)) {
        if (!ours.has(capability)) {
            missing += std::string(missing.empty() ? "" : " ") + capability.name;
        }
    }
    if (missing.empty()) {
        return {};
    }
    return base::fail("missing privileges: start as root, or with AmbientCapabilities=" + missing);
}

}  // namespace understudy::ethdev
