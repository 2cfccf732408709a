#include <understudy/worker/worker.h>

#include <pthread.h>
#include <sched.h>

#include <understudy/base/check.h>
#include <understudy/base/cycles.h>
#include <understudy/rcu/reader.h>
#include <algorithm>
#include <chrono>

namespace understudy::worker {
namespace {

/// Empty turns before the first nap: at a few dozen nanoseconds each, well under a tenth of a
/// millisecond.
constexpr unsigned kEmptyTurnsBeforeNap = 1'000;
constexpr std::chrono::microseconds kFirstNap{20};

/// How long a worker of Idle::kSleep may sleep: only a missed wake-up would let it end.
constexpr std::chrono::microseconds kSleep{100'000};

void pin_to(unsigned core) noexcept {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    pthread_setaffinity_np(
        pthread_self(), sizeof set, &set);  // the core was checked with the configuration
}

/// Decides after each turn whether and how long to nap.
class Backoff {
  public:
    explicit Backoff(Idle idle) noexcept : idle_(idle) {}

    /// How long to sleep after a turn that brought `received` packets; zero: not at all.
    std::chrono::microseconds after(std::size_t received) noexcept {
        if (received > 0 || idle_ == Idle::kBusy) {
            empty_turns_ = 0;
            nap_ = kFirstNap;
            return {};
        }
        if (idle_ == Idle::kSleep) {
            return kSleep;
        }
        if (++empty_turns_ < kEmptyTurnsBeforeNap) {
            _mm_pause();
            return {};
        }
        const auto nap = nap_;
        nap_ = std::min(nap_ * 2, kMaxNap);
        return nap;
    }

  private:
    Idle idle_;
    unsigned empty_turns_ = 0;
    std::chrono::microseconds nap_ = kFirstNap;
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
        pipelines_.push_back(std::make_unique<Pipeline>(
            binding, static_cast<std::uint16_t>(pipelines_.size()), *rings_, control, *counters_));
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
    for (std::size_t i = 0; i < pipelines_.size(); ++i) {
        settings_.ports[i].port->attach_thread();
        pipelines_[i]->announce();
    }
    rcu::Reader reader;
    Backoff backoff(settings_.idle);
    std::uint64_t before = base::cycles_now();
    while (!stopping_.load(std::memory_order_relaxed)) {
        const std::size_t received = turn();
        const std::uint64_t now = base::cycles_now();
        counters_->total_cycles.add(now - before);
        if (received > 0) {
            counters_->busy_cycles.add(now - before);
        }
        before = now;
        reader.quiescent();
        const auto nap = backoff.after(received);
        if (nap.count() > 0) {
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
