#include "app/cores.h"

#include <sched.h>

#include <algorithm>

namespace understudy::app {

std::vector<unsigned> leave_cores_to_workers(std::span<const unsigned> worker_cores) {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    sched_getaffinity(0, sizeof allowed, &allowed);
    std::vector<unsigned> all;
    std::vector<unsigned> ours;
    for (unsigned core = 0; core < CPU_SETSIZE; ++core) {
        if (!CPU_ISSET(core, &allowed)) {
            continue;
        }
        all.push_back(core);
        if (std::ranges::find(worker_cores, core) == worker_cores.end()) {
            ours.push_back(core);
        }
    }
    if (ours.empty()) {
        return all;
    }
    CPU_ZERO(&allowed);
    for (const unsigned core : ours) {
        CPU_SET(core, &allowed);
    }
    sched_setaffinity(0, sizeof allowed, &allowed);
    return ours;
}

}  // namespace understudy::app
