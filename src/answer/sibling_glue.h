#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <understudy/zone/wire_record.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>

#include "answer/owned_records.h"

namespace understudy::answer {

/// Calls `visit(host, owner)` with the name servers of a cut that are in the zone but not below the
/// cut, in their order, until it says false. `owner`: a pointer to the name as it stands in the NS
/// records, whose stored body begins at `body_at` of the message and was moved by `shift`.
template <typename Visit>
void for_each_sibling(const zone::Zone& zone,
                      const zone::Node& cut,
                      std::size_t body_at,
                      std::size_t shift,
                      Visit visit) {
    const wire::NameBuffer cut_name = cut.owner();
    const zone::RRset ns = cut.rrset(wire::type::kNs);
    for (auto at = ns.begin(); at != ns.end(); ++at) {
        const wire::NameView host(*at);
        if (host.is_at_or_below(cut_name.view()) || !host.is_at_or_below(zone.apex())) {
            continue;
        }
        const base::Octets stored = at.stored();
        const std::size_t place =
            body_at + static_cast<std::size_t>(stored.data() - ns.records().data());
        const std::size_t owner = stored[0] >= wire::kPointerStart
                                      ? base::load_be16(stored.data()) + shift
                                      : wire::kPointer | place;
        if (!visit(host, static_cast<std::uint16_t>(owner))) {
            return;
        }
    }
}

}  // namespace understudy::answer
