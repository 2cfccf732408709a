#include "answer/referral.h"

#include <understudy/zone/name_key.h>
#include <optional>

#include "answer/additional.h"
#include "answer/sibling_glue.h"

namespace understudy::answer {

using wire::Section;
using zone::Match;

bool Delegation::add_authority(Response& response) noexcept {
    const wire::NameBuffer owner = cut_.owner();
    const zone::Referral referral = cut_.referral();
    if (response.is_empty() && referral.is_movable()) {
        is_stored_body_ = true;
        const std::size_t shift = response.query_name().size() - owner.view().size();
        if (!response.add_body(Section::kAuthority,
                               referral.ns.records,
                               referral.ns.count,
                               referral.ns_fixups,
                               shift)) {
            return false;
        }
    } else if (!response.add(Section::kAuthority, owner, cut_.rrset(wire::type::kNs))) {
        return false;
    }
    const auto ds = response.dnssec_ok() ? cut_.find(wire::type::kDs) : std::nullopt;
    return !ds || response.add_signed(Section::kAuthority, owner, cut_, *ds);
}

bool Delegation::add_glue(Response& response) const noexcept {
    const zone::Referral referral = cut_.referral();
    if (!is_stored_body_) {
        if (!add_hosts(true, response)) {
            return false;
        }
        if (referral.may_have_siblings) {
            static_cast<void>(add_hosts(false, response));
        }
        return true;
    }
    const std::size_t shift = response.query_name().size() - cut_.owner().view().size();
    if (!response.add_body(Section::kAdditional,
                           referral.glue,
                           referral.glue_count,
                           referral.glue_fixups,
                           shift)) {
        return false;
    }
    if (referral.may_have_siblings) {
        const auto add = [this, &response](wire::NameView host, std::uint16_t owner) {
            add_sibling(host, owner, response);
            return true;
        };
        for_each_sibling(zone_, cut_, response.question_end(), shift, add);
    }
    return true;
}

/// Adds the addresses of a name server that is not below the cut, as they are stored.
void Delegation::add_sibling(wire::NameView host,
                             std::uint16_t owner,
                             Response& response) const noexcept {
    const zone::NameKey name(host, zone_.hash_key());
    const Match match = zone_.lookup(name);
    const bool is_glue = match.kind != Match::Kind::kExact;
    const auto node = is_glue ? zone_.find(name) : std::optional(match.node);
    for (const wire::Type type : kAddressTypes) {
        auto rrset = node ? node->find_stored(type) : std::nullopt;
        if (!rrset) {
            continue;
        }
        if (is_glue || !response.dnssec_ok()) {
            rrset->signatures = {};
        }
        if (!response.add_owned(
                Section::kAdditional, OwnedRecords(*rrset, owner), rrset->ttl_s())) {
            return;
        }
    }
}

/// The addresses of the name servers below the cut, or of the others in the zone.
bool Delegation::add_hosts(bool below_cut, Response& response) const noexcept {
    const wire::NameBuffer owner = cut_.owner();
    const zone::RRset ns = cut_.rrset(wire::type::kNs);
    for (const base::Octets rdata : ns) {
        const wire::NameView host(rdata);
        if (host.is_at_or_below(owner) == below_cut && host.is_at_or_below(zone_.apex()) &&
            !add_host(host, below_cut, response) && below_cut) {
            return false;
        }
    }
    return true;
}

bool Delegation::add_host(wire::NameView host, bool below_cut, Response& response) const noexcept {
    const zone::NameKey name(host, zone_.hash_key());
    if (!below_cut) {
        const Match match = zone_.lookup(name);
        if (match.kind == Match::Kind::kExact) {
            return add_addresses(host, match.node, Authority::kYes, response);
        }
    }
    const auto glue = zone_.find(name);
    return !glue || add_addresses(host, *glue, Authority::kNo, response);
}

}  // namespace understudy::answer
