#include "control/difference_book.h"

#include <algorithm>
#include <utility>

namespace understudy::control {

void DifferenceBook::append(Entry& entry,
                            std::shared_ptr<const Difference> difference,
                            std::size_t most_octets) {
    if (!entry.chain.empty() && entry.chain.back()->to != difference->from) {
        entry = {};
    }
    entry.octets += difference->octets.size();
    entry.chain.push_back(std::move(difference));
    while (entry.octets > most_octets) {
        entry.octets -= entry.chain.front()->octets.size();
        entry.chain.pop_front();
    }
}

void DifferenceBook::set(const wire::Name& apex, const Chain& chain, std::size_t most_octets) {
    const std::lock_guard lock(mutex_);
    Entry& entry = entries_[apex];
    entry = {};
    for (const auto& difference : chain) {
        append(entry, difference, most_octets);
    }
}

void DifferenceBook::add(const wire::Name& apex,
                         std::shared_ptr<const Difference> difference,
                         std::size_t most_octets) {
    const std::lock_guard lock(mutex_);
    append(entries_[apex], std::move(difference), most_octets);
}

void DifferenceBook::forget(const wire::Name& apex) {
    const std::lock_guard lock(mutex_);
    entries_.erase(apex);
}

DifferenceBook::Chain DifferenceBook::find(const wire::Name& apex,
                                           std::uint32_t from,
                                           std::uint32_t to) const {
    const std::lock_guard lock(mutex_);
    const auto entry = entries_.find(apex);
    if (entry == entries_.end()) {
        return {};
    }
    const auto& chain = entry->second.chain;
    const auto first =
        std::ranges::find(chain, from, [](const auto& difference) { return difference->from; });
    const auto last = std::find_if(
        first, chain.end(), [to](const auto& difference) { return difference->to == to; });
    return last == chain.end() ? Chain() : Chain(first, last + 1);
}

}  // namespace understudy::control
