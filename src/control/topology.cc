#include "control/topology.h"

#include <sched.h>
#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <set>
#include <utility>

namespace understudy::control {
namespace {

/// Beyond it a worker could not be pinned.
constexpr unsigned kMaxCores = CPU_SETSIZE;

/// The first line of a file of sysfs; empty where there is none.
std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

template <typename Number>
std::optional<Number> parse_whole(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

bool has(const std::vector<unsigned>& cores, unsigned core) {
    return std::ranges::find(cores, core) != cores.end();
}

/// Gives each core the node whose list names it.
void read_nodes(const std::string& sysfs, std::vector<Core>& cores) {
    const std::string folder = sysfs + "/devices/system/node/";
    for (const unsigned node : parse_core_list(first_line(folder + "online"))) {
        const auto members =
            parse_core_list(first_line(folder + "node" + std::to_string(node) + "/cpulist"));
        for (Core& core : cores) {
            if (has(members, core.id)) {
                core.node = node;
            }
        }
    }
}

/// Where sysfs describes the hardware of a device; empty: it has none.
std::string hardware_folder(const port::DeviceName& device) {
    if (const auto* const pci = std::get_if<port::PciDevice>(&device)) {
        return "/bus/pci/devices/" + pci->address;
    }
    if (const auto* const af_xdp = std::get_if<port::AfXdpDevice>(&device)) {
        return "/class/net/" + af_xdp->interface + "/device";
    }
    return "";
}

using Cores = std::vector<const Core*>;

/// The cores that `keep` holds for, if it does for any; else all.
template <typename Keep>
Cores prefer(Cores cores, Keep keep) {
    Cores kept;
    std::ranges::copy_if(cores, std::back_inserter(kept), keep);
    return kept.empty() ? cores : kept;
}

bool is_on(const Core& core, const std::vector<unsigned>& nodes) {
    return core.node && has(nodes, *core.node);
}

}  // namespace

std::string core_list_text(const std::vector<unsigned>& cores) {
    std::string text;
    for (std::size_t first = 0; first < cores.size();) {
        std::size_t last = first;
        while (last + 1 < cores.size() && cores[last + 1] == cores[last] + 1) {
            ++last;
        }
        text += (text.empty() ? "" : ",") + std::to_string(cores[first]);
        if (last != first) {
            text += "-" + std::to_string(cores[last]);
        }
        first = last + 1;
    }
    return text;
}

std::vector<unsigned> parse_core_list(std::string_view text) {
    std::vector<unsigned> cores;
    while (!text.empty()) {
        const auto comma = text.find(',');
        const auto range = text.substr(0, comma);
        const auto dash = range.find('-');
        const auto first = parse_whole<unsigned>(range.substr(0, dash));
        const auto last =
            dash == std::string_view::npos ? first : parse_whole<unsigned>(range.substr(dash + 1));
        if (!first || !last || *last >= kMaxCores) {
            return {};
        }
        for (unsigned core = *first; core <= *last; ++core) {
            cores.push_back(core);
        }
        text = comma == std::string_view::npos ? std::string_view() : text.substr(comma + 1);
    }
    std::ranges::sort(cores);
    cores.erase(std::unique(cores.begin(), cores.end()), cores.end());
    return cores;
}

Topology Topology::read(const std::string& sysfs) {
    const std::string folder = sysfs + "/devices/system/cpu/";
    const auto online = parse_core_list(first_line(folder + "online"));
    const auto isolated = parse_core_list(first_line(folder + "isolated"));
    Topology machine;
    machine.sysfs_ = sysfs;
    for (const unsigned id : parse_core_list(first_line(folder + "present"))) {
        Core core{.id = id,
                  .online = has(online, id),
                  .isolated = has(isolated, id),
                  .node = std::nullopt,
                  .siblings = parse_core_list(first_line(folder + "cpu" + std::to_string(id) +
                                                         "/topology/thread_siblings_list"))};
        if (!has(core.siblings, id)) {
            core.siblings = {id};
        }
        machine.cores_.push_back(std::move(core));
    }
    read_nodes(sysfs, machine.cores_);
    return machine;
}

const Topology& Topology::of_machine() {
    static const Topology machine = read("/sys");
    return machine;
}

const Core* Topology::find(unsigned id) const noexcept {
    const auto found = std::ranges::lower_bound(cores_, id, {}, &Core::id);
    return found != cores_.end() && found->id == id ? &*found : nullptr;
}

std::optional<unsigned> Topology::node_of(const port::DeviceName& device) const {
    const std::string folder = hardware_folder(device);
    // The kernel writes -1 for "near none".
    const auto node = folder.empty() ? std::nullopt
                                     : parse_whole<int>(first_line(sysfs_ + folder + "/numa_node"));
    return node && *node >= 0 ? std::optional(static_cast<unsigned>(*node)) : std::nullopt;
}

std::vector<unsigned> choose_cores(const Topology& machine,
                                   const std::vector<unsigned>& available,
                                   const std::vector<unsigned>& device_nodes,
                                   std::size_t most) {
    Cores cores;
    for (const unsigned id : available) {
        if (const Core* const core = machine.find(id)) {
            cores.push_back(core);
        }
    }
    cores = prefer(std::move(cores), [&](const Core* core) { return is_on(*core, device_nodes); });
    const bool any_isolated = std::ranges::any_of(cores, &Core::isolated);
    std::erase_if(cores, [&](const Core* core) {
        return any_isolated ? !core->isolated : has(core->siblings, available.front());
    });
    std::vector<unsigned> chosen;
    for (const Core* const core : cores) {
        const bool has_sibling = std::ranges::any_of(
            core->siblings, [&](unsigned sibling) { return has(chosen, sibling); });
        if (chosen.size() < most && !has_sibling) {
            chosen.push_back(core->id);
        }
    }
    return chosen.empty() ? std::vector<unsigned>{available.back()} : chosen;
}

base::Expected<void> check_core(const Topology& machine,
                                const std::vector<unsigned>& available,
                                unsigned core) {
    if (has(available, core)) {
        return {};
    }
    const std::string name = "core " + std::to_string(core);
    const Core* const known = machine.find(core);
    if (known == nullptr && !machine.cores().empty()) {
        std::vector<unsigned> present;
        std::ranges::transform(machine.cores(), std::back_inserter(present), &Core::id);
        return base::fail(name + " does not exist: this machine has " + core_list_text(present));
    }
    if (known != nullptr && !known->online) {
        return base::fail(name + " is offline: echo 1 > /sys/devices/system/cpu/cpu" +
                          std::to_string(core) + "/online");
    }
    return base::fail(name + " is not available to this process, only " +
                      core_list_text(available));
}

std::vector<std::string> core_warnings(const Topology& machine,
                                       const std::vector<unsigned>& workers,
                                       const std::vector<unsigned>& device_nodes) {
    std::set<unsigned> pairs;      // workers that share a physical core with another
    std::set<unsigned> strangers;  // siblings of workers on which there is none
    std::set<unsigned> foreign;    // workers away from the devices
    for (const unsigned id : workers) {
        const Core* const core = machine.find(id);
        if (core == nullptr) {
            continue;
        }
        for (const unsigned sibling : core->siblings) {
            const Core* const other = machine.find(sibling);
            if (sibling != id && other != nullptr && other->online) {
                (has(workers, sibling) ? pairs : strangers).insert(sibling);
            }
        }
        if (!device_nodes.empty() && core->node && !is_on(*core, device_nodes)) {
            foreign.insert(id);
        }
    }
    std::vector<std::string> warnings;
    const auto warn = [&warnings](const std::set<unsigned>& cores, const std::string& what) {
        if (!cores.empty()) {
            warnings.push_back("cores " + core_list_text({cores.begin(), cores.end()}) + what);
        }
    };
    warn(pairs,
         " are siblings of each other: two workers on a physical core do little more than one");
    warn(strangers,
         " are siblings of the workers', and what runs there takes from their speed: switch them "
         "off (echo 0 > /sys/devices/system/cpu/cpuN/online) or leave them idle");
    warn(foreign,
         " are not on the ports' NUMA node " + core_list_text(device_nodes) +
             ": every packet crosses between nodes");
    return warnings;
}

}  // namespace understudy::control
