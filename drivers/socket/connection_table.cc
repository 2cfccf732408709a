#include "socket/connection_table.h"

#include <understudy/base/check.h>

#include <algorithm>

namespace understudy::socket {

ConnectionTable::Entries& ConnectionTable::entries(TableEntry::Phase phase) noexcept {
    switch (phase) {
        case TableEntry::Phase::kIdle:
            return idle_;
        case TableEntry::Phase::kSending:
            return sending_;
        case TableEntry::Phase::kClosed:
            break;
    }
    return closed_;
}

void ConnectionTable::add(TableEntry& entry, TimePoint now) {
    make_room(entry.client());
    counters_.accepted.add(1);
    ++clients_[entry.client()];
    entry.phase_ = TableEntry::Phase::kIdle;
    entry.since_ = now;
    entry.place_ = idle_.insert(idle_.end(), &entry);
}

void ConnectionTable::remove(TableEntry& entry, CloseCause cause) {
    if (!is_closed(entry)) {
        counters_.closed[static_cast<std::size_t>(cause)].add(1);
        forget_client(entry.client());
    }
    entries(entry.phase_).erase(entry.place_);
}

void ConnectionTable::enter(TableEntry& entry, TableEntry::Phase phase, TimePoint now) {
    if (is_closed(entry)) {
        return;
    }
    Entries& to = entries(phase);
    to.splice(to.end(), entries(entry.phase_), entry.place_);
    entry.phase_ = phase;
    entry.since_ = now;
}

void ConnectionTable::close(TableEntry& entry, CloseCause cause) {
    counters_.closed[static_cast<std::size_t>(cause)].add(1);
    forget_client(entry.client());
    closed_.splice(closed_.end(), entries(entry.phase_), entry.place_);
    entry.phase_ = TableEntry::Phase::kClosed;
    entry.close();
}

void ConnectionTable::forget_client(const base::IpAddress& client) {
    const auto found = clients_.find(client);
    UNDERSTUDY_CHECK(found != clients_.end());
    if (--found->second == 0) {
        clients_.erase(found);
    }
}

/// Idle connections go first, then those whose client has not taken anything for the longest time.
TableEntry* ConnectionTable::longest_idle_of(const base::IpAddress& client) const {
    for (const Entries* candidates : {&idle_, &sending_}) {
        const auto found = std::ranges::find(*candidates, client, &TableEntry::client_);
        if (found != candidates->end()) {
            return *found;
        }
    }
    return nullptr;
}

void ConnectionTable::make_room(const base::IpAddress& client) {
    const auto found = clients_.find(client);
    if (found != clients_.end() && found->second >= limits_.connections_per_client) {
        if (TableEntry* longest_idle = longest_idle_of(client); longest_idle != nullptr) {
            close(*longest_idle, CloseCause::kClientLimit);
        }
    }
    if (idle_.size() + sending_.size() >= limits_.connections) {
        close(idle_.empty() ? *sending_.front() : *idle_.front(), CloseCause::kTotalLimit);
    }
}

void ConnectionTable::close_expired(TimePoint now) {
    while (!idle_.empty() && idle_.front()->since_ + limits_.idle <= now) {
        close(*idle_.front(), CloseCause::kIdle);
    }
    while (!sending_.empty() && sending_.front()->since_ + limits_.stall <= now) {
        close(*sending_.front(), CloseCause::kStalled);
    }
}

ConnectionTable::TimePoint ConnectionTable::next_deadline(TimePoint now) const {
    TimePoint next = now + std::min(limits_.idle, limits_.stall);
    if (!idle_.empty()) {
        next = std::min(next, idle_.front()->since_ + limits_.idle);
    }
    if (!sending_.empty()) {
        next = std::min(next, sending_.front()->since_ + limits_.stall);
    }
    return next;
}

void ConnectionTable::close_idle(CloseCause cause) {
    while (!idle_.empty()) {
        close(*idle_.front(), cause);
    }
}

void ConnectionTable::close_all(CloseCause cause) {
    close_idle(cause);
    while (!sending_.empty()) {
        close(*sending_.front(), cause);
    }
}

}  // namespace understudy::socket
