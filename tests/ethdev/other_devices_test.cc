#include <gtest/gtest.h>

#include "ethdev/world.h"

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>

namespace understudy::tests {
namespace {

using ethdev::Device;

std::unique_ptr<Device> opened(const ethdev::DeviceOptions& options) {
    auto device = Device::open(eal(), options);
    EXPECT_TRUE(device) << device.error().message;
    return device ? *std::move(device) : nullptr;
}

std::string text(const base::MacAddress& mac) {
    std::array<char, 18> buffer{};
    (void)std::snprintf(buffer.data(),
                        buffer.size(),
                        "%02x:%02x:%02x:%02x:%02x:%02x",
                        mac[0],
                        mac[1],
                        mac[2],
                        mac[3],
                        mac[4],
                        mac[5]);
    return buffer.data();
}

/// A file of the test's own, removed at the end.
class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& name)
        : path_(std::filesystem::temp_directory_path() /
                ("ethdev-" + std::to_string(getpid()) + "-" + name)) {}
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() { std::filesystem::remove(path_); }

    [[nodiscard]] std::string path() const { return path_.string(); }

  private:
    std::filesystem::path path_;
};

TEST(Tap, CarriesFramesBothWays) {
    const Namespace ours("ethdev-tap");
    auto options = device_options("tap:dns0");
    options.workers = 2;
    options.mtu = 1400;
    std::unique_ptr<Device> device;
    {
        const InsideNamespace inside(ours);
        device = opened(options);
    }
    ASSERT_TRUE(device);
    EXPECT_EQ(device->queues().size(), 2U);
    EXPECT_TRUE(ours.run("sh -c 'ip link show dns0 | grep -q \"mtu 1400\"'"));
    EXPECT_FALSE(ours.run("sh -c 'ip link show dns0 | grep -q " + text(device->mac()) + "'"))
        << "both ends have one address";

    const PacketSocket kernel(ours, "dns0");
    const Frame query = Frames(device->mac()).udp("192.0.2.53", 53);
    kernel.send(query);
    EXPECT_TRUE(receives(*device, query));
    for (port::PacketPort* queue : device->queues()) {
        const Frame reply = Frames({2, 0, 0, 0, 0, 1}).udp("192.0.2.1", 40000);
        EXPECT_TRUE(transmit(*queue, reply));
        EXPECT_TRUE(kernel.receives(reply));
    }
}

TEST(Tap, HasTheKernelTalkToItsAddress) {
    const Namespace ours("ethdev-tap");
    std::unique_ptr<Device> device;
    {
        const InsideNamespace inside(ours);
        device = opened(device_options("tap:dns0"));
    }
    ASSERT_TRUE(device);
    ASSERT_TRUE(ours.run("ip addr add 192.0.2.1/24 dev dns0"));
    ASSERT_TRUE(ours.run("ip neigh add 192.0.2.53 lladdr " + text(device->mac()) + " dev dns0"));
    ASSERT_TRUE(ours.run("sh -c 'ping -c 1 -W 1 192.0.2.53 > /dev/null; true'"));
    const base::MacAddress mac = device->mac();
    const Frame head(mac.begin(), mac.end());
    EXPECT_TRUE(receives(*device, head));
}

TEST(Tap, IsGoneAfterwards) {
    const Namespace ours("ethdev-tap");
    const InsideNamespace inside(ours);
    for (int round = 0; round < 3; ++round) {
        auto device = opened(device_options("tap:dns0"));
        ASSERT_TRUE(device);
        device.reset();
        EXPECT_FALSE(run_command("ip link show dns0 > /dev/null 2>&1"));
    }
}

TEST(Tap, RefusesMoreQueuesThanThereAre) {
    const Namespace ours("ethdev-tap");
    const InsideNamespace inside(ours);
    auto options = device_options("tap:dns0");
    options.queues = 1000;
    const auto device = Device::open(eal(), options);
    ASSERT_FALSE(device);
    EXPECT_NE(device.error().message.find("tap:dns0: it has at most "), std::string::npos);
}

TEST(Memif, CarriesFramesBothWays) {
    const TemporaryFile socket("memif.sock");
    auto server = opened(device_options("memif:" + socket.path()));
    ASSERT_TRUE(server);
    const pid_t client = start_again("UNDERSTUDY_REFLECT", "memif:" + socket.path() + ",client");
    const Frame query = Frames(server->mac()).udp("192.0.2.53", 53);
    bool reflected = false;
    for (int attempt = 0; attempt < 10 && !reflected; ++attempt) {  // until the two have met
        const bool sent = transmit(*server->queues().front(), query);
        reflected = receives(*server, query) && sent;
    }
    EXPECT_TRUE(reflected);
    server.reset();  // first: DPDK 22.11's server may fall when its client goes
    ASSERT_EQ(kill(client, SIGKILL), 0);
    EXPECT_EQ(waitpid(client, nullptr, 0), client);
}

TEST(Pcap, ReadsAndWritesCaptures) {
    const TemporaryFile input("in.pcap");
    const TemporaryFile output("out.pcap");
    const Frame query = Frames({2, 0, 0, 0, 0, 1}).udp("192.0.2.53", 53);
    {
        // Magic number, version 2.4, snap length 65,535, Ethernet; then the record's time and
        // lengths.
        const std::array<std::uint32_t, 6> header = {0xa1b2c3d4, 0x00040002, 0, 0, 65535, 1};
        const auto length = static_cast<std::uint32_t>(query.size());
        const std::array<std::uint32_t, 4> record = {0, 0, length, length};
        std::ofstream file(input.path(), std::ios::binary);
        file.write(reinterpret_cast<const char*>(header.data()), sizeof header);
        file.write(reinterpret_cast<const char*>(record.data()), sizeof record);
        file.write(reinterpret_cast<const char*>(query.data()), length);
    }
    auto device = opened(device_options("pcap:" + input.path() + "," + output.path()));
    ASSERT_TRUE(device);
    EXPECT_EQ(receive(*device), query);
    EXPECT_TRUE(transmit(*device->queues().front(), query));
    device.reset();
    EXPECT_EQ(std::filesystem::file_size(output.path()), std::filesystem::file_size(input.path()));
}

TEST(Pcap, SaysThatTheFileIsMissing) {
    const auto device = Device::open(eal(), device_options("pcap:/nowhere/in.pcap"));
    ASSERT_FALSE(device);
    EXPECT_NE(device.error().message.find("/nowhere/in.pcap"), std::string::npos)
        << device.error().message;
}

}  // namespace
}  // namespace understudy::tests
