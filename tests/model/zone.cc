#include "model/zone.h"

#include <understudy/base/octets.h>
#include <algorithm>

namespace understudy::model {

using wire::Name;
using wire::NameView;
namespace type = wire::type;

namespace {

bool same_rrset(const Record& left, const Record& right) {
    return left.type == right.type && left.owner == right.owner &&
           (left.type != type::kRrsig || covered_type(left) == covered_type(right));
}

/// The records for which `wanted` holds, each with its RRset's TTL.
template <typename Wanted>
Records select(const Zone& zone, Wanted wanted) {
    Records result;
    for (const Record& record : zone.records) {
        if (wanted(record)) {
            result.push_back(record);
            for (const Record& other : zone.records) {
                if (same_rrset(record, other)) {
                    result.back().ttl_s = std::min(result.back().ttl_s, other.ttl_s);
                }
            }
        }
    }
    return result;
}

}  // namespace

Name below(const Name& name, const std::vector<std::uint8_t>& label) {
    std::vector<std::uint8_t> octets{static_cast<std::uint8_t>(label.size())};
    octets.insert(octets.end(), label.begin(), label.end());
    octets.insert(octets.end(), name.view().octets().begin(), name.view().octets().end());
    return Name(NameView(octets));
}

Name wildcard_below(const Name& name) { return below(name, {'*'}); }

wire::Type covered_type(const Record& rrsig) { return base::load_be16(rrsig.rdata.data()); }

Records rrset(const Zone& zone, const Name& owner, wire::Type type) {
    return select(
        zone, [&](const Record& record) { return record.type == type && record.owner == owner; });
}

Records signatures(const Zone& zone, const Name& owner, wire::Type type) {
    return select(zone, [&](const Record& record) {
        return record.type == type::kRrsig && record.owner == owner && covered_type(record) == type;
    });
}

bool has(const Zone& zone, const Name& owner, wire::Type type) {
    return std::ranges::any_of(zone.records, [&](const Record& record) {
        return record.type == type && record.owner == owner;
    });
}

bool exists(const Zone& zone, const Name& name) {
    return std::ranges::any_of(zone.records, [&name](const Record& record) {
        return record.owner.view().is_at_or_below(name) && !is_of_hashed_name(record);
    });
}

bool is_of_hashed_name(const Record& record) {
    return record.type == type::kNsec3 ||
           (record.type == type::kRrsig && covered_type(record) == type::kNsec3);
}

}  // namespace understudy::model
