#include <gtest/gtest.h>

#include "ethdev/world.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <memory>
#include <utility>

namespace understudy::tests {
namespace {

using ethdev::Device;

const std::vector<std::string> kAddresses = {"192.0.2.53/24", "2001:db8::53/64"};

std::unique_ptr<Device> open_service(const VethWorld& world,
                                     const std::vector<std::string>& addresses = kAddresses,
                                     std::uint16_t vlan = 0) {
    const InsideNamespace inside(world.ours);
    auto options = device_options("af_xdp:service", addresses);
    options.vlan = vlan;
    auto device = Device::open(eal(), options);
    EXPECT_TRUE(device) << device.error().message;
    return device ? *std::move(device) : nullptr;
}

std::string open_error(const VethWorld& world, const ethdev::DeviceOptions& options) {
    const InsideNamespace inside(world.ours);
    const auto device = Device::open(eal(), options);
    return device ? "" : device.error().message;
}

std::uint32_t attached_program(const VethWorld& world) {
    const InsideNamespace inside(world.ours);
    std::uint32_t id = 0;
    EXPECT_EQ(bpf_xdp_query_id(static_cast<int>(if_nametoindex("service")), 0, &id), 0);
    return id;
}

/// A program that passes everything.
int load_program(const char* name) {
    constexpr std::int32_t kPass = 2;
    const std::array<bpf_insn, 2> code = {bpf_insn{BPF_ALU64 | BPF_MOV | BPF_K, 0, 0, 0, kPass},
                                          bpf_insn{BPF_JMP | BPF_EXIT, 0, 0, 0, 0}};
    const int program =
        bpf_prog_load(BPF_PROG_TYPE_XDP, name, "GPL", code.data(), code.size(), nullptr);
    EXPECT_GE(program, 0);
    return program;
}

/// On the interface as a crash leaves it: nobody holds it any more.
void attach_program(const VethWorld& world, const char* name) {
    const InsideNamespace inside(world.ours);
    const int program = load_program(name);
    EXPECT_EQ(bpf_xdp_attach(static_cast<int>(if_nametoindex("service")), program, 0, nullptr), 0);
    close(program);
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(AfXdp, TakesWhatIsForTheServiceAndPassesTheRest) {
    const VethWorld world;
    const auto device = open_service(world);
    ASSERT_TRUE(device);
    const PacketSocket client(world.theirs, "client");
    const PacketSocket kernel(world.ours, "service");
    const Frames frames(device->mac());
    const std::vector<std::pair<const char*, Frame>> ours = {
        {"IPv4 query", frames.udp("192.0.2.53", 53)},
        {"IPv6 query", frames.udp("2001:db8::53", 53)},
        {"IPv4 query with options", frames.udp_with_options("192.0.2.53", 10)},
        {"ARP request", frames.arp("192.0.2.53", 1)},
        {"neighbour solicitation", frames.solicitation("2001:db8::53")},
        {"IPv4 echo", frames.echo_request("192.0.2.53")},
        {"IPv6 echo", frames.echo_request("2001:db8::53")},
        {"priority tag", tagged(frames.udp("192.0.2.53", 53), 0xE000)},
    };
    for (const auto& [what, frame] : ours) {
        client.send(frame);
        EXPECT_TRUE(receives(*device, frame)) << what;
    }
    const std::vector<std::pair<const char*, Frame>> others = {
        {"another port", frames.udp("192.0.2.53", 54)},
        {"another address", frames.udp("192.0.2.54", 53)},
        {"another IPv6 address", frames.udp("2001:db8::54", 53)},
        {"ARP request for another address", frames.arp("192.0.2.54", 1)},
        {"ARP reply", frames.arp("192.0.2.53", 2)},
        {"solicitation for another address", frames.solicitation("2001:db8::54")},
        {"echo to another address", frames.echo_request("192.0.2.54")},
        {"echo reply", frames.echo_reply("192.0.2.53")},
        {"IPv6 echo reply", frames.echo_reply("2001:db8::53")},
        {"fragment", frames.first_fragment("192.0.2.53")},
    };
    for (const auto& [what, frame] : others) {
        client.send(frame);
        EXPECT_TRUE(kernel.receives(frame)) << what;
    }
    const Frame query = frames.udp("192.0.2.53", 53);
    client.send(tagged(query, 7));
    EXPECT_TRUE(kernel.receives(query)) << "the kernel takes the tag out";
    const Frame last = frames.echo_request("192.0.2.53");
    client.send(last);
    EXPECT_EQ(receive(*device), last) << "something of the others came to us";
}

TEST(AfXdp, PassesFramesThatEndEarly) {
    const VethWorld world;
    const auto device = open_service(world);
    ASSERT_TRUE(device);
    const PacketSocket client(world.theirs, "client");
    const Frames frames(device->mac());
    const Frame marker = frames.udp("192.0.2.53", 53);
    constexpr std::size_t kEthernetOctets = 14;  // less the kernel does not send
    const std::vector<std::pair<Frame, std::size_t>> least = {
        {frames.udp_with_options("192.0.2.53", 10), kEthernetOctets + 60 + 8},
        {frames.udp("2001:db8::53", 53), kEthernetOctets + 40 + 8},
        {frames.echo_request("192.0.2.53"), kEthernetOctets + 20 + 8},
        {frames.echo_request("2001:db8::53"), kEthernetOctets + 40 + 8},
        {frames.solicitation("2001:db8::53"), kEthernetOctets + 40 + 24},
        {frames.arp("192.0.2.53", 1), kEthernetOctets + 28},
        {tagged(frames.arp("192.0.2.53", 1), 0), kEthernetOctets + 4 + 28},
    };
    for (const auto& [whole, least_octets] : least) {
        for (std::size_t length = kEthernetOctets; length < least_octets; ++length) {
            client.send(Frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)));
        }
    }
    client.send(marker);
    EXPECT_EQ(receive(*device), marker);
}

TEST(AfXdp, LeavesToTheKernelWhatALocalInterfaceHolds) {
    const VethWorld world;
    ASSERT_TRUE(world.ours.run("ip addr add 192.0.2.53/24 dev service"));
    ASSERT_TRUE(world.ours.run("ip addr add 2001:db8::53/64 dev service nodad"));
    const auto device = open_service(world);
    ASSERT_TRUE(device);
    const PacketSocket client(world.theirs, "client");
    const PacketSocket kernel(world.ours, "service");
    const Frames frames(device->mac());
    for (const Frame& frame : {frames.arp("192.0.2.53", 1),
                               frames.solicitation("2001:db8::53"),
                               frames.echo_request("192.0.2.53"),
                               frames.echo_request("2001:db8::53")}) {
        client.send(frame);
        EXPECT_TRUE(kernel.receives(frame));
    }
    for (const Frame& frame : {frames.udp("192.0.2.53", 53), frames.udp("2001:db8::53", 53)}) {
        client.send(frame);
        EXPECT_TRUE(receives(*device, frame));
    }
    ASSERT_TRUE(world.theirs.run("ip addr add 192.0.2.99/24 dev client"));
    EXPECT_TRUE(world.theirs.run("ping -c 1 -W 2 192.0.2.53 > /dev/null"));
}

TEST(AfXdp, AnswersForAddressesOnLoopback) {
    const VethWorld world;
    ASSERT_TRUE(world.ours.run("ip addr add 192.0.2.53/32 dev lo"));
    const auto device = open_service(world);
    ASSERT_TRUE(device);
    const PacketSocket client(world.theirs, "client");
    const Frame frame = Frames(device->mac()).arp("192.0.2.53", 1);
    client.send(frame);
    EXPECT_TRUE(receives(*device, frame));
}

TEST(AfXdp, TakesItsVlanOnly) {
    constexpr std::uint16_t kVlan = 53;
    const VethWorld world;
    const auto device = open_service(world, kAddresses, kVlan);
    ASSERT_TRUE(device);
    // A packet socket's own frames keep their tags inside the frame.
    const PacketSocket client(world.theirs, "client");
    const Frame query = Frames(device->mac()).udp("192.0.2.53", 53);
    client.send(query);
    client.send(tagged(query, kVlan + 1));
    client.send(tagged(query, kVlan));
    EXPECT_EQ(receive(*device), tagged(query, kVlan));
}

TEST(AfXdp, SendsInPlaceAndFromFreshBuffers) {
    const VethWorld world;
    const auto device = open_service(world);
    ASSERT_TRUE(device);
    const PacketSocket client(world.theirs, "client");
    port::PacketPort& queue = *device->queues().front();
    queue.attach_thread();
    const Frame query = Frames(device->mac()).udp("192.0.2.53", 53);
    for (int round = 0; round < 3; ++round) {
        client.send(query);
        std::array<port::Packet, 1> packets;
        while (queue.rx_burst(packets) == 0) {
            queue.wait(std::chrono::microseconds(100));
        }
        // The longest that fits an MTU of 1,500.
        packets[0].length_octets = 1514;
        packets[0].data[1513] = static_cast<std::uint8_t>(round + 1);
        const Frame reply(packets[0].data, packets[0].data + packets[0].length_octets);
        ASSERT_EQ(queue.tx_burst(packets), 1U);
        EXPECT_TRUE(client.receives(reply));
    }
    const Frame fresh = Frames({0xff, 0xff, 0xff, 0xff, 0xff, 0xff}).arp("192.0.2.99", 1);
    EXPECT_TRUE(transmit(queue, fresh));
    EXPECT_TRUE(client.receives(fresh));
}

TEST(AfXdp, LosesNoBuffers) {
    const VethWorld world;
    const auto device = open_service(world);
    ASSERT_TRUE(device);
    const PacketSocket client(world.theirs, "client");
    port::PacketPort& queue = *device->queues().front();
    const Frame query = Frames(device->mac()).udp("192.0.2.53", 53);
    // More than there are buffers, half of them freed and half of them sent.
    constexpr unsigned kRounds = 20000;
    unsigned received = 0;
    for (unsigned round = 0; round < kRounds; ++round) {
        client.send(query);
        std::array<port::Packet, port::kMaxBurst> packets;
        const std::size_t count = queue.rx_burst(packets);
        received += static_cast<unsigned>(count);
        const auto used = std::span(packets).first(count);
        const std::size_t sent = round % 2 == 0 ? queue.tx_burst(used) : 0;
        queue.free(used.subspan(sent));
    }
    EXPECT_EQ(received, kRounds);
    const auto statistics = device->statistics();
    EXPECT_EQ(statistics.missed + statistics.no_buffer + statistics.not_sent, 0U);
}

TEST(AfXdp, PollsEveryQueueOfTheInterface) {
    const VethWorld world(2);
    const auto device = open_service(world);
    ASSERT_TRUE(device);
    ASSERT_EQ(device->queues().size(), 2U);
    const PacketSocket client(world.theirs, "client");
    const Frames frames(device->mac());
    constexpr std::uint16_t kFlows = 200;
    for (std::uint16_t flow = 0; flow < kFlows; ++flow) {
        client.send(frames.udp_from(static_cast<std::uint16_t>(10000 + flow), "192.0.2.53"));
    }
    std::array<unsigned, 2> received{};
    for (int empty = 0; empty < 1000; ++empty) {
        for (std::size_t i = 0; i < received.size(); ++i) {
            std::array<port::Packet, port::kMaxBurst> packets;
            const std::size_t count = device->queues()[i]->rx_burst(packets);
            device->queues()[i]->free(std::span(packets).first(count));
            received.at(i) += static_cast<unsigned>(count);
            empty = count > 0 ? 0 : empty;
        }
    }
    EXPECT_EQ(received[0] + received[1], kFlows);
    EXPECT_GT(received[0], 0U);
    EXPECT_GT(received[1], 0U);
    for (port::PacketPort* queue : device->queues()) {
        const Frame frame = frames.echo_reply("192.0.2.99");
        EXPECT_TRUE(transmit(*queue, frame));
        EXPECT_TRUE(client.receives(frame));
    }
}

TEST(AfXdp, LeavesTheInterfaceCleanAndOpensAgain) {
    const VethWorld world(2);
    for (int round = 0; round < 3; ++round) {
        auto device = open_service(world);
        ASSERT_TRUE(device);
        EXPECT_NE(attached_program(world), 0U);
        device.reset();
        EXPECT_EQ(attached_program(world), 0U);
    }
}

TEST(AfXdp, LeavesTheInterfaceCleanAfterACrash) {
    const VethWorld world;
    pid_t child = -1;
    {
        const InsideNamespace inside(world.ours);
        child = start_again("UNDERSTUDY_CRASH", "af_xdp:service");
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    EXPECT_EQ(attached_program(world), 0U);
    EXPECT_TRUE(open_service(world));
}

TEST(AfXdp, RefusesAForeignProgramByName) {
    const VethWorld world;
    attach_program(world, "foreign_prog");
    const std::string error = open_error(world, device_options("af_xdp:service", kAddresses));
    EXPECT_TRUE(contains(error, "'foreign_prog'")) << error;
    EXPECT_TRUE(contains(error, "ip link set service xdp off")) << error;
    EXPECT_NE(attached_program(world), 0U);
}

TEST(AfXdp, RemovesAStaleProgramOfOurs) {
    const VethWorld world;
    attach_program(world, "understudy_xdp");
    const auto device = open_service(world);
    ASSERT_TRUE(device);
    const PacketSocket client(world.theirs, "client");
    const Frame query = Frames(device->mac()).udp("192.0.2.53", 53);
    client.send(query);
    EXPECT_TRUE(receives(*device, query));
}

TEST(AfXdp, LeavesALivingProcessAlone) {
    const VethWorld world;
    const auto device = open_service(world);
    ASSERT_TRUE(device);
    const std::string error = open_error(world, device_options("af_xdp:service", kAddresses));
    EXPECT_TRUE(contains(error, "another process of understudy")) << error;
    const PacketSocket client(world.theirs, "client");
    const Frame query = Frames(device->mac()).udp("192.0.2.53", 53);
    client.send(query);
    EXPECT_TRUE(receives(*device, query));
}

TEST(AfXdp, SaysHowToSetTheNumberOfQueues) {
    const VethWorld world(2);
    auto options = device_options("af_xdp:service", kAddresses);
    options.queues = 1;
    EXPECT_TRUE(contains(open_error(world, options), "ethtool -L service rx 1 tx 1"));
    options.queues = 3;
    EXPECT_TRUE(contains(open_error(world, options), "2 RX queues"));
    options.queues = 2;
    EXPECT_EQ(open_error(world, options), "");
}

TEST(AfXdp, NeedsAsManyQueuesToSendAsToReceive) {
    const VethWorld world(2);
    ASSERT_TRUE(world.ours.run("ethtool -L service tx 1"));
    const std::string error = open_error(world, device_options("af_xdp:service", kAddresses));
    EXPECT_TRUE(contains(error, "ethtool -L service rx 2 tx 2")) << error;
}

TEST(AfXdp, SaysWhatIsWrongWithTheInterface) {
    const VethWorld world;
    EXPECT_TRUE(contains(open_error(world, device_options("af_xdp:missing")),
                         "af_xdp:missing: there is no interface 'missing'"));
    ASSERT_TRUE(world.ours.run("ip link set service down"));
    EXPECT_TRUE(
        contains(open_error(world, device_options("af_xdp:service")), "ip link set service up"));
}

TEST(AfXdp, RefusesMoreAddressesThanTheMapHolds) {
    const VethWorld world;
    std::vector<std::string> addresses;
    for (unsigned i = 0; i <= ethdev::kMaxServiceAddresses; ++i) {
        addresses.push_back("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256));
    }
    EXPECT_TRUE(contains(open_error(world, device_options("af_xdp:service", addresses)),
                         "at most 256 of each family"));
    EXPECT_EQ(attached_program(world), 0U);
}

TEST(AfXdp, HasTheFarEndOfAVethFinishItsFrames) {
    const VethWorld apart;
    const auto device = open_service(apart);
    ASSERT_TRUE(device);
    ASSERT_EQ(device->warnings().size(), 1U);
    EXPECT_TRUE(contains(device->warnings().front(), "ethtool -K IFACE tx off"));

    const VethWorld together;
    ASSERT_TRUE(run_command("ip -n " + together.theirs.name() + " link set client netns " +
                            together.ours.name() + " && ip -n " + together.ours.name() +
                            " link set client up"));
    const auto reached = open_service(together);
    ASSERT_TRUE(reached);
    EXPECT_TRUE(reached->warnings().empty());
    EXPECT_TRUE(together.ours.run("sh -c 'ethtool -k client | grep -q \"^tx-checksumming: off\"'"));
}

}  // namespace
}  // namespace understudy::tests
