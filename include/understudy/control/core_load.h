#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

/// Who else uses the cores that workers are to have to themselves.
namespace understudy::control {

/// What a core has spent since the machine started, in the kernel's ticks.
struct CoreTimes {
    std::uint64_t idle = 0;
    std::uint64_t total = 0;
};

/// Of every core that is online, by its number; empty where it cannot be told. `procfs`: the folder
/// that is /proc on a real machine.
[[nodiscard]] std::map<unsigned, CoreTimes> read_core_times(const std::string& procfs);

/// A warning for each of `cores` that was busy for more than a fifth of the time between the two
/// readings. REQUIRES: our own threads kept off them.
[[nodiscard]] std::vector<std::string> busy_core_warnings(
    const std::map<unsigned, CoreTimes>& before,
    const std::map<unsigned, CoreTimes>& after,
    std::span<const unsigned> cores);

}  // namespace understudy::control
