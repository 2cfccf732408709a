#include "control/scheduler.h"

#include <asio/redirect_error.hpp>
#include <asio/use_awaitable.hpp>

namespace understudy::control {

void Scheduler::Shared::settle(const base::Endpoint& at) {
    const auto found = primaries.find(at);
    Primary& primary = found->second;
    if (primary.first) {
        ready.erase(*primary.first);
        primary.first.reset();
    }
    if (primary.waiting.empty()) {
        if (primary.at_work == 0) {
            primaries.erase(found);
        }
    } else if (primary.at_work < limits.of_a_primary) {
        primary.first = primary.waiting.begin()->first;
        ready.emplace(*primary.first, at);
    }
}

void Scheduler::Shared::grant() {
    while (at_work < limits.in_all && !ready.empty()) {
        const base::Endpoint at = ready.begin()->second;
        Primary& primary = primaries.at(at);
        const auto first = primary.waiting.begin();
        first->second->granted = true;
        first->second->turn.cancel();
        primary.waiting.erase(first);
        ++primary.at_work;
        ++at_work;
        settle(at);
    }
}

void Scheduler::Shared::release(const base::Endpoint& at) {
    --primaries.at(at).at_work;
    --at_work;
    settle(at);
    grant();
}

asio::awaitable<Scheduler::Turn> Scheduler::acquire(base::Endpoint primary, Urgency urgency) {
    const auto waiter = std::make_shared<Waiter>(
        Waiter{asio::steady_timer(loop_, asio::steady_timer::time_point::max())});
    shared_->primaries[primary].waiting.emplace(Rank{urgency, shared_->next_number++}, waiter);
    shared_->settle(primary);
    shared_->grant();
    if (!waiter->granted) {
        asio::error_code cancelled;
        co_await waiter->turn.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
    }
    co_return Turn(shared_, primary);
}

// NOLINTNEXTLINE(bugprone-exception-escape): ending the wait of a timer does not fail
Scheduler::Turn::~Turn() {
    if (const auto shared = shared_.lock()) {
        shared->release(primary_);
    }
}

}  // namespace understudy::control
