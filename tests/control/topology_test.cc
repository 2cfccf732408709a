#include "control/topology.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <numeric>
#include <string>

#include "support/temporary_folder.h"

namespace understudy::control {
namespace {

using Ids = std::vector<unsigned>;

/// A made-up machine, as its /sys would describe it.
class Machine {
  public:
    void write(const std::string& file, const std::string& line) {
        const auto path = folder_.path() / file;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << line << '\n';
    }

    /// Cores 0 to `count` - 1, all of them online.
    Machine& with_cores(unsigned count) {
        const std::string all = "0-" + std::to_string(count - 1);
        write("devices/system/cpu/present", all);
        write("devices/system/cpu/online", all);
        return *this;
    }

    Machine& with_isolated(const std::string& list) {
        write("devices/system/cpu/isolated", list);
        return *this;
    }

    Machine& with_siblings(unsigned core, const std::string& list) {
        write("devices/system/cpu/cpu" + std::to_string(core) + "/topology/thread_siblings_list",
              list);
        return *this;
    }

    /// Nodes from 0 on.
    Machine& with_nodes(const std::vector<std::string>& lists) {
        write("devices/system/node/online", "0-" + std::to_string(lists.size() - 1));
        for (std::size_t node = 0; node < lists.size(); ++node) {
            write("devices/system/node/node" + std::to_string(node) + "/cpulist", lists[node]);
        }
        return *this;
    }

    [[nodiscard]] Topology read() const { return Topology::read(folder_.path().string()); }

  private:
    support::TemporaryFolder folder_;
};

/// Two sockets of four physical cores with two threads each, numbered as Linux numbers them on most
/// servers: first all first threads, then all second ones.
Machine& make_server(Machine& machine) {
    machine.with_cores(16).with_nodes({"0-3,8-11", "4-7,12-15"});
    for (unsigned core = 0; core < 8; ++core) {
        const std::string pair = std::to_string(core) + "," + std::to_string(core + 8);
        machine.with_siblings(core, pair).with_siblings(core + 8, pair);
    }
    return machine;
}

Ids first(unsigned count) {
    Ids ids(count);
    std::iota(ids.begin(), ids.end(), 0U);
    return ids;
}

TEST(CoreList, IsReadAndWrittenAsTheKernelDoes) {
    EXPECT_EQ(parse_core_list("0-3,6,8-9"), (Ids{0, 1, 2, 3, 6, 8, 9}));
    EXPECT_EQ(parse_core_list("7"), (Ids{7}));
    EXPECT_EQ(parse_core_list(""), Ids{});
    for (const char* bad : {"x", "1-", "-1", "1,,2", "0-99999", "1 2"}) {
        EXPECT_EQ(parse_core_list(bad), Ids{}) << bad;
    }
    EXPECT_EQ(core_list_text({0, 1, 2, 3, 6, 8, 9}), "0-3,6,8-9");
    EXPECT_EQ(core_list_text({}), "");
}

TEST(Topology, ReadsAServer) {
    Machine machine;
    make_server(machine).with_isolated("4-7");
    machine.write("devices/system/cpu/online", "0-14");
    const Topology topology = machine.read();
    ASSERT_EQ(topology.cores().size(), 16U);
    const Core* core = topology.find(5);
    ASSERT_NE(core, nullptr);
    EXPECT_EQ(core->node, 1U);
    EXPECT_EQ(core->siblings, (Ids{5, 13}));
    EXPECT_TRUE(core->isolated);
    EXPECT_TRUE(core->online);
    EXPECT_FALSE(topology.find(15)->online);
    EXPECT_FALSE(topology.find(3)->isolated);
    EXPECT_EQ(topology.find(16), nullptr);
}

TEST(Topology, TakesWhatItIsNotToldForTheCommonCase) {
    Machine machine;
    machine.with_cores(2);
    const Topology topology = machine.read();
    ASSERT_EQ(topology.cores().size(), 2U);
    EXPECT_EQ(topology.find(1)->siblings, Ids{1});
    EXPECT_EQ(topology.find(1)->node, std::nullopt);
    EXPECT_EQ(Machine().read().cores().size(), 0U);
}

TEST(Topology, KnowsTheNodeOfADevice) {
    Machine machine;
    machine.with_cores(2);
    machine.write("bus/pci/devices/0000:3b:00.0/numa_node", "1");
    machine.write("bus/pci/devices/0000:3b:00.1/numa_node", "-1");
    machine.write("class/net/eth7/device/numa_node", "0");
    const Topology topology = machine.read();
    EXPECT_EQ(topology.node_of(port::PciDevice{"0000:3b:00.0"}), 1U);
    EXPECT_EQ(topology.node_of(port::PciDevice{"0000:3b:00.1"}), std::nullopt);
    EXPECT_EQ(topology.node_of(port::PciDevice{"0000:3c:00.0"}), std::nullopt);
    EXPECT_EQ(topology.node_of(port::AfXdpDevice{"eth7"}), 0U);
    EXPECT_EQ(topology.node_of(port::AfXdpDevice{"veth0"}), std::nullopt);
    EXPECT_EQ(topology.node_of(port::TapDevice{"eth7"}), std::nullopt);
}

TEST(Topology, DescribesThisMachine) {
    const Topology& machine = Topology::of_machine();
    ASSERT_FALSE(machine.cores().empty());
    EXPECT_TRUE(machine.cores()[0].online);
}

TEST(ChooseCores, LeavesCore0AndSiblingsAlone) {
    Machine machine;
    const Topology server = make_server(machine).read();
    EXPECT_EQ(choose_cores(server, first(16), {}, 16), (Ids{1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(choose_cores(server, first(16), {}, 3), (Ids{1, 2, 3}));
}

TEST(ChooseCores, StaysOnTheDevicesNodes) {
    Machine machine;
    const Topology server = make_server(machine).read();
    EXPECT_EQ(choose_cores(server, first(16), {0}, 16), (Ids{1, 2, 3}));
    EXPECT_EQ(choose_cores(server, first(16), {1}, 16), (Ids{4, 5, 6, 7}));
    EXPECT_EQ(choose_cores(server, first(16), {0, 1}, 16), (Ids{1, 2, 3, 4, 5, 6, 7}));
    EXPECT_EQ(choose_cores(server, first(4), {1}, 16), (Ids{1, 2, 3}));  // none of them there
}

TEST(ChooseCores, TakesIsolatedOnesFirst) {
    Machine machine;
    const Topology server = make_server(machine).with_isolated("2-3,6-7,14").read();
    EXPECT_EQ(choose_cores(server, first(16), {}, 16), (Ids{2, 3, 6, 7}));
    EXPECT_EQ(choose_cores(server, first(16), {1}, 16), (Ids{6, 7}));
    Machine other;
    const Topology second_threads = make_server(other).with_isolated("9-11").read();
    EXPECT_EQ(choose_cores(second_threads, first(16), {}, 16), (Ids{9, 10, 11}));
    EXPECT_EQ(choose_cores(second_threads, first(16), {1}, 16), (Ids{4, 5, 6, 7}));
}

TEST(ChooseCores, MakesDoWithLittle) {
    Machine machine;
    const Topology two = machine.with_cores(2).read();
    EXPECT_EQ(choose_cores(two, {0, 1}, {}, 16), Ids{1});
    EXPECT_EQ(choose_cores(two, {0}, {}, 16), Ids{0});
    EXPECT_EQ(choose_cores(two, {1}, {}, 16), Ids{1});
    machine.with_siblings(0, "0-1").with_siblings(1, "0-1");
    EXPECT_EQ(choose_cores(machine.read(), {0, 1}, {}, 16), Ids{1});
    EXPECT_EQ(choose_cores(Machine().read(), {0, 1}, {}, 16), Ids{1});  // without sysfs
    Machine many;
    const Topology server = make_server(many).read();
    EXPECT_EQ(choose_cores(server, {4, 5, 6}, {}, 16), (Ids{5, 6}));  // core 0 is not ours
}

TEST(CheckCore, SaysWhyNot) {
    Machine machine;
    machine.with_cores(4);
    machine.write("devices/system/cpu/online", "0-2");
    const Topology four = machine.read();
    const auto reason = [&](unsigned core) {
        const auto checked = check_core(four, {0, 1}, core);
        return checked ? std::string() : checked.error().message;
    };
    EXPECT_EQ(reason(1), "");
    EXPECT_EQ(reason(2), "core 2 is not available to this process, only 0-1");
    EXPECT_EQ(reason(3), "core 3 is offline: echo 1 > /sys/devices/system/cpu/cpu3/online");
    EXPECT_EQ(reason(9), "core 9 does not exist: this machine has 0-3");
}

TEST(CoreWarnings, NameWhatCostsSpeed) {
    Machine machine;
    const Topology server = make_server(machine).read();
    EXPECT_EQ(core_warnings(server, {2, 10}, {}),
              (std::vector<std::string>{"cores 2,10 are siblings of each other: two workers on a "
                                        "physical core do little more than one"}));
    const auto warnings = core_warnings(server, {1, 2, 5}, {0});
    ASSERT_EQ(warnings.size(), 2U);
    EXPECT_TRUE(warnings[0].starts_with("cores 9-10,13 are siblings of the workers'"));
    EXPECT_EQ(warnings[1],
              "cores 5 are not on the ports' NUMA node 0: every packet crosses between nodes");
    machine.write("devices/system/cpu/online", "0-7");
    EXPECT_EQ(core_warnings(machine.read(), {1, 2}, {0}), std::vector<std::string>());
    EXPECT_EQ(core_warnings(machine.read(), {1, 99}, {}), std::vector<std::string>());
}

}  // namespace
}  // namespace understudy::control
