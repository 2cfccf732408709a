#pragma once

#include <understudy/answer/answer.h>
#include <understudy/port/deferred.h>
#include <understudy/rcu/published.h>
#include <understudy/stats/counters.h>
#include <understudy/worker/pipeline.h>
#include <understudy/zone/snapshot.h>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace understudy::worker {

/// What a worker does when no packets come.
enum class Idle : std::uint8_t {
    kBusy,      // polls on: lowest latency, a whole core
    kAdaptive,  // polls on for a while, then sleeps in growing steps of at most kMaxNap
    kSleep,     // sleeps until its only port wakes it: for kernel sockets
};

/// With Idle::kAdaptive, how long a worker polls on without a packet before its first nap: while
/// queries come more often than that, none waits.
inline constexpr std::chrono::microseconds kSpin{50};

/// The longest nap between two polls with Idle::kAdaptive: what the first query after a pause may
/// wait, beside the few microseconds in which the kernel wakes a thread. From the first packet on
/// the worker polls at its full rate.
inline constexpr std::chrono::microseconds kMaxNap{500};

struct WorkerSettings {
    std::optional<unsigned> core;  // pinned to it; absent: where the kernel puts it
    Idle idle = Idle::kAdaptive;
    std::vector<PortBinding> ports;              // at least one; with Idle::kSleep exactly one
    const PublishedCapture* captures = nullptr;  // outlives the worker; null: its packets are shown
                                                 // to nobody
    std::size_t capture_ring = 0;                // its own in each capture
};

/// A thread that polls ports and answers from the newest snapshot: it registers as a reader, loads
/// the snapshot once a burst, after its packets came, and is quiescent between turns. When it
/// starts it announces the service addresses, three times a second apart. A worker that sleeps is
/// offline and holds up no reclamation.
class Worker {
  public:
    /// REQUIRES: `snapshot` is published before start() and with `context` and `control` outlives
    /// the worker.
    Worker(WorkerSettings settings,
           const rcu::Published<zone::Snapshot>& snapshot,
           const answer::Context& context,
           port::WakeUp& control);
    Worker(const Worker&) = delete;
    Worker& operator=(const Worker&) = delete;

    /// Ends the thread if it runs.
    ~Worker();

    void start();

    /// Any thread: ends the loop after the turn at hand; join() waits for that.
    void request_stop() noexcept;
    void join();

    [[nodiscard]] const WorkerSettings& settings() const noexcept { return settings_; }
    [[nodiscard]] const stats::WorkerCounters& counters() const noexcept { return *counters_; }

    /// Control's side of what the worker defers; see port::DeferredRings for who may do what.
    [[nodiscard]] port::DeferredRings& rings() noexcept { return *rings_; }

    /// Any thread: replies wait in the ring.
    void wake() noexcept;

  private:
    void run() noexcept;
    void announce() noexcept;
    std::size_t turn() noexcept;
    void send_late_replies() noexcept;

    WorkerSettings settings_;
    const rcu::Published<zone::Snapshot>& snapshot_;
    const answer::Context& context_;
    std::unique_ptr<stats::WorkerCounters> counters_;
    std::unique_ptr<port::DeferredRings> rings_;
    std::vector<std::unique_ptr<Pipeline>> pipelines_;
    std::atomic<bool> stopping_{false};  // any thread: writes, worker: reads
    std::thread thread_;
};

}  // namespace understudy::worker
