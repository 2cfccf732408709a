#include <understudy/worker/worker.h>

#include <pthread.h>
#include <sched.h>
#include <sys/prctl.h>

#include <understudy/base/check.h>
#include <understudy/base/cycles.h>
#include <understudy/rcu/reader.h>
#include <chrono>
#include <utility>

#include "worker/backoff.h"

namespace understudy::worker {
namespace {

/// What the kernel may add to a nap; its own choice, 50 µs, would be more than the first nap.
constexpr std::chrono::nanoseconds kTimerSlack{1'000};

/// Neighbours may miss one announcement (RFC 4861, section 7.2.6; RFC 5227 wants two).
constexpr unsigned kAnnouncements = 3;
constexpr std::chrono::seconds kAnnouncementInterval{1};

void pin_to(unsigned core) noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    pthread_setaffinity_np(
        pthread_self(), sizeof set, &set);  // the core was checked with the configuration
}

/// Says when it is time to announce the service addresses once more.
class Announcements {
  public:
    [[nodiscard]] bool is_due(std::uint64_t now) noexcept {
        if (left_ == 0 || now < next_) [[likely]] {
            return false;
        }
        --left_;
        next_ = now + interval_;
        return true;
    }

  private:
    unsigned left_ = kAnnouncements;
    std::uint64_t next_ = 0;
    std::uint64_t interval_ = base::cycles_in(kAnnouncementInterval);
};

}  // namespace

Worker::Worker(WorkerSettings settings,
               const rcu::Published<zone::Snapshot>& snapshot,
               const answer::Context& context,
               port::WakeUp& control)
    : settings_(std::move(settings)),
      snapshot_(snapshot),
      context_(context),
      counters_(std::make_unique<stats::WorkerCounters>()),
      rings_(std::make_unique<port::DeferredRings>()) {
    // It waits on its first port: packets of others would lie until that wakes it.
    UNDERSTUDY_CHECK(settings_.idle == Idle::kSleep ? settings_.ports.size() == 1
                                                    : !settings_.ports.empty());
    for (const PortBinding& binding : settings_.ports) {
        const auto index = static_cast<std::uint16_t>(pipelines_.size());
        const CaptureTap tap = settings_.captures == nullptr
                                   ? CaptureTap()
                                   : CaptureTap(*settings_.captures, settings_.capture_ring, index);
        pipelines_.push_back(
            std::make_unique<Pipeline>(binding, index, *rings_, control, *counters_, tap));
    }
}

Worker::~Worker() {
    request_stop();
    join();
}

void Worker::start() {
    thread_ = std::thread([this] { run(); });
}

void Worker::request_stop() noexcept {
    stopping_.store(true, std::memory_order_relaxed);
    wake();
}

void Worker::join() {
    if (thread_.joinable()) {
        thread_.join();
    }
}

void Worker::wake() noexcept {
    for (const PortBinding& binding : settings_.ports) {
        binding.port->wake();
    }
}

void Worker::run() noexcept {
    if (settings_.core) {
        pin_to(*settings_.core);
    }
    (void)::prctl(PR_SET_TIMERSLACK, kTimerSlack.count());  // without it, naps are longer
    for (const PortBinding& binding : settings_.ports) {
        binding.port->attach_thread();
    }
    rcu::Reader reader;
    Backoff backoff(settings_.idle, base::cycles_now());
    Announcements announcements;
    std::uint64_t before = base::cycles_now();
    while (!stopping_.load(std::memory_order_relaxed)) {
        if (announcements.is_due(before)) {
            announce();
        }
        const std::size_t received = turn();
        const std::uint64_t now = base::cycles_now();
        counters_->total_cycles.add(now - before);
        if (received > 0) {
            counters_->busy_cycles.add(now - before);
        }
        before = now;
        reader.quiescent();
        const auto nap = backoff.after(received > 0, now);
        if (nap.count() > 0) {
            counters_->naps.add(1);
            {
                const rcu::Offline resting(reader);
                settings_.ports[0].port->wait(nap);
            }
            const std::uint64_t awake = base::cycles_now();
            counters_->total_cycles.add(awake - before);
            before = awake;
        }
    }
}

void Worker::announce() noexcept {
    for (const auto& pipeline : pipelines_) {
        pipeline->announce();
    }
}

std::size_t Worker::turn() noexcept {
    std::size_t received = 0;
    for (const auto& pipeline : pipelines_) {
        const std::size_t count = pipeline->receive();
        if (count > 0) {
            pipeline->settle(*snapshot_.load(), context_);
            received += count;
        }
        received += pipeline->send_from_kernel();
    }
    send_late_replies();
    return received;
}

/// One ring's worth at the most, so that control cannot keep packets waiting.
void Worker::send_late_replies() noexcept {
    for (std::size_t i = 0; i < port::DeferredRings::kSlots; ++i) {
        const port::Deferred* reply = rings_->to_worker.front();
        if (reply == nullptr) {
            break;
        }
        pipelines_[reply->port_index]->send_late(*reply);
        rings_->to_worker.release();
    }
}

}  // namespace understudy::worker
