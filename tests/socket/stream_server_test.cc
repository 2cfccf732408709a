#include <gtest/gtest.h>
#include <sys/resource.h>

#include <understudy/base/check.h>
#include <understudy/socket/stream_server.h>
#include <atomic>
#include <string>

#include "socket/clients.h"

namespace understudy::socket {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// What a test asks of the handler, in the third octet of its request; the first two number it.
enum Asked : std::uint8_t { kEcho, kTransfer, kClose };

constexpr std::size_t kTransferOctets = 16'000;  // a message of a transfer

Message request(std::uint16_t number, Asked asked = kEcho, std::uint16_t messages = 0) {
    Message octets(12);
    base::store_be16(octets.data(), number);
    octets[2] = asked;
    base::store_be16(&octets[4], messages);
    return octets;
}

/// The number that a message of the test begins with.
std::uint16_t number_of(const std::optional<Message>& message) {
    return message && message->size() >= 2 ? base::load_be16(message->data()) : 0xFFFF;
}

/// Echoes, transfers numbered messages, and holds the server to the order of its calls.
class TestHandler final : public port::StreamHandler {
  public:
    Reply handle(base::Octets message,
                 const port::StreamPath& path,
                 std::vector<std::uint8_t>& response) override {
        UNDERSTUDY_CHECK(online_ && response.empty() && message.size() >= 12);
        UNDERSTUDY_CHECK(path.peer.port != 0 && path.local.port != 0);
        switch (message[2]) {
            case kTransfer:
                return {Reply::Kind::kSource,
                        std::make_unique<Source>(*this, base::load_be16(&message[4]))};
            case kClose:
                return {Reply::Kind::kClose, nullptr};
            default:
                response.assign(message.begin(), message.end());
                return {Reply::Kind::kMessage, nullptr};
        }
    }

    void attach_thread() override {
        UNDERSTUDY_CHECK(!attached_);
        attached_ = true;
    }
    void detach_thread() noexcept override {
        UNDERSTUDY_CHECK(attached_ && !online_);
        attached_ = false;
    }
    void after_wait() noexcept override {
        UNDERSTUDY_CHECK(attached_ && !online_);
        online_ = true;
    }
    void before_wait() noexcept override {
        UNDERSTUDY_CHECK(online_);
        online_ = false;
        ++rounds;
    }

    std::atomic<std::uint64_t> rounds = 0;
    std::atomic<int> sources = 0;         // alive
    std::atomic<std::uint64_t> made = 0;  // messages of transfers

  private:
    class Source final : public port::MessageSource {
      public:
        Source(TestHandler& handler, std::uint16_t count) : handler_(handler), count_(count) {
            ++handler_.sources;
        }
        ~Source() override {
            UNDERSTUDY_CHECK(handler_.online_);
            --handler_.sources;
        }
        bool next(std::vector<std::uint8_t>& message) override {
            UNDERSTUDY_CHECK(handler_.online_ && message.empty());
            if (next_ == count_) {
                return false;
            }
            message.resize(kTransferOctets);
            base::store_be16(message.data(), next_++);
            ++handler_.made;
            return true;
        }

      private:
        TestHandler& handler_;
        std::uint16_t count_;
        std::uint16_t next_ = 0;
    };

    bool online_ = false;  // this and the next: the streams' thread
    bool attached_ = false;
};

class StreamServerTest : public testing::Test {
  protected:
    void start(const StreamLimits& limits = {}, const char* address = "127.0.0.1") {
        auto opened = StreamServer::open(std::vector{endpoint(address)}, handler, limits);
        ASSERT_TRUE(opened) << opened.error().message;
        server = std::move(*opened);
        server->start();
        address_ = server->local_endpoints()[0];
    }

    [[nodiscard]] TcpClient client(int receive_buffer_octets = 0) const {
        return TcpClient(address_, receive_buffer_octets);
    }

    /// Whether the counter of `cause` gets to `count` in time.
    [[nodiscard]] bool closed(CloseCause cause, std::uint64_t count = 1) const {
        return eventually([&] { return server->counters().read(cause) == count; });
    }

    template <typename Condition>
    static bool eventually(Condition condition) {
        const auto end = steady_clock::now() + kPatience;
        while (!condition() && steady_clock::now() < end) {
            std::this_thread::sleep_for(milliseconds(1));
        }
        return condition();
    }

    TestHandler handler;
    std::unique_ptr<StreamServer> server;
    base::Endpoint address_;
};

TEST_F(StreamServerTest, AnswersOneAfterTheOther) {
    start();
    const TcpClient one = client();
    for (std::uint16_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(one.send(request(i)));
        EXPECT_EQ(one.receive(), request(i));
    }
    one.finish();
    EXPECT_TRUE(one.closed());
    EXPECT_TRUE(closed(CloseCause::kClient));
    EXPECT_EQ(server->counters().accepted.read(), 1U);
    EXPECT_EQ(server->counters().requests.read(), 3U);
    EXPECT_EQ(server->counters().messages.read(), 3U);
    EXPECT_EQ(server->counters().open(), 0U);
}

TEST_F(StreamServerTest, ServesIpv6) {
    if (!has_ipv6()) {
        GTEST_SKIP() << "no IPv6 here";
    }
    start({}, "::1");
    const TcpClient one = client();
    ASSERT_TRUE(one.send(request(6)));
    EXPECT_EQ(one.receive(), request(6));
}

TEST_F(StreamServerTest, AnswersTwoHundredOfOneWriteAfterTheClientsFin) {
    constexpr std::uint16_t kCount = 200;
    start();
    const TcpClient one = client();
    Message stream;
    for (std::uint16_t i = 0; i < kCount; ++i) {
        const Message framed = TcpClient::framed(request(i));
        stream.insert(stream.end(), framed.begin(), framed.end());
    }
    ASSERT_TRUE(one.send_octets(stream));
    one.finish();
    for (std::uint16_t i = 0; i < kCount; ++i) {
        ASSERT_EQ(number_of(one.receive()), i);
    }
    EXPECT_TRUE(one.closed());
    EXPECT_TRUE(closed(CloseCause::kClient));
}

TEST_F(StreamServerTest, TakesRequestsSplitAtEveryOctet) {
    start();
    const TcpClient one = client();
    const Message framed = TcpClient::framed(request(7));
    for (std::size_t split = 1; split < framed.size(); ++split) {
        ASSERT_TRUE(one.send_octets(base::Octets(framed).first(split)));
        std::this_thread::sleep_for(milliseconds(2));
        ASSERT_TRUE(one.send_octets(base::Octets(framed).subspan(split)));
        ASSERT_EQ(one.receive(), request(7)) << split;
    }
    for (const std::uint8_t octet : framed) {
        ASSERT_TRUE(one.send_octets(base::Octets(&octet, 1)));
    }
    EXPECT_EQ(one.receive(), request(7));
}

TEST_F(StreamServerTest, TakesTheLargestRequest) {
    start();
    const TcpClient one = client();
    Message large(0xFFFF, 0xA5);
    large[2] = kEcho;
    ASSERT_TRUE(one.send(large));
    ASSERT_TRUE(one.send(request(1)));
    EXPECT_EQ(one.receive(), large);
    EXPECT_EQ(one.receive(), request(1));
}

TEST_F(StreamServerTest, ClosesOnAShortRequestAfterTheAnswersBeforeIt) {
    start();
    const TcpClient one = client();
    Message stream = TcpClient::framed(request(1));
    for (const Message& message : {Message(11), request(2), request(3)}) {
        const Message framed = TcpClient::framed(message);
        stream.insert(stream.end(), framed.begin(), framed.end());
    }
    ASSERT_TRUE(one.send_octets(stream));
    EXPECT_EQ(one.receive(), request(1));
    EXPECT_TRUE(one.closed());
    one.finish();
    EXPECT_TRUE(closed(CloseCause::kShortRequest));
    EXPECT_EQ(server->counters().requests.read(), 1U);
}

TEST_F(StreamServerTest, ClosesWhenTheHandlerWantsIt) {
    start();
    {
        const TcpClient one = client();
        ASSERT_TRUE(one.send(request(1)));
        ASSERT_TRUE(one.send(request(2, kClose)));
        EXPECT_EQ(one.receive(), request(1));
        EXPECT_TRUE(one.closed());
    }
    EXPECT_TRUE(closed(CloseCause::kHandler));
}

TEST_F(StreamServerTest, ClosesIdleConnectionsWhateverTheyDribble) {
    start({.idle = milliseconds(60)});
    const TcpClient silent = client();
    const TcpClient dribbling = client();
    std::thread dribble([&] {
        const Message framed = TcpClient::framed(request(1));
        for (std::size_t i = 0; i + 1 < framed.size(); ++i) {
            if (!dribbling.send_octets(base::Octets(&framed[i], 1))) {
                break;
            }
            std::this_thread::sleep_for(milliseconds(20));
        }
    });
    EXPECT_TRUE(silent.closed());
    EXPECT_TRUE(dribbling.closed());
    dribble.join();
    EXPECT_TRUE(closed(CloseCause::kIdle, 2));
}

TEST_F(StreamServerTest, KeepsConnectionsThatAskInTime) {
    start({.idle = milliseconds(400)});
    const TcpClient one = client();
    const auto start = steady_clock::now();
    while (steady_clock::now() - start < milliseconds(1000)) {
        ASSERT_TRUE(one.send(request(1)));
        ASSERT_EQ(one.receive(), request(1));
        std::this_thread::sleep_for(milliseconds(20));
    }
    EXPECT_EQ(server->counters().read(CloseCause::kIdle), 0U);
}

TEST_F(StreamServerTest, ClosesTheLongestIdleAtTheClientsLimit) {
    start({.connections_per_client = 2});
    const TcpClient first = client();
    ASSERT_TRUE(first.send(request(1)));
    ASSERT_EQ(first.receive(), request(1));
    const TcpClient second = client();
    ASSERT_TRUE(second.send(request(2)));
    ASSERT_EQ(second.receive(), request(2));
    ASSERT_TRUE(first.send(request(1)));  // so that the second one is the longest idle
    ASSERT_EQ(first.receive(), request(1));
    const TcpClient third = client();
    EXPECT_TRUE(second.closed());
    for (const TcpClient* open : {&first, &third}) {
        ASSERT_TRUE(open->send(request(3)));
        EXPECT_EQ(open->receive(), request(3));
    }
    EXPECT_EQ(server->counters().read(CloseCause::kClientLimit), 1U);
    EXPECT_EQ(server->counters().open(), 2U);
}

TEST_F(StreamServerTest, ClosesTheLongestIdleAtTheTotalLimit) {
    start({.connections = 3});
    std::vector<TcpClient> clients;
    for (std::uint16_t i = 0; i < 4; ++i) {
        clients.push_back(client());
        ASSERT_TRUE(clients.back().send(request(i)));
        ASSERT_EQ(clients.back().receive(), request(i));
    }
    EXPECT_TRUE(clients[0].closed());
    EXPECT_EQ(server->counters().read(CloseCause::kTotalLimit), 1U);
    EXPECT_EQ(server->counters().open(), 3U);
}

TEST_F(StreamServerTest, SendsATransferToASlowReaderAndServesOthersMeanwhile) {
    constexpr std::uint16_t kMessages = 1000;
    start();
    const TcpClient slow = client(4096);
    ASSERT_TRUE(slow.send(request(1, kTransfer, kMessages)));
    ASSERT_TRUE(slow.send(request(4711)));  // comes after the transfer
    const TcpClient other = client();
    for (std::uint16_t i = 0; i < kMessages; ++i) {
        const auto message = slow.receive();
        ASSERT_EQ(number_of(message), i);
        ASSERT_EQ(message->size(), kTransferOctets);
        if (i % 10 == 0) {
            ASSERT_TRUE(other.send(request(i)));
            ASSERT_EQ(number_of(other.receive()), i);
        }
    }
    EXPECT_EQ(number_of(slow.receive()), 4711);
    EXPECT_GT(handler.rounds, kMessages);  // the handler's reader has rested after each
    EXPECT_TRUE(eventually([&] { return handler.sources == 0; }));
}

TEST_F(StreamServerTest, MakesMessagesOnlyAsTheClientTakesThem) {
    start({.stall = milliseconds(150)});
    const TcpClient mute = client(4096);
    ASSERT_TRUE(mute.send(request(1, kTransfer, 0xFFFF)));  // a gigabyte
    EXPECT_TRUE(closed(CloseCause::kStalled));
    EXPECT_LT(handler.made, 2000U);  // what the kernel buffers
    EXPECT_TRUE(eventually([&] { return handler.sources == 0; }));
}

TEST_F(StreamServerTest, CountsAClientThatBreaksOffATransfer) {
    start();
    {
        const TcpClient one = client(4096);
        ASSERT_TRUE(one.send(request(1, kTransfer, 0xFFFF)));
        ASSERT_EQ(number_of(one.receive()), 0);
    }  // closed with unread octets: a reset
    EXPECT_TRUE(closed(CloseCause::kReset));
    EXPECT_TRUE(eventually([&] { return handler.sources == 0; }));
}

TEST_F(StreamServerTest, FinishesATransferBeforeItStops) {
    constexpr std::uint16_t kMessages = 300;
    start({.drain = kPatience});
    const TcpClient reader = client();
    const TcpClient idle = client();
    ASSERT_TRUE(reader.send(request(1, kTransfer, kMessages)));
    ASSERT_EQ(number_of(reader.receive()), 0);
    ASSERT_TRUE(eventually([&] { return server->counters().accepted.read() == 2; }));
    std::thread stopping([&] { server->stop(); });
    EXPECT_TRUE(idle.closed());
    for (std::uint16_t i = 1; i < kMessages; ++i) {
        ASSERT_EQ(number_of(reader.receive()), i);
    }
    EXPECT_TRUE(reader.closed());
    reader.finish();
    stopping.join();
    EXPECT_FALSE(client().connected());
    EXPECT_EQ(server->counters().read(CloseCause::kShutdown), 2U);
    EXPECT_EQ(server->counters().open(), 0U);
}

TEST_F(StreamServerTest, CutsATransferWhenTheDrainLimitIsOver) {
    start({.drain = milliseconds(50)});
    const TcpClient mute = client(4096);
    ASSERT_TRUE(mute.send(request(1, kTransfer, 0xFFFF)));
    ASSERT_EQ(number_of(mute.receive()), 0);
    const auto begin = steady_clock::now();
    server->stop();
    server->stop();
    EXPECT_LT(steady_clock::now() - begin, kPatience / 2);
    EXPECT_EQ(handler.sources, 0);
    EXPECT_EQ(server->counters().read(CloseCause::kShutdown), 1U);
}

TEST_F(StreamServerTest, StopsWithoutHavingServedAnyone) {
    start();
    server->stop();
    auto never_started = StreamServer::open(std::vector{endpoint("127.0.0.1")}, handler);
    ASSERT_TRUE(never_started);
}

TEST_F(StreamServerTest, OutlastsAShortageOfDescriptors) {
    start();
    const TcpClient before = client();
    ASSERT_TRUE(before.send(request(1)));
    ASSERT_EQ(before.receive(), request(1));
    const Descriptor reserve = client_socket(address_.address, SOCK_STREAM);  // for the client
    rlimit limit{};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const rlimit none{.rlim_cur = static_cast<rlim_t>(reserve.get()) + 1,
                      .rlim_max = limit.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    SocketAddress address{};
    const socklen_t length = to_socket_address(address_, address);
    const int connected = ::connect(reserve.get(), &address.any, length);
    const std::uint64_t rounds = handler.rounds;
    const bool failed = eventually([&] { return server->counters().accept_failures.read() > 0; });
    std::this_thread::sleep_for(milliseconds(50));
    const std::uint64_t spent = handler.rounds - rounds;
    EXPECT_TRUE(before.send(request(2)));
    EXPECT_EQ(before.receive(), request(2));
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    EXPECT_EQ(connected, 0);
    EXPECT_TRUE(failed);
    EXPECT_LT(spent, 20U);  // does not spin
    EXPECT_TRUE(eventually([&] { return server->counters().accepted.read() == 2; }));
}

TEST_F(StreamServerTest, SaysWhatToDoWhenAPortIsTaken) {
    start();
    const auto second = StreamServer::open(std::vector{address_}, handler);
    ASSERT_FALSE(second);
    const std::string& message = second.error().message;
    EXPECT_NE(message.find(address_.to_string() + " (TCP)"), std::string::npos) << message;
    EXPECT_NE(message.find("Address already in use"), std::string::npos) << message;
    EXPECT_NE(message.find("stop it"), std::string::npos) << message;
}

}  // namespace
}  // namespace understudy::socket
