#include <understudy/worker/worker.h>

#include <gtest/gtest.h>
#include <understudy/base/check.h>
#include <understudy/rcu/published.h>
#include <algorithm>
#include <chrono>
#include <ctime>
#include <functional>
#include <thread>

#include "worker/worker_support.h"

namespace understudy::worker {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr auto kPatience = 10s;  // what no test waits for unless something is wrong

/// A worker over one port, and the published snapshot that it answers from.
class Running {
  public:
    explicit Running(Idle idle, Framing framing = Framing::kEthernet)
        : port(port_options(framing)),
          worker({.core = std::nullopt,
                  .idle = idle,
                  .ports = {{&port, framing == Framing::kEthernet ? &service : nullptr}}},
                 published,
                 server.context,
                 bell) {
        worker.start();
    }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

    ~Running() {
        worker.request_stop();
        worker.join();
        EXPECT_EQ(port.outstanding(), 0U);
    }

    /// What the worker sends next, and how long it took from `put` on; announcements are passed by.
    SentPacket answer_to(const Bytes& packet) {
        EXPECT_TRUE(port.inject(packet, kPath));
        return next();
    }

    SentPacket next() {
        const auto end = steady_clock::now() + kPatience;
        while (steady_clock::now() < end) {
            for (SentPacket& packet : port.sent()) {
                if (!is_announcement(packet)) {
                    return std::move(packet);
                }
            }
            std::this_thread::yield();
        }
        ADD_FAILURE() << "nothing was sent";
        return {};
    }

    support::Server server = test_server();
    net::Service service = net::test_service();
    rcu::Reclaimer reclaimer;
    rcu::Published<zone::Snapshot> published{
        reclaimer, std::make_unique<const zone::Snapshot>(server.snapshot())};
    Bell bell;
    MemoryPort port;
    Worker worker;

  private:
    static bool is_announcement(const SentPacket& packet) {
        return packet.octets.size() > 14 &&
               support::parse_slowly(packet.octets).destination_mac != support::kPeerMac &&
               packet.path.peer == base::Endpoint{};
    }
};

Bytes frame_of(const Bytes& message) { return udp_frame_v4(with_payload(message)); }

std::string text_of(const SentPacket& packet) {
    const support::SlowFrame frame = support::parse_slowly(packet.octets);
    EXPECT_EQ(frame.fault, "");
    return support::message_text(frame.payload);
}

/// Whether `condition` comes true; it is not asked again then.
bool eventually(const std::function<bool()>& condition) {
    for (const auto end = steady_clock::now() + kPatience; steady_clock::now() < end;) {
        if (condition()) {
            return true;
        }
        std::this_thread::sleep_for(100us);
    }
    return false;
}

class WorkerOfEveryIdle : public testing::TestWithParam<Idle> {};
INSTANTIATE_TEST_SUITE_P(Idle,
                         WorkerOfEveryIdle,
                         testing::Values(Idle::kBusy, Idle::kAdaptive, Idle::kSleep));

TEST_P(WorkerOfEveryIdle, AnswersAtOnceAndAfterAPause) {
    Running running(GetParam());
    for (const auto pause : {0us, 100us, 5'000us, 150'000us}) {
        std::this_thread::sleep_for(pause);
        EXPECT_EQ(text_of(running.answer_to(frame_of(query("www.example.")))), kWwwAnswer);
    }
    EXPECT_EQ(running.worker.counters().read(Verdict::kPositive), 4U);
}

TEST_P(WorkerOfEveryIdle, SendsLateReplies) {
    Running running(GetParam());
    ASSERT_TRUE(running.port.inject(frame_of(query("example.", wire::type::kAxfr))));
    port::DeferredRings& rings = running.worker.rings();
    ASSERT_TRUE(eventually([&running] { return running.bell.rings() == 1; }));
    const port::Deferred* request = rings.to_control.front();
    ASSERT_NE(request, nullptr);
    std::this_thread::sleep_for(5ms);  // the worker is at rest again
    for (std::size_t i = 0; i < port::DeferredRings::kSlots; ++i) {
        port::Deferred* reply = rings.to_worker.reserve();
        ASSERT_NE(reply, nullptr);
        *reply = *request;
        rings.to_worker.commit();
    }
    running.worker.wake();
    std::size_t sent = 0;
    EXPECT_TRUE(eventually([&] {
        for (const SentPacket& packet : running.port.sent()) {
            sent += support::parse_slowly(packet.octets).destination_port == 40000 ? 1 : 0;
        }
        return sent == port::DeferredRings::kSlots;
    }));
    EXPECT_EQ(running.worker.counters().read(Verdict::kControlReply), sent);
    rings.to_control.release();
}

/// The best of a few: a loaded machine may be slow, but a sleeper that nobody wakes always is.
TEST_P(WorkerOfEveryIdle, StopsSoon) {
    auto best = steady_clock::duration::max();
    for (int i = 0; i < 5; ++i) {
        auto running = std::make_unique<Running>(GetParam());
        std::this_thread::sleep_for(10ms);
        const auto start = steady_clock::now();
        running.reset();
        best = std::min(best, steady_clock::now() - start);
    }
    EXPECT_LT(best, 50ms);
}

TEST_P(WorkerOfEveryIdle, AnswersFromTheNewestSnapshotAndLetsOldOnesGo) {
    Running running(GetParam());
    for (int last = 10; last < 30; ++last) {
        const std::string address = "192.0.2." + std::to_string(last);
        support::Server next;
        next.serve("example.", "www A " + address + "\n");
        running.published.publish(std::make_unique<const zone::Snapshot>(next.snapshot()));
        EXPECT_EQ(text_of(running.answer_to(frame_of(query("www.example.")))),
                  "NOERROR aa\nanswer www.example. 3600 IN A " + address + "\n");
        running.reclaimer.flush();  // however long the worker sleeps
    }
}

TEST(Worker, ServesDatagramsToo) {
    Running running(Idle::kSleep, Framing::kDatagram);
    const SentPacket sent = running.answer_to(query("www.example."));
    EXPECT_EQ(support::message_text(sent.octets), kWwwAnswer);
    EXPECT_EQ(sent.path.peer, kPath.peer);
}

TEST(Worker, AnnouncesItsAddressesWhenItStartsAndAgain) {
    Running running(Idle::kAdaptive);
    std::size_t announced = 0;
    const auto start = steady_clock::now();
    EXPECT_TRUE(eventually([&] {
        announced += running.port.sent().size();
        return announced == 2;
    }));
    EXPECT_LT(steady_clock::now() - start, 900ms);
    EXPECT_TRUE(eventually([&] {
        announced += running.port.sent().size();
        return announced == 6;  // two addresses, three times
    }));
    EXPECT_GT(steady_clock::now() - start, 1900ms);
}

TEST(Worker, PollsAllItsPorts) {
    const support::Server server = test_server();
    const net::Service service = net::test_service();
    rcu::Reclaimer reclaimer;
    const rcu::Published<zone::Snapshot> published{
        reclaimer, std::make_unique<const zone::Snapshot>(server.snapshot())};
    Bell bell;
    MemoryPort frames(port_options(Framing::kEthernet));
    MemoryPort datagrams(port_options(Framing::kDatagram));
    Worker worker(
        {.core = 0, .idle = Idle::kAdaptive, .ports = {{&frames, &service}, {&datagrams}}},
        published,
        server.context,
        bell);
    worker.start();
    std::this_thread::sleep_for(10ms);
    ASSERT_TRUE(datagrams.inject(query("www.example."), kPath));
    EXPECT_TRUE(eventually([&datagrams] { return datagrams.sent().size() == 1; }));
    ASSERT_TRUE(datagrams.inject(query("example.", wire::type::kAxfr), kPath));
    ASSERT_TRUE(eventually([&bell] { return bell.rings() == 1; }));
    EXPECT_EQ(worker.rings().to_control.front()->port_index, 1U);
    *worker.rings().to_worker.reserve() = *worker.rings().to_control.front();
    worker.rings().to_worker.commit();
    worker.wake();
    EXPECT_TRUE(eventually([&datagrams] { return datagrams.sent().size() == 1; }));
    worker.request_stop();
    worker.join();
    EXPECT_EQ(verdict_sum(worker.counters()), 3U);
}

TEST(Worker, StopsBeforeItStartsAndTwice) {
    Running running(Idle::kAdaptive);
    running.worker.request_stop();
    running.worker.request_stop();
    running.worker.join();
    running.worker.join();
}

/// The processor time of all threads of this process.
std::chrono::nanoseconds process_cpu() {
    timespec now{};
    UNDERSTUDY_CHECK(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) == 0);
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// A worker without packets naps as long as it may, so it wakes at most once in kMaxNap, and still
/// turns at least once in a few of its naps. What a wake-up costs is the machine's and the
/// sanitizer's affair: the bound on processor time only tells naps from polling.
TEST(Worker, NapsWhenIdle) {
    constexpr auto kMeasured = 250ms;
    const Running running(Idle::kAdaptive);
    std::this_thread::sleep_for(20ms);
    const std::uint64_t turns = running.worker.counters().polls.read();
    const auto cpu = process_cpu();
    const auto start = std::chrono::steady_clock::now();
    std::this_thread::sleep_for(kMeasured);
    const auto used = process_cpu() - cpu;
    const auto elapsed = std::chrono::steady_clock::now() - start;
    const std::uint64_t made = running.worker.counters().polls.read() - turns;
    EXPECT_LE(made, static_cast<std::uint64_t>(elapsed / kMaxNap) + 1);
    EXPECT_GT(made, 10U);
    EXPECT_LT(used, elapsed / 2);
    const stats::WorkerCounters& counters = running.worker.counters();
    EXPECT_LT(counters.busy_cycles.read(), counters.total_cycles.read() / 20);
}

TEST(WorkerDeathTest, WantsPortsThatItCanWaitFor) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    support::Server server = test_server();
    rcu::Reclaimer reclaimer;
    const rcu::Published<zone::Snapshot> published{
        reclaimer, std::make_unique<const zone::Snapshot>(server.snapshot())};
    Bell bell;
    MemoryPort port(port_options(Framing::kDatagram));
    const auto make = [&](Idle idle, std::vector<PortBinding> ports) {
        const Worker worker({.core = std::nullopt, .idle = idle, .ports = std::move(ports)},
                            published,
                            server.context,
                            bell);
    };
    EXPECT_DEATH(make(Idle::kBusy, {}), "ports");
    EXPECT_DEATH(make(Idle::kSleep, {{&port}, {&port}}), "ports");
}

}  // namespace
}  // namespace understudy::worker
