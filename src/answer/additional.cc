#include "answer/additional.h"

#include <understudy/zone/name_key.h>
#include <array>
#include <optional>

#include "answer/node_set.h"

namespace understudy::answer {
namespace {

using wire::Section;
using zone::Match;
using zone::Node;
using zone::RRset;

/// Names whose records go with one answer: more than sensible services have.
constexpr std::size_t kMaxTargets = 16;

constexpr std::size_t kPriorityOctets = 2;
constexpr std::uint16_t kAliasMode = 0;  // the priority that says so

class ServiceTargets {
  public:
    ServiceTargets(const zone::Zone& zone, wire::Type type, Response& response) noexcept
        : zone_(zone), type_(type), response_(response) {}

    /// Ends: each level down is of a node that was not met before.
    void follow(wire::NameView owner, const Node& node, const RRset& services) noexcept {
        for (const base::Octets rdata : services) {
            // No type after RFC 1035 is checked when a zone is loaded.
            const std::size_t name_octets = rdata.size() < kPriorityOctets
                                                ? 0
                                                : wire::name_length(rdata.subspan(kPriorityOctets));
            if (name_octets == 0) {
                continue;
            }
            const wire::NameView target(rdata.subspan(kPriorityOctets, name_octets));
            const bool is_alias = base::load_be16(rdata.data()) == kAliasMode;
            if (!target.is_root()) {
                add(target, is_alias);
            } else if (!is_alias && seen_.insert(node)) {  // the owner itself
                (void)add_addresses(owner, node, Authority::kYes, response_);
            }
        }
    }

  private:
    void add(wire::NameView target, bool is_alias) noexcept {
        if (!target.is_at_or_below(zone_.apex())) {
            return;
        }
        const Match match = zone_.lookup(zone::NameKey(target, zone_.hash_key()));
        if (match.kind != Match::Kind::kExact || !seen_.insert(match.node)) {
            return;
        }
        const auto services = is_alias ? match.node.find(type_) : std::nullopt;
        if (services && response_.add_signed(Section::kAdditional, target, match.node, *services)) {
            follow(target, match.node, *services);
        }
        (void)add_addresses(target, match.node, Authority::kYes, response_);
    }

    const zone::Zone& zone_;
    wire::Type type_;
    Response& response_;
    NodeSet<kMaxTargets> seen_;
};

}  // namespace

bool add_addresses(wire::NameView host,
                   const Node& node,
                   Authority authority,
                   Response& response) noexcept {
    for (const wire::Type type : kAddressTypes) {
        const auto rrset = node.find(type);
        if (!rrset) {
            continue;
        }
        const bool added = authority == Authority::kYes
                               ? response.add_signed(Section::kAdditional, host, node, *rrset)
                               : response.add(Section::kAdditional, host, *rrset);
        if (!added) {
            return false;
        }
    }
    return true;
}

void add_service_targets(const zone::Zone& zone,
                         wire::NameView owner,
                         const Node& node,
                         wire::Type type,
                         Response& response) noexcept {
    if (const auto services = node.find(type)) {
        ServiceTargets(zone, type, response).follow(owner, node, *services);
    }
}

}  // namespace understudy::answer
