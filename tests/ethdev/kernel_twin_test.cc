#include <understudy/ethdev/kernel_twin.h>

#include <gtest/gtest.h>

#include "ethdev/world.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>

namespace understudy::tests {
namespace {

using ethdev::KernelTwin;

constexpr base::MacAddress kMac{0x02, 0, 0, 0, 0, 0x2A};

KernelTwin::Options twin_options(const std::string& interface = "dns0") {
    return {.interface = interface, .mac = kMac, .mtu = 1400, .queues = 2};
}

std::unique_ptr<KernelTwin> open_twin(const Namespace& where) {
    const InsideNamespace inside(where);
    auto twin = KernelTwin::open(twin_options());
    EXPECT_TRUE(twin) << twin.error().message;
    return twin ? *std::move(twin) : nullptr;
}

std::string open_error(const Namespace& where, const std::string& interface) {
    const InsideNamespace inside(where);
    const auto twin = KernelTwin::open(twin_options(interface));
    return twin ? "" : twin.error().message;
}

/// As a worker does.
bool put(port::FrameRing& ring, const Frame& frame) {
    const base::MutableOctets room = ring.reserve();
    if (room.size() < frame.size()) {
        return false;
    }
    std::ranges::copy(frame, room.begin());
    ring.commit(frame.size());
    return true;
}

template <typename Condition>
bool within_a_second(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

/// Whether the frame comes out of the ring within a second. Others are skipped.
bool comes_out(port::FrameRing& ring, const Frame& frame) {
    return within_a_second([&] {
        const base::Octets next = ring.front();
        const bool found = std::ranges::equal(next, frame);
        if (!next.empty()) {
            ring.release();
        }
        return found;
    });
}

TEST(KernelTwin, IsAnInterfaceWithThePortsAddressAndMtu) {
    const Namespace ours("ethdev-twin");
    const auto twin = open_twin(ours);
    ASSERT_TRUE(twin);
    EXPECT_EQ(twin->interface(), "dns0");
    EXPECT_TRUE(ours.run("sh -c 'ip link show dns0 | grep -q 02:00:00:00:00:2a'"));
    EXPECT_TRUE(ours.run("sh -c 'ip link show dns0 | grep -q \"mtu 1400\"'"));
    EXPECT_TRUE(ours.run("sh -c 'ip link show up | grep -q dns0'"));
}

TEST(KernelTwin, CarriesFramesBothWays) {
    const Namespace ours("ethdev-twin");
    const auto twin = open_twin(ours);
    ASSERT_TRUE(twin);
    const PacketSocket kernel(ours, "dns0");
    twin->start();
    for (std::size_t queue = 0; queue < 2; ++queue) {
        const Frame in = Frames(kMac).udp("192.0.2.2", static_cast<std::uint16_t>(179 + queue));
        EXPECT_TRUE(put(twin->to_kernel(queue), in));
        EXPECT_TRUE(kernel.receives(in));
    }
    const Frame out = Frames({2, 0, 0, 0, 0, 1}).udp("192.0.2.1", 40000);
    kernel.send(out);
    EXPECT_TRUE(comes_out(twin->from_kernel(), out));
    EXPECT_EQ(twin->counters().to_kernel.read(), 2U);
    EXPECT_GE(twin->counters().from_kernel.read(), 1U);
    EXPECT_EQ(twin->counters().refused.read(), 0U);
}

TEST(KernelTwin, LeavesFramesInTheInterfaceWhileNobodyTakesThem) {
    const Namespace ours("ethdev-twin");
    const auto twin = open_twin(ours);
    ASSERT_TRUE(twin);
    const PacketSocket kernel(ours, "dns0");
    twin->start();
    const Frame out = Frames({2, 0, 0, 0, 0, 1}).udp("192.0.2.1", 40000);
    const auto read = [&twin] { return twin->counters().from_kernel.read(); };
    for (std::size_t i = 0; i < port::FrameRing::kSlots + 100; ++i) {
        kernel.send(out);
        std::this_thread::yield();
    }
    EXPECT_TRUE(within_a_second([&] { return read() == port::FrameRing::kSlots; }));
    std::this_thread::sleep_for(2 * KernelTwin::kMaxNap);
    EXPECT_EQ(read(), port::FrameRing::kSlots);
    twin->from_kernel().release();
    EXPECT_TRUE(within_a_second([&] { return read() == port::FrameRing::kSlots + 1; }));
}

TEST(KernelTwin, CountsWhatAnInterfaceThatIsDownRefuses) {
    const Namespace ours("ethdev-twin");
    const auto twin = open_twin(ours);
    ASSERT_TRUE(twin);
    ASSERT_TRUE(ours.run("ip link set dns0 down"));
    twin->start();
    EXPECT_TRUE(put(twin->to_kernel(0), Frames(kMac).udp("192.0.2.2", 179)));
    EXPECT_TRUE(within_a_second([&] { return twin->counters().refused.read() == 1; }));
    EXPECT_EQ(twin->counters().to_kernel.read(), 0U);
}

TEST(KernelTwin, HandsTheLinkOn) {
    const Namespace ours("ethdev-twin");
    const auto twin = open_twin(ours);
    ASSERT_TRUE(twin);
    twin->set_link(false);
    EXPECT_TRUE(ours.run("sh -c 'ip link show dns0 | grep -q NO-CARRIER'"));
    twin->set_link(true);
    EXPECT_FALSE(ours.run("sh -c 'ip link show dns0 | grep -q NO-CARRIER'"));
}

TEST(KernelTwin, GoesAtItsEndUnlessItWasThereBefore) {
    const Namespace ours("ethdev-twin");
    open_twin(ours).reset();
    EXPECT_FALSE(ours.run("ip link show dns0"));
    ASSERT_TRUE(ours.run("ip tuntap add dev dns0 mode tap"));
    open_twin(ours).reset();
    EXPECT_TRUE(ours.run("ip link show dns0"));
}

TEST(KernelTwin, SaysWhatIsInItsWay) {
    const Namespace ours("ethdev-twin");
    ASSERT_TRUE(ours.run("ip link add eth0 type veth peer name eth1"));
    EXPECT_EQ(open_error(ours, "eth0"),
              "the kernel's twin: interface eth0: Invalid argument: there is an interface of this "
              "name that is no TAP, choose another by 'twin:'");
    const auto first = open_twin(ours);
    EXPECT_EQ(open_error(ours, "dns0"),
              "the kernel's twin: interface dns0: Device or resource busy: another process has an "
              "interface of this name, choose another by 'twin:'");
}

}  // namespace
}  // namespace understudy::tests
