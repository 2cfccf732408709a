#include <gtest/gtest.h>
#include <netinet/ip.h>

#include <understudy/socket/loopback_addresses.h>
#include <understudy/socket/udp_port.h>
#include <future>
#include <set>

#include "socket/clients.h"

namespace understudy::socket {
namespace {

using port::kMaxBurst;
using port::Packet;
using std::chrono::milliseconds;

Message message_of(std::size_t octets, std::uint8_t fill = 0x5A) {
    Message message(octets, fill);
    return message;
}

/// A port and what its polling thread would do, step by step.
class Poller {
  public:
    explicit Poller(const std::vector<base::Endpoint>& listen) : port(*UdpPort::open(listen)) {}

    /// Waits for packets; none when there are none for `timeout`.
    std::span<Packet> receive(milliseconds timeout = kPatience) {
        const auto end = std::chrono::steady_clock::now() + timeout;
        std::size_t count = port->rx_burst(packets);
        while (count == 0 && std::chrono::steady_clock::now() < end) {
            port->wait(milliseconds(10));
            count = port->rx_burst(packets);
        }
        return std::span(packets).first(count);
    }

    [[nodiscard]] base::Endpoint local(std::size_t index = 0) const {
        return port->local_endpoints()[index];
    }

    std::unique_ptr<UdpPort> port;
    std::array<Packet, kMaxBurst> packets;
};

TEST(UdpPort, ReceivesWithItsPathAndRepliesInPlace) {
    Poller poller({endpoint("127.0.0.1")});
    const UdpClient client(ip("127.0.0.1"));
    client.send(poller.local(), {1, 2, 3});
    const auto burst = poller.receive();
    ASSERT_EQ(burst.size(), 1U);
    EXPECT_EQ(poller.port->framing(), port::Framing::kDatagram);
    EXPECT_EQ(Message(burst[0].data, burst[0].data + burst[0].length_octets), (Message{1, 2, 3}));
    EXPECT_GE(burst[0].capacity_octets, port::PacketPort::kMinCapacityOctets);
    EXPECT_EQ(burst[0].path->peer, client.local());
    EXPECT_EQ(burst[0].path->local, poller.local());

    burst[0].data[3] = 4;
    burst[0].length_octets = 4;
    ASSERT_EQ(poller.port->tx_burst(burst), 1U);
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->message, (Message{1, 2, 3, 4}));
    EXPECT_EQ(answer->from, poller.local());
}

TEST(UdpPort, ServesIpv6WithoutTakingIpv4Along) {
    if (!has_ipv6()) {
        GTEST_SKIP() << "no IPv6 here";
    }
    Poller six({endpoint("::")});
    const Poller four({endpoint("0.0.0.0", six.local().port)});  // would fail if :: held both
    const UdpClient client(ip("::1"));
    client.send(endpoint("::1", six.local().port), {6});
    const auto burst = six.receive();
    ASSERT_EQ(burst.size(), 1U);
    EXPECT_EQ(burst[0].path->local, endpoint("::1", six.local().port));
    ASSERT_EQ(six.port->tx_burst(burst), 1U);
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->from, endpoint("::1", six.local().port));
}

TEST(UdpPort, MovesManyBurstsAndLosesNoBuffer) {
    constexpr int kRounds = 40;  // far more packets than there are buffers
    Poller poller({endpoint("127.0.0.1")});
    const UdpClient client(ip("127.0.0.1"));
    for (int round = 0; round < kRounds; ++round) {
        for (std::size_t i = 0; i < kMaxBurst; ++i) {
            client.send(poller.local(), message_of(12, static_cast<std::uint8_t>(i)));
        }
        std::set<std::uint8_t> seen;
        while (seen.size() < kMaxBurst) {
            const auto burst = poller.receive();
            ASSERT_FALSE(burst.empty());
            for (const Packet& packet : burst) {
                EXPECT_TRUE(seen.insert(packet.data[0]).second);
            }
            const std::size_t half = burst.size() / 2;
            ASSERT_EQ(poller.port->tx_burst(burst.first(half)), half);
            poller.port->free(burst.subspan(half));
        }
        while (client.receive(milliseconds(0))) {
        }
    }
    EXPECT_EQ(poller.port->overflows(), 0U);
}

TEST(UdpPort, PollsAllOfItsAddresses) {
    Poller poller({endpoint("127.0.0.1"), endpoint("127.0.0.2"), endpoint("127.0.0.1")});
    const UdpClient client(ip("127.0.0.1"));
    for (std::size_t i = 0; i < 3; ++i) {
        client.send(poller.local(i), message_of(12, static_cast<std::uint8_t>(i)));
    }
    for (std::size_t received = 0; received < 3;) {
        const auto burst = poller.receive();
        ASSERT_FALSE(burst.empty());
        received += burst.size();
        ASSERT_EQ(poller.port->tx_burst(burst), burst.size());
    }
    for (std::size_t i = 0; i < 3; ++i) {
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->from, poller.local(answer->message[0]));
    }
}

TEST(UdpPort, RepliesFromTheAddressAskedOnAWildcard) {
    Poller poller({endpoint("0.0.0.0")});
    const UdpClient client(ip("127.0.0.1"));
    for (const char* address : {"127.0.0.1", "127.0.0.53", "127.9.8.7"}) {
        const auto asked = endpoint(address, poller.local().port);
        client.send(asked, {1});
        const auto burst = poller.receive();
        ASSERT_EQ(burst.size(), 1U);
        EXPECT_EQ(burst[0].path->local, asked);
        ASSERT_EQ(poller.port->tx_burst(burst), 1U);
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->from, asked);
    }
}

TEST(UdpPort, DropsAndCountsWhatIsLongerThanABuffer) {
    Poller poller({endpoint("127.0.0.1")});
    const UdpClient client(ip("127.0.0.1"));
    client.send(poller.local(), message_of(port::PacketPort::kMinCapacityOctets + 1));
    client.send(poller.local(), message_of(port::PacketPort::kMinCapacityOctets));
    client.send(poller.local(), {});
    std::vector<std::uint32_t> lengths;
    while (lengths.size() < 2) {
        const auto burst = poller.receive();
        ASSERT_FALSE(burst.empty());
        for (const Packet& packet : burst) {
            lengths.push_back(packet.length_octets);
        }
        poller.port->free(burst);
    }
    EXPECT_EQ(lengths, (std::vector<std::uint32_t>{port::PacketPort::kMinCapacityOctets, 0}));
    EXPECT_EQ(poller.port->counters().oversized.read(), 1U);
}

TEST(UdpPort, GoesOnPastDestinationsThatCannotBeReached) {
    Poller poller({endpoint("127.0.0.1")});
    const UdpClient client(ip("127.0.0.1"));
    base::Endpoint nobody;
    {
        nobody = UdpClient(ip("127.0.0.1")).local();  // closed again: ECONNREFUSED by ICMP
    }
    std::array<Packet, 6> packets;
    ASSERT_EQ(poller.port->allocate(packets), packets.size());
    for (std::size_t i = 0; i < packets.size(); ++i) {
        packets[i].length_octets = 12;
        packets[i].data[0] = static_cast<std::uint8_t>(i);
        *packets[i].path = {.peer = client.local(), .local = poller.local()};
    }
    packets[0].path->peer = endpoint("127.0.0.1", 0);         // EINVAL
    packets[1].path->peer = nobody;                           // refused later, by ICMP
    packets[3].path->peer = endpoint("255.255.255.255", 53);  // EACCES: no broadcasts
    packets[4].path->local = endpoint("127.0.0.1", 1);        // not an address of this port
    EXPECT_EQ(poller.port->tx_burst(packets), packets.size());
    EXPECT_EQ(poller.port->counters().unsent.read(), 3U);
    for (const int expected : {2, 5}) {
        const auto answer = client.receive();
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->message[0], expected);
    }
    client.send(poller.local(), {1});  // and it still receives
    EXPECT_EQ(poller.receive().size(), 1U);
}

TEST(UdpPort, HandsOutAsManyBuffersAsItHasAndRecovers) {
    Poller poller({endpoint("127.0.0.1")});
    const UdpClient client(ip("127.0.0.1"));
    std::vector<Packet> held;
    for (bool more = true; more;) {
        std::array<Packet, kMaxBurst> packets;
        const std::size_t count = poller.port->allocate(packets);
        held.insert(held.end(), packets.begin(), packets.begin() + static_cast<long>(count));
        more = count != 0;
    }
    EXPECT_GE(held.size(), kMaxBurst);
    // Those that are waiting in the receiver still take datagrams, each once.
    constexpr std::size_t kSent = 3 * kMaxBurst;
    for (std::size_t i = 0; i < kSent; ++i) {
        client.send(poller.local(), message_of(12));
    }
    std::size_t received = 0;
    for (auto burst = poller.receive(); !burst.empty(); burst = poller.receive(milliseconds(20))) {
        received += burst.size();
        held.insert(held.end(), burst.begin(), burst.end());
    }
    EXPECT_EQ(received, kMaxBurst);
    poller.port->free(held);
    for (auto burst = poller.receive(); !burst.empty(); burst = poller.receive(milliseconds(20))) {
        received += burst.size();
        poller.port->free(burst);
    }
    EXPECT_EQ(received, kSent);
}

TEST(UdpPort, WaitsUntilAPacketATimeoutOrAWake) {
    Poller poller({endpoint("127.0.0.1")});
    const auto waited = [&](milliseconds timeout) {
        const auto start = std::chrono::steady_clock::now();
        poller.port->wait(timeout);
        return std::chrono::steady_clock::now() - start;
    };
    EXPECT_GE(waited(milliseconds(20)), milliseconds(20));
    EXPECT_LT(waited(milliseconds(-1)), kPatience);

    poller.port->wake();  // counts for the next wait, and for no more than that
    poller.port->wake();
    EXPECT_LT(waited(kPatience), kPatience / 2);
    EXPECT_GE(waited(milliseconds(20)), milliseconds(20));

    auto sleeper = std::async(std::launch::async, [&] { return waited(kPatience); });
    std::this_thread::sleep_for(milliseconds(20));
    poller.port->wake();
    EXPECT_LT(sleeper.get(), kPatience / 2);

    const UdpClient client(ip("127.0.0.1"));
    client.send(poller.local(), {1});
    EXPECT_LT(waited(kPatience), kPatience / 2);
}

TEST(UdpPort, SharesAnAddressWithOtherThreads) {
    Poller first({endpoint("127.0.0.1")});
    Poller second({first.local()});
    constexpr int kClients = 64;  // by chance all on one side: 2^-63
    for (int i = 0; i < kClients; ++i) {
        UdpClient(ip("127.0.0.1")).send(first.local(), {1});
    }
    const std::size_t firsts = first.receive().size();
    const std::size_t seconds = second.receive().size();
    EXPECT_GT(firsts, 0U);
    EXPECT_GT(seconds, 0U);
    EXPECT_EQ(firsts + seconds, static_cast<std::size_t>(kClients));
}

TEST(UdpPort, SaysWhatToDoWhenAnAddressIsNotToBeHad) {
    const UdpClient other(ip("127.0.0.1"));  // holds its port without sharing it
    const auto taken = other.local();
    auto port = UdpPort::open(std::vector{taken});
    ASSERT_FALSE(port);
    EXPECT_NE(port.error().message.find(taken.to_string()), std::string::npos);
    EXPECT_NE(port.error().message.find("Address already in use"), std::string::npos);
    EXPECT_NE(port.error().message.find("stop it"), std::string::npos);

    port = UdpPort::open(std::vector{endpoint("192.0.2.77", 5300)});
    ASSERT_FALSE(port);
    EXPECT_NE(port.error().message.find("no interface of this machine"), std::string::npos);
    EXPECT_FALSE(UdpPort::open({}));
}

/// On `lo` of a namespace of its own, with DF read by a raw socket.
TEST(UdpPort, SendsNoFragmentsAndSetsDf) {
    const bool entered = in_network_namespace([] {
        const auto up = LoopbackAddresses::add(std::vector{ip("192.0.2.53")});
        ASSERT_TRUE(up);
        const Descriptor raw(::socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
        Poller poller({endpoint("192.0.2.53")});
        std::array<Packet, 1> packets;
        ASSERT_EQ(poller.port->allocate(packets), 1U);
        packets[0].length_octets = 1400;
        *packets[0].path = {.peer = endpoint("192.0.2.53", 9), .local = poller.local()};
        ASSERT_EQ(poller.port->tx_burst(packets), 1U);
        ASSERT_TRUE(readable(raw, kPatience));
        std::array<std::uint8_t, 2048> packet{};
        ASSERT_EQ(::recv(raw.get(), packet.data(), packet.size(), 0), 1400 + 28);
        EXPECT_EQ(base::load_be16(&packet[6]), IP_DF);
    });
    if (!entered) {
        GTEST_SKIP() << "needs CAP_SYS_ADMIN for a network namespace";
    }
}

}  // namespace
}  // namespace understudy::socket
