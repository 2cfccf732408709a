#include <pthread.h>
#include <understudy/base/check.h>
#include <understudy/rcu/reader.h>
#include <understudy/rcu/reclaimer.h>
#include <utility>

namespace understudy::rcu {

Reclaimer::Reclaimer() : thread_([this] { run(); }) {
    pthread_setname_np(thread_.native_handle(), "reclaimer");
}

Reclaimer::~Reclaimer() {
    UNDERSTUDY_CHECK(!Reader::thread_is_online());
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    work_.notify_one();
    thread_.join();
}

void Reclaimer::add(Retired retired) {
    {
        const std::lock_guard lock(mutex_);
        queue_.push_back(retired);
        ++retired_count_;
    }
    work_.notify_one();
}

bool Reclaimer::has_room() const {
    const std::lock_guard lock(mutex_);
    return retired_count_ - destroyed_count_ < kMaxPending;
}

void Reclaimer::flush() {
    UNDERSTUDY_CHECK(!Reader::thread_is_online());
    UNDERSTUDY_CHECK(std::this_thread::get_id() != thread_.get_id());
    std::unique_lock lock(mutex_);
    const std::uint64_t target = retired_count_;
    destroyed_.wait(lock, [this, target] { return destroyed_count_ >= target; });
}

void Reclaimer::run() {
    std::vector<Retired>
        batch;  // swapped with the queue, so that neither allocates again and again
    std::unique_lock lock(mutex_);
    while (true) {
        work_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
        if (queue_.empty()) {
            return;
        }
        std::swap(batch, queue_);
        lock.unlock();
        synchronize();
        for (const Retired& retired : batch) {
            retired.destroy(retired.object);
        }
        lock.lock();
        destroyed_count_ += batch.size();
        batch.clear();
        destroyed_.notify_all();
    }
}

}  // namespace understudy::rcu
