#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace understudy::rcu {

/// Frees what has been replaced once no reader can hold it any more, on a thread of its own: it
/// takes everything that is queued, waits for one grace period, and destroys it in the order in
/// which it was retired. Whoever retires never waits.
///
/// All calls: any thread. Destructors of retired objects run on the reclaimer's thread, which
/// inherits the CPU affinity of the thread that made the reclaimer.
class Reclaimer {
  public:
    /// Past so many objects `has_room` says no. Grace periods take microseconds to milliseconds, so
    /// a queue of this length means that a reader stands still.
    static constexpr std::size_t kMaxPending = 65'536;

    Reclaimer();
    Reclaimer(const Reclaimer&) = delete;
    Reclaimer& operator=(const Reclaimer&) = delete;

    /// Destroys what is left, after a grace period. REQUIRES: not called from an online reader.
    ~Reclaimer();

    /// Destroys `object` after a grace period. Always takes it, for there is nothing else to do
    /// with an object that readers may hold. REQUIRES: no reader can reach it by loading any more.
    template <typename T>
    void retire(std::unique_ptr<const T> object) {
        if (object != nullptr) {
            add({object.release(),
                 [](const void* retired) noexcept { delete static_cast<const T*>(retired); }});
        }
    }  // NOLINT(clang-analyzer-cplusplus.NewDeleteLeaks): the queue owns it now

    /// Fewer than kMaxPending objects wait. A publishing thread that finds no room gathers its
    /// changes and publishes later, which bounds the memory that a stalled reader can cost.
    [[nodiscard]] bool has_room() const;

    /// Waits until everything retired before is destroyed. REQUIRES: not called from an online
    /// reader, nor by a destructor of a retired object.
    void flush();

  private:
    struct Retired {
        const void* object;
        void (*destroy)(const void*) noexcept;
    };

    void add(Retired retired);
    void run();

    mutable std::mutex mutex_;
    // Under the mutex:
    std::vector<Retired> queue_;
    std::uint64_t retired_count_ = 0;
    std::uint64_t destroyed_count_ = 0;
    bool stopping_ = false;

    std::condition_variable work_;       // the reclaimer's thread waits for: queued or stopping
    std::condition_variable destroyed_;  // flush waits for: destroyed_count_ has grown
    std::thread thread_;                 // last: it uses all of the above
};

}  // namespace understudy::rcu
