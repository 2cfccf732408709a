#pragma once

#include <understudy/base/expected.h>
#include <understudy/port/device_name.h>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The machine's cores as the kernel describes them in sysfs, and which of them workers should
/// have.
namespace understudy::control {

/// `0-3,6`, as the kernel writes and reads lists of cores. REQUIRES: ascending.
[[nodiscard]] std::string core_list_text(const std::vector<unsigned>& cores);

/// The kernel's list, ascending; what is no list is an empty one.
[[nodiscard]] std::vector<unsigned> parse_core_list(std::string_view text);

/// One logical core.
struct Core {
    unsigned id = 0;
    bool online = true;
    bool isolated = false;           // isolcpus: no process gets there but by asking
    std::optional<unsigned> node;    // NUMA; absent: the kernel names none
    std::vector<unsigned> siblings;  // of one physical core, ascending, itself among them
};

/// What is known of the machine. Whatever sysfs does not say is the common case: no siblings, no
/// nodes, nothing isolated.
class Topology {
  public:
    /// `sysfs`: the folder that is /sys on a real machine.
    [[nodiscard]] static Topology read(const std::string& sysfs);

    /// Of this machine, read once.
    [[nodiscard]] static const Topology& of_machine();

    /// Ascending.
    [[nodiscard]] const std::vector<Core>& cores() const noexcept { return cores_; }

    /// Null where there is no such core.
    [[nodiscard]] const Core* find(unsigned id) const noexcept;

    /// The NUMA node that the device's hardware hangs on; absent where it hangs on none or there is
    /// no hardware.
    [[nodiscard]] std::optional<unsigned> node_of(const port::DeviceName& device) const;

  private:
    std::string sysfs_;
    std::vector<Core> cores_;
};

/// What `auto` means, ascending, at most `most` cores out of those that are `available`:
/// - on the nodes of the devices, if there are such cores; else anywhere;
/// - the isolated ones, if there are any: whoever isolates cores says who works where;
/// - else neither core 0, where the kernel's own work is, nor a sibling of it, or where core 0 is
///   not available the first one: the control plane needs a core too;
/// - one of each physical core, its first;
/// - where all of that leaves none, the last core that is available.
///
/// REQUIRES: `available` ascending and not empty.
[[nodiscard]] std::vector<unsigned> choose_cores(const Topology& machine,
                                                 const std::vector<unsigned>& available,
                                                 const std::vector<unsigned>& device_nodes,
                                                 std::size_t most);

/// Why a worker cannot have `core`, or nothing.
[[nodiscard]] base::Expected<void> check_core(const Topology& machine,
                                              const std::vector<unsigned>& available,
                                              unsigned core);

/// What costs workers on these cores speed though they will run: a line for two workers on one
/// physical core, for a sibling of a worker's core that others may use, and for cores away from the
/// devices' nodes.
[[nodiscard]] std::vector<std::string> core_warnings(const Topology& machine,
                                                     const std::vector<unsigned>& workers,
                                                     const std::vector<unsigned>& device_nodes);

}  // namespace understudy::control
