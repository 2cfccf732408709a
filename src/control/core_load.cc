#include <understudy/control/core_load.h>

#include <fstream>
#include <sstream>

namespace understudy::control {
namespace {

/// Fewer ticks than that tell nothing: one of them is a fifth of five.
constexpr std::uint64_t kLeastTicks = 4;

constexpr std::uint64_t kBusyPercent = 20;

/// `cpu3 user nice system idle iowait irq …`, as proc(5) has it.
CoreTimes parse_times(std::istringstream& fields) {
    constexpr int kIdle = 3;
    constexpr int kIoWait = 4;
    constexpr int kGuest = 8;  // from here on what is in `user` and `nice` already
    CoreTimes times;
    std::uint64_t ticks = 0;
    for (int field = 0; field < kGuest && fields >> ticks; ++field) {
        times.total += ticks;
        times.idle += field == kIdle || field == kIoWait ? ticks : 0;
    }
    return times;
}

}  // namespace

std::map<unsigned, CoreTimes> read_core_times(const std::string& procfs) {
    std::map<unsigned, CoreTimes> cores;
    std::ifstream file(procfs + "/stat");
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        unsigned core = 0;
        // The first line sums all cores up and has no number.
        if (line.starts_with("cpu") && fields.ignore(3) && fields.peek() != ' ' && fields >> core) {
            cores[core] = parse_times(fields);
        }
    }
    return cores;
}

std::vector<std::string> busy_core_warnings(const std::map<unsigned, CoreTimes>& before,
                                            const std::map<unsigned, CoreTimes>& after,
                                            std::span<const unsigned> cores) {
    std::vector<std::string> warnings;
    for (const unsigned core : cores) {
        const auto first = before.find(core);
        const auto last = after.find(core);
        if (first == before.end() || last == after.end() ||
            last->second.total < first->second.total + kLeastTicks) {
            continue;
        }
        const std::uint64_t total = last->second.total - first->second.total;
        const std::uint64_t idle = last->second.idle - first->second.idle;
        const std::uint64_t busy_percent = idle >= total ? 0 : (total - idle) * 100 / total;
        if (busy_percent > kBusyPercent) {
            warnings.push_back("core " + std::to_string(core) + " is busy with other work (" +
                               std::to_string(busy_percent) +
                               " %), which its worker will wait for: choose another core in "
                               "workers.cores, or move the work away (taskset, IRQ affinity)");
        }
    }
    return warnings;
}

}  // namespace understudy::control
