#pragma once

#include <understudy/rcu/reclaimer.h>
#include <atomic>
#include <memory>
#include <utility>

namespace understudy::rcu {

/// The newest version of an immutable value: one thread replaces it, any number of readers load it
/// without waiting, and each old version lives for as long as a reader may still look at it.
///
/// Readers: `const T* value = published.load(); … ; reader.quiescent();`
/// Publisher: `published.publish(std::make_unique<const T>(…));`
template <typename T>
class Published {
  public:
    /// REQUIRES: `reclaimer` outlives this.
    explicit Published(Reclaimer& reclaimer, std::unique_ptr<const T> first = nullptr)
        : reclaimer_(reclaimer), value_(first.release()) {}
    Published(const Published&) = delete;
    Published& operator=(const Published&) = delete;

    /// The last version goes the way of all others, so a reader may still hold it.
    /// REQUIRES: nobody loads any more.
    ~Published() { publish(nullptr); }

    /// The newest version, null if there is none. Valid until the thread's next `quiescent` or
    /// `offline`. REQUIRES: the thread is an online `Reader`.
    [[nodiscard]] const T* load() const noexcept { return value_.load(std::memory_order_acquire); }

    /// The same for the publishing thread, which needs no registration: valid until it publishes.
    [[nodiscard]] const T* newest() const noexcept {
        return value_.load(std::memory_order_relaxed);
    }

    /// Puts `next` in the place of the newest version, which is destroyed after a grace period.
    /// Publishing thread only; never waits.
    void publish(std::unique_ptr<const T> next) {
        reclaimer_.retire(
            std::unique_ptr<const T>(value_.exchange(next.release(), std::memory_order_acq_rel)));
    }

  private:
    Reclaimer& reclaimer_;
    std::atomic<const T*> value_;  // publisher: writes, readers: read
};

}  // namespace understudy::rcu
