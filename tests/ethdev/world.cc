#include "ethdev/world.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>

namespace understudy::tests {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{1};
constexpr std::size_t kFrameOctets = 2048;

/// Frames arrive padded to Ethernet's least length, or not.
bool begins_with(std::span<const std::uint8_t> received, const Frame& frame) {
    return received.size() >= frame.size() &&
           std::equal(frame.begin(), frame.end(), received.begin());
}

}  // namespace

PacketSocket::PacketSocket(const Namespace& where, const std::string& interface) {
    const InsideNamespace inside(where);
    socket_ = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_ALL));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
}

PacketSocket::~PacketSocket() { close(socket_); }

void PacketSocket::send(const Frame& frame) const {
    EXPECT_EQ(::send(socket_, frame.data(), frame.size(), 0), static_cast<ssize_t>(frame.size()));
}

bool PacketSocket::receives(const Frame& frame) const {
    const auto deadline = Clock::now() + kPatience;
    std::array<std::uint8_t, kFrameOctets> buffer{};
    while (Clock::now() < deadline) {
        const ssize_t length = recv(socket_, buffer.data(), buffer.size(), 0);
        if (length > 0 &&
            begins_with(std::span(buffer).first(static_cast<std::size_t>(length)), frame)) {
            return true;
        }
    }
    return false;
}

VethWorld::VethWorld(unsigned queues) {
    const std::string count =
        " numrxqueues " + std::to_string(queues) + " numtxqueues " + std::to_string(queues);
    EXPECT_TRUE(run_command("ip -n " + ours.name() + " link add service" + count +
                            " type veth peer name client" + count + " netns " + theirs.name()));
    EXPECT_TRUE(run_command("ip -n " + ours.name() + " link set service up"));
    EXPECT_TRUE(run_command("ip -n " + theirs.name() + " link set client up"));
}

pid_t start_again(const std::string& variable, const std::string& value) {
    const pid_t child = fork();
    if (child == 0) {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): the new process has this thread only
        setenv(variable.c_str(), value.c_str(), 1);
        execl("/proc/self/exe", "ethdev_netns_test", nullptr);
        _exit(EXIT_FAILURE);
    }
    return child;
}

ethdev::DeviceOptions device_options(const std::string& device,
                                     const std::vector<std::string>& addresses) {
    ethdev::DeviceOptions options;
    options.name = port::parse_device_name(device).value();
    for (const auto& address : addresses) {
        options.addresses.push_back(base::IpPrefix::parse(address).value());
    }
    return options;
}

std::optional<Frame> receive(const ethdev::Device& device) {
    const auto deadline = Clock::now() + kPatience;
    while (Clock::now() < deadline) {
        for (port::PacketPort* queue : device.queues()) {
            std::array<port::Packet, 1> packets;
            if (queue->rx_burst(packets) == 1) {
                EXPECT_GE(packets[0].capacity_octets, port::PacketPort::kMinCapacityOctets);
                Frame frame(packets[0].data, packets[0].data + packets[0].length_octets);
                queue->free(packets);
                return frame;
            }
        }
    }
    return std::nullopt;
}

bool receives(const ethdev::Device& device, const Frame& frame) {
    while (const auto received = receive(device)) {
        if (begins_with(*received, frame)) {
            return true;
        }
    }
    return false;
}

bool transmit(port::PacketPort& queue, const Frame& frame) {
    std::array<port::Packet, 1> packets;
    if (queue.allocate(packets) != 1) {
        return false;
    }
    EXPECT_GE(packets[0].capacity_octets, port::PacketPort::kMinCapacityOctets);
    std::ranges::copy(frame, packets[0].data);
    packets[0].length_octets = static_cast<std::uint32_t>(frame.size());
    return queue.tx_burst(packets) == 1;
}

}  // namespace understudy::tests
