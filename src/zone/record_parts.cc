#include "zone/record_parts.h"

#include <algorithm>

namespace understudy::zone {

RecordParts::RecordParts(wire::NameView apex, const HashKey& key) : apex_(apex, key) {
    parts_.emplace_back(apex, key);
}

void RecordParts::add(wire::NameView owner,
                      wire::Type type,
                      std::uint32_t ttl_s,
                      base::Octets rdata) {
    if (!continues(owner)) {
        last_is_apex_ = owner.size() == apex().size();
        last_hash_ = apex_.hash_of(owner);
        if (last_is_apex_ && apex_runs().empty()) {
            apex_.write_apex(owner);  // until now as it is configured
            std::ranges::for_each(parts_, [owner](RecordRuns& part) { part.write_apex(owner); });
        }
        if (count() == 1 && parts_[0].runs().size() == kMaxWholeRuns) {
            split();
        }
    }
    RecordRuns& runs = last_is_apex_ ? apex_ : parts_[part_of(last_hash_)];
    runs.add(owner, last_hash_, type, ttl_s, rdata);
}

void RecordParts::split() {
    const RecordRuns whole = std::move(parts_[0]);
    parts_.clear();
    parts_.reserve(std::size_t{1} << kBits);
    for (std::size_t i = 0; i < std::size_t{1} << kBits; ++i) {
        parts_.emplace_back(apex(), hash_key());
    }
    for (const RecordRuns::Run& run : whole.runs()) {
        parts_[part_of(run.hash())].add(run);
    }
}

void RecordParts::sort() {
    std::ranges::for_each(parts_, [](RecordRuns& part) { part.sort(); });
}

void RecordParts::release(std::size_t part) { parts_[part] = RecordRuns(apex(), hash_key()); }

}  // namespace understudy::zone
