#include <gtest/gtest.h>

#include "ethdev/world.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace understudy::tests {
namespace {

using ethdev::Device;
using ethdev::Eal;

TEST(Eal, HasNoFileButTelemetrysSocket) {
    const std::string name = "understudy-" + std::to_string(getpid());
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator("/dev/hugepages", error)) {
        EXPECT_EQ(entry.path().filename().string().find(name), std::string::npos);
    }
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator("/run/dpdk/" + name, error)) {
        files.push_back(entry.path().filename().string());
    }
    EXPECT_EQ(files, std::vector<std::string>{"dpdk_telemetry.v2"});
}

TEST(Eal, LeavesTheCallersAffinity) {
    cpu_set_t cpus;
    ASSERT_EQ(sched_getaffinity(0, sizeof cpus, &cpus), 0);
    EXPECT_EQ(CPU_COUNT(&cpus), static_cast<int>(std::thread::hardware_concurrency()));
}

TEST(Eal, StartsOnceInAProcess) {
    ethdev::EalOptions options;
    options.huge_pages = ethdev::HugePages::kOff;
    const auto second = Eal::start(options);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().message.rfind("DPDK does not start: ", 0), 0U);
}

TEST(Eal, SaysHowToReserveHugePages) {
    ethdev::EalOptions options;
    options.huge_pages = ethdev::HugePages::kOn;
    options.queue_pairs = 1U << 20U;
    const auto result = Eal::start(options);
    ASSERT_FALSE(result);
    EXPECT_NE(result.error().message.find("sysctl -w vm.nr_hugepages="), std::string::npos)
        << result.error().message;
}

TEST(Device, NamesTheCapabilitiesThatAreMissing) {
    // A thread has capabilities of its own.
    std::thread([] {
        __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
        std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> words{};
        words[0].effective = 1U << CAP_NET_ADMIN;
        words[0].permitted = words[0].effective;
        ASSERT_EQ(syscall(SYS_capset, &header, words.data()), 0);
        const auto queues = Device::count_queues(device_options("af_xdp:lo"));
        ASSERT_FALSE(queues);
        EXPECT_NE(queues.error().message.find("CAP_NET_RAW CAP_BPF CAP_PERFMON"), std::string::npos)
            << queues.error().message;
        EXPECT_EQ(queues.error().message.find("CAP_NET_ADMIN"), std::string::npos);
        EXPECT_TRUE(Device::count_queues(device_options("tap:dns0")));
    }).join();
}

TEST(Device, CountsQueuesWithoutOpeningAnything) {
    auto options = device_options("memif:@understudy");
    options.workers = 4;
    EXPECT_EQ(Device::count_queues(options).value(), 4U);
    options.queues = 2;
    EXPECT_EQ(Device::count_queues(options).value(), 2U);
    options.mtu = ethdev::kMinMtu - 1;
    EXPECT_FALSE(Device::count_queues(options));
    options.mtu = ethdev::kMaxMtu;
    EXPECT_TRUE(Device::count_queues(options));
    options.vlan = ethdev::kMaxVlan + 1;
    EXPECT_FALSE(Device::count_queues(options));
}

TEST(Device, LooksForACardBeforeDpdkIsStarted) {
    const auto queues = Device::count_queues(device_options("fffe:3b:00.0"));
    ASSERT_FALSE(queues);
    EXPECT_EQ(queues.error().message,
              "fffe:3b:00.0: this machine has no such PCI device: scripts/nic status lists its "
              "cards");
}

}  // namespace
}  // namespace understudy::tests
