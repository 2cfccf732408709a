#include "answer/referral.h"

#include <understudy/zone/name_key.h>

#include "answer/additional.h"

namespace understudy::answer {
namespace {

using wire::Section;
using zone::Match;
using zone::Node;
using zone::RRset;
using zone::Zone;

bool add_host(const Zone& zone, wire::NameView host, bool below_cut, Response& response) noexcept {
    if (!host.is_at_or_below(zone.apex())) {
        return true;
    }
    const zone::NameKey name(host, zone.hash_key());
    if (!below_cut) {
        const Match match = zone.lookup(name);
        if (match.kind == Match::Kind::kExact) {
            return add_addresses(host, match.node, Authority::kYes, response);
        }
    }
    const auto glue = zone.find(name);
    return !glue || add_addresses(host, *glue, Authority::kNo, response);
}

}  // namespace

bool add_delegation(const Node& cut, Response& response) noexcept {
    const auto ns = cut.find(wire::type::kNs);
    if (!ns || !response.add(Section::kAuthority, cut.owner(), *ns)) {
        return false;
    }
    const auto ds = response.dnssec_ok() ? cut.find(wire::type::kDs) : std::nullopt;
    return !ds || response.add_signed(Section::kAuthority, cut.owner(), cut, *ds);
}

bool add_glue(const Zone& zone, const Node& cut, Response& response) noexcept {
    const auto ns = cut.find(wire::type::kNs);
    for (const bool required : {true, false}) {
        for (const base::Octets rdata : *ns) {
            const wire::NameView host(rdata);
            const bool below_cut = host.is_at_or_below(cut.owner());
            if (below_cut == required && !add_host(zone, host, below_cut, response) && required) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace understudy::answer
