#include <understudy/base/check.h>
#include <understudy/rcu/reader.h>
#include <urcu-qsbr.h>

#include "rcu/tsan.h"

namespace understudy::rcu {
namespace {

/// The registration of this thread; null: none.
thread_local const Reader* current = nullptr;

}  // namespace

Reader::Reader() {
    UNDERSTUDY_CHECK(current == nullptr);
    current = this;
    urcu_qsbr_register_thread();
}

Reader::~Reader() {
    UNDERSTUDY_CHECK(current == this);
    tsan_reads_end();
    urcu_qsbr_unregister_thread();
    current = nullptr;
}

// NOLINTNEXTLINE(readability-make-member-function-const): it ends what the thread may look at
void Reader::quiescent() noexcept {
    // Offline, the library would take it for "online again" and grace periods would wait for ever.
    UNDERSTUDY_CHECK(online_);
    tsan_reads_end();
    urcu_qsbr_quiescent_state();
}

void Reader::offline() noexcept {
    UNDERSTUDY_CHECK(online_);
    UNDERSTUDY_CHECK(current == this);
    tsan_reads_end();
    urcu_qsbr_thread_offline();
    online_ = false;
}

void Reader::online() noexcept {
    UNDERSTUDY_CHECK(!online_);
    UNDERSTUDY_CHECK(current == this);
    urcu_qsbr_thread_online();
    online_ = true;
}

bool Reader::thread_is_online() noexcept { return current != nullptr && current->online_; }

void synchronize() noexcept {
    // The library would put an online caller offline behind its back, and its pointers would
    // dangle.
    UNDERSTUDY_CHECK(!Reader::thread_is_online());
    urcu_qsbr_synchronize_rcu();
    tsan_grace_period_ended();
}

}  // namespace understudy::rcu
