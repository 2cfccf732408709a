#include <gtest/gtest.h>
#include <understudy/rcu/published.h>
#include <understudy/worker/worker.h>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "support/octets.h"
#include "support/zones.h"
#include "worker/worker_support.h"

/// Workers answer while their snapshot is replaced as fast as it can be, and control sends their
/// deferred requests back. Every record of a zone tells the generation that it is of, so an answer
/// whose records are of two is caught in the act; generations never go back.
namespace understudy::worker {
namespace {

using std::chrono::steady_clock;

constexpr int kGenerations = 300;
constexpr std::uint64_t kMinAnswers = 2'000;  // of each worker, or the test would prove nothing
constexpr std::size_t kBatch = 16;
constexpr auto kPatience = std::chrono::seconds(100);

/// A zone with a name of two records, both of which say `generation`.
std::vector<zone::ServedZone> zones_of(int generation) {
    const std::string number = std::to_string(generation);
    const std::string text =
        "alias CNAME www\nwww TXT \"a\" \"" + number + "\"\nwww TXT \"b\" \"" + number + "\"\n";
    return {
        {support::name("example."), support::make_small_zone("example.", text), nullptr, false}};
}

/// The next version, beside whose zone another comes and goes.
std::unique_ptr<const zone::Snapshot> successor(const zone::Snapshot& snapshot, int generation) {
    std::vector<zone::ServedZone> zones = zones_of(generation);
    std::vector<wire::Name> removed;
    zone::ServedZone other{support::name("other.example."), nullptr, nullptr, false};
    if (generation % 2 == 0) {
        zones.push_back(std::move(other));
    } else {
        removed.push_back(other.apex);
    }
    return std::make_unique<const zone::Snapshot>(snapshot.next(std::move(zones), removed));
}

/// The generation of an answer, -1 if its records disagree or are not what was asked for.
int generation_of(const support::SlowFrame& frame) {
    const std::string text = support::message_text(frame.payload);
    int generation = -1;
    std::size_t records = 0;
    for (std::size_t at = text.find(" TXT \""); at != std::string::npos;
         at = text.find(" TXT \"", at + 1)) {
        const std::size_t number = text.find("\" \"", at) + 3;
        const int found = std::stoi(text.substr(number));
        if (records++ != 0 && found != generation) {
            return -1;
        }
        generation = found;
    }
    return frame.fault.empty() && records == 2 ? generation : -1;
}

/// A worker and its client, which is the port's other side.
class Served {
  public:
    Served(const rcu::Published<zone::Snapshot>& published,
           const answer::Context& context,
           port::WakeUp& control,
           Idle idle)
        : port_(port_options(Framing::kEthernet)),
          worker_({.core = std::nullopt, .idle = idle, .ports = {{&port_, &service_}}},
                  published,
                  context,
                  control) {
        worker_.start();
    }

    void ask_until(const std::atomic<bool>& done) {
        const Bytes question =
            udp_frame_v4(with_payload(query("alias.example.", wire::type::kTxt)));
        const Bytes transfer = udp_frame_v4(with_payload(query("example.", wire::type::kAxfr)));
        while (!done) {
            for (std::size_t i = 0; i < kBatch; ++i) {
                static_cast<void>(port_.inject(i == 0 ? transfer : question));
            }
            take_answers();
        }
    }

    /// Stops the worker and closes the books.
    void settle() {
        worker_.request_stop();
        worker_.join();
        take_answers();
        EXPECT_EQ(faults_, 0U);
        EXPECT_EQ(port_.outstanding(), 0U);
        const stats::WorkerCounters& counters = worker_.counters();
        EXPECT_EQ(answers_, counters.read(Verdict::kPositive));
        EXPECT_EQ(late_, counters.read(Verdict::kControlReply));
        EXPECT_GT(late_, 0U);
        EXPECT_EQ(verdict_sum(counters),
                  counters.packets.read() + counters.read(Verdict::kControlReply));
    }

    [[nodiscard]] std::uint64_t answered() const {
        return worker_.counters().read(Verdict::kPositive);
    }
    [[nodiscard]] Worker& worker() { return worker_; }

  private:
    void take_answers() {
        for (const SentPacket& packet : port_.sent()) {
            const support::SlowFrame frame = support::parse_slowly(packet.octets);
            if (frame.destination_port != 40000) {
                continue;  // an announcement
            }
            constexpr std::uint8_t kResponse = 0x80;
            if ((frame.payload.at(2) & kResponse) == 0) {
                ++late_;  // control sent the request itself back
                continue;
            }
            const int generation = generation_of(frame);
            faults_ += generation < newest_ ? 1 : 0;
            newest_ = generation;
            ++answers_;
        }
    }

    net::Service service_ = net::test_service();
    MemoryPort port_;
    Worker worker_;
    int newest_ = 0;
    std::uint64_t answers_ = 0;
    std::uint64_t late_ = 0;
    std::uint64_t faults_ = 0;
};

/// Control's part: sends every deferred request back as its own reply.
void reflect_deferred(Worker& worker) {
    port::DeferredRings& rings = worker.rings();
    while (const port::Deferred* request = rings.to_control.front()) {
        if (port::Deferred* reply = rings.to_worker.reserve()) {
            *reply = *request;
            rings.to_worker.commit();
            worker.wake();
        }
        rings.to_control.release();
    }
}

TEST(WorkerRace, EveryAnswerIsOfOneGeneration) {
    rcu::Reclaimer reclaimer;
    rcu::Published<zone::Snapshot> published(
        reclaimer, std::make_unique<const zone::Snapshot>(zones_of(0), support::kHashKey));
    const answer::Context context;
    Bell bell;
    Served busy(published, context, bell, Idle::kAdaptive);
    Served sleepy(published, context, bell, Idle::kSleep);
    std::atomic<bool> done = false;
    {
        const std::jthread busy_client([&] { busy.ask_until(done); });
        const std::jthread sleepy_client([&] { sleepy.ask_until(done); });
        const auto end = steady_clock::now() + kPatience;
        for (int generation = 1; (generation <= kGenerations || busy.answered() < kMinAnswers ||
                                  sleepy.answered() < kMinAnswers) &&
                                 steady_clock::now() < end;
             ++generation) {
            published.publish(successor(*published.newest(), generation));
            reflect_deferred(busy.worker());
            reflect_deferred(sleepy.worker());
        }
        done = true;
    }
    EXPECT_GE(busy.answered(), kMinAnswers);
    EXPECT_GE(sleepy.answered(), kMinAnswers);
    busy.settle();
    sleepy.settle();
}

}  // namespace
}  // namespace understudy::worker
