#include <gtest/gtest.h>

#include <understudy/control/policy.h>
#include <understudy/rcu/published.h>
#include <understudy/rcu/reclaimer.h>
#include <algorithm>
#include <array>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "control/deferred_service.h"

/// Workers ring control for one request after the other, as fast as they can, and wait for each
/// answer: a wake-up that is lost is an answer that never comes.
namespace understudy::control {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kWorkers = 3;
constexpr unsigned kRequests = 20'000;  // of each worker
constexpr auto kPatience = 20s;         // for one answer

/// A NOTIFY for a zone that nobody has, under the number of the request.
void put_request(port::Deferred& slot, unsigned number) {
    constexpr std::array<std::uint8_t, 17> kNotify = {
        0, 0, 0x20, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 1};
    std::ranges::copy(kNotify, slot.octets.begin());
    base::store_be16(slot.octets.data(), static_cast<std::uint16_t>(number));
    slot.length_octets = kNotify.size();
    slot.payload_offset = 0;
}

struct Worker {
    /// The number of requests that were answered, each with its own number.
    unsigned work(port::WakeUp& control) {
        unsigned answered = 0;
        for (unsigned number = 0; number < kRequests; ++number) {
            put_request(*rings.to_control.reserve(), number);
            rings.to_control.commit();
            control.wake();
            const auto end = std::chrono::steady_clock::now() + kPatience;
            const port::Deferred* reply = rings.to_worker.front();
            while (reply == nullptr && std::chrono::steady_clock::now() < end) {
                std::this_thread::yield();
                reply = rings.to_worker.front();
            }
            if (reply == nullptr) {
                break;
            }
            const bool is_ours =
                base::load_be16(reply->octets.data()) == static_cast<std::uint16_t>(number);
            answered += is_ours ? 1 : 0;
            rings.to_worker.release();
        }
        return answered;
    }

    port::DeferredRings rings;
    std::atomic<unsigned> woken = 0;  // control: writes
};

TEST(DeferredRace, NoRequestIsForgotten) {
    asio::io_context loop(1);
    rcu::Reclaimer reclaimer;
    rcu::Published<zone::Snapshot> published(reclaimer);
    Publisher publisher(published, zone::HashKey{1, 2});
    publisher.publish();
    const answer::Context context;
    const base::SystemClock clock;
    RequestHandler handler(context, clock, [](const NotifyEvent&) {});
    handler.set_policy(std::make_shared<const Policy>(Config{}));
    DeferredService service(loop, handler, publisher);
    std::array<Worker, kWorkers> workers;
    for (Worker& worker : workers) {
        service.attach(worker.rings, [&worker] { ++worker.woken; });
    }
    service.start();
    std::array<unsigned, kWorkers> answered{};
    {
        const auto work = asio::make_work_guard(loop);
        const std::jthread control([&loop] { loop.run(); });
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < kWorkers; ++i) {
                threads.emplace_back([&, i] { answered[i] = workers[i].work(service.wake_up()); });
            }
        }
        loop.stop();
    }
    for (std::size_t i = 0; i < kWorkers; ++i) {
        EXPECT_EQ(answered[i], kRequests);
        EXPECT_EQ(workers[i].woken, kRequests);
    }
}

}  // namespace
}  // namespace understudy::control
