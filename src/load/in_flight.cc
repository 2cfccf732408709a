#include <understudy/load/in_flight.h>

#include <algorithm>

namespace understudy::load {

InFlight::InFlight(const Numbering& numbering)
    : numbering_(numbering),
      slot_count_(std::min<std::size_t>(kMaxSlots, numbering.count())),
      slots_(std::make_unique<Slot[]>(slot_count_)) {
    UNDERSTUDY_CHECK(numbering.count() <= kGivenUp);
}

void InFlight::add(std::uint64_t sent_cycles, std::uint32_t query) noexcept {
    if (next_ - oldest_ == slot_count_) {
        give_up(oldest_++);
    }
    Slot& place = slot(next_);
    place.sent_cycles.store(sent_cycles, std::memory_order_relaxed);
    place.query.store(query, std::memory_order_relaxed);
    place.mark.store(next_number() | kPresent, std::memory_order_release);
    ++next_;
}

void InFlight::take_back(std::size_t count) noexcept {
    UNDERSTUDY_CHECK(count <= next_ - oldest_);
    for (; count > 0; --count) {
        --next_;
        slot(next_).mark.store(0, std::memory_order_relaxed);
    }
}

void InFlight::give_up(std::uint64_t sequence) noexcept {
    Slot& place = slot(sequence);
    std::uint32_t mark = place.mark.load(std::memory_order_relaxed);
    // Against an answer that is claimed at this moment by another thread.
    if (mark != 0 &&
        place.mark.compare_exchange_strong(mark, mark | kGivenUp, std::memory_order_relaxed)) {
        ++given_up_;
    }
}

std::uint64_t InFlight::waiting(std::uint64_t now_cycles, std::uint64_t given_up_cycles) noexcept {
    while (oldest_ < next_) {
        const Slot& place = slot(oldest_);
        const bool is_waiting = place.mark.load(std::memory_order_relaxed) != 0;
        if (is_waiting &&
            now_cycles - place.sent_cycles.load(std::memory_order_relaxed) < given_up_cycles) {
            break;
        }
        if (is_waiting) {
            give_up(oldest_);
        }
        ++oldest_;
    }
    const std::uint64_t settled =
        given_up_ + own_claims_ + others_claims_.load(std::memory_order_relaxed);
    // Two copies of one answer may both have counted.
    return next_ - std::min(next_, settled);
}

}  // namespace understudy::load
