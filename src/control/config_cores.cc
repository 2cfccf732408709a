#include "control/config_cores.h"

#include <sched.h>
#include <algorithm>
#include "control/config_scalars.h"
#include "control/topology.h"

namespace understudy::control {
namespace {

constexpr std::string_view kForms = "cores such as 2-3 or 2,4,6, or auto";

/// The bounds of `2-3`, or `2` twice.
base::Expected<std::pair<unsigned, unsigned>> parse_range(std::string_view text) {
    const auto core = number_parser<unsigned>(0, CPU_SETSIZE - 1);
    const auto dash = text.find('-');
    const auto first = core(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : core(text.substr(dash + 1));
    if (!first || !last || *first > *last) {
        return expected(kForms, text);
    }
    return std::pair(*first, *last);
}

std::vector<unsigned> ids_of(const cpu_set_t& set) {
    std::vector<unsigned> ids;
    for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &set)) {
            ids.push_back(core);
        }
    }
    return ids;
}

/// The kernel cuts what is asked for down to what the thread's cpuset holds. REQUIRES: `before` is
/// the affinity of the calling thread, which has it again afterwards.
std::vector<unsigned> possible_cores(const cpu_set_t& before) {
    cpu_set_t all;
    CPU_ZERO(&all);
    for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
        CPU_SET(core, &all);
    }
    cpu_set_t possible = before;
    if (::sched_setaffinity(0, sizeof all, &all) == 0) {
        (void)::sched_getaffinity(0, sizeof possible, &possible);
        (void)::sched_setaffinity(0, sizeof before, &before);
    }
    return ids_of(possible);
}

std::vector<unsigned> affinity() {
    cpu_set_t own;
    CPU_ZERO(&own);
    if (::sched_getaffinity(0, sizeof own, &own) != 0) {
        return {};
    }
    std::vector<unsigned> cores = ids_of(own);
    for (const unsigned id : possible_cores(own)) {
        const Core* const core = Topology::of_machine().find(id);
        if (core != nullptr && core->isolated) {
            cores.push_back(id);
        }
    }
    std::ranges::sort(cores);
    cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
    return cores;
}

}  // namespace

const std::vector<unsigned>& available_cores() {
    static const std::vector<unsigned> cores = affinity();
    return cores;
}

base::Expected<std::vector<unsigned>> parse_cores(std::string_view text,
                                                  const std::vector<unsigned>& available) {
    std::vector<unsigned> cores;
    for (std::string_view rest = text;;) {
        const auto comma = rest.find(',');
        const auto range = parse_range(rest.substr(0, comma));
        if (!range) {
            return expected(kForms, text);
        }
        for (unsigned core = range->first; core <= range->second; ++core) {
            if (auto checked = check_core(Topology::of_machine(), available, core); !checked) {
                return base::fail(std::move(checked.error().message));
            }
            if (std::ranges::find(cores, core) != cores.end()) {
                return base::fail("core " + std::to_string(core) + " stands twice");
            }
            cores.push_back(core);
        }
        if (comma == std::string_view::npos) {
            break;
        }
        rest.remove_prefix(comma + 1);
    }
    if (cores.size() > kMaxWorkers) {
        return base::fail("more than " + std::to_string(kMaxWorkers) + " cores");
    }
    return cores;
}

}  // namespace understudy::control
