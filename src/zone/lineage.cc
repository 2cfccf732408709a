#include "zone/lineage.h"

#include <understudy/base/check.h>
#include <iterator>
#include <utility>

namespace understudy::zone {

void retire(BlockRef block,
            std::size_t octets,
            Version birth,
            Version draft,
            std::vector<Retired>& retired) {
    if (birth == draft) {
        BlockStore::process().release(block, octets);
    } else {
        retired.push_back({block, static_cast<std::uint32_t>(octets), birth});
    }
}

Version Lineage::next() const {
    const std::scoped_lock lock(mutex_);
    return newest_ + 1;
}

Version Lineage::newest_living() const {
    const std::scoped_lock lock(mutex_);
    UNDERSTUDY_CHECK(!living_.empty());
    return living_.rbegin()->first;
}

void Lineage::commit(Version draft, std::vector<Retired> retired) {
    const std::scoped_lock lock(mutex_);
    UNDERSTUDY_CHECK(draft == newest_ + 1);
    for (const Retired& block : retired) {
        retired_octets_ += BlockStore::rounded(block.octets);
    }
    living_.emplace(draft, std::move(retired));
    newest_ = draft;
}

Lineage::Heir Lineage::drop(Version version) noexcept {
    const std::scoped_lock lock(mutex_);
    const auto dropped = living_.find(version);
    UNDERSTUDY_CHECK(dropped != living_.end());
    const Version predecessor = dropped == living_.begin() ? 0 : std::prev(dropped)->first;
    const auto successor = std::next(dropped);
    const bool has_successor = successor != living_.end();
    if (has_successor) {
        // What this version retired its predecessor still has: it goes on waiting for that one.
        std::vector<Retired>& waiting = dropped->second;
        for (const Retired& retired : successor->second) {
            if (retired.birth > predecessor) {
                BlockStore::process().release(retired.block, retired.octets);
                retired_octets_ -= BlockStore::rounded(retired.octets);
            } else {
                waiting.push_back(retired);
            }
        }
        successor->second = std::move(waiting);
    } else {
        // The version before it is the newest again.
        for (const Retired& retired : dropped->second) {
            retired_octets_ -= BlockStore::rounded(retired.octets);
        }
    }
    living_.erase(dropped);
    return {has_successor, predecessor};
}

}  // namespace understudy::zone
