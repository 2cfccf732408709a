#include <understudy/control/policy.h>

namespace understudy::control {
namespace {

/// The grants of the zone's ACLs that `allows` picks.
template <typename Allows>
zone::QueryAccess grants(const Config& config, const ZoneConfig& zone, Allows allows) {
    zone::QueryAccess access;
    for (const std::size_t index : zone.acls) {
        const AclConfig& acl = config.acls[index];
        if (!allows(acl)) {
            continue;
        }
        zone::QueryAccess::Grant grant{.addresses = acl.addresses, .keys = {}};
        for (const std::size_t key : acl.keys) {
            grant.keys.push_back(config.keys[key].name);
        }
        access.grants.push_back(std::move(grant));
    }
    return access;
}

}  // namespace

Policy::Policy(const Config& config) : keys_(config.keys) {
    for (const ZoneConfig& zone : config.zones) {
        zones_.emplace(
            zone.name,
            Zone{.is_primary = zone.is_primary(),
                 .notify = grants(config, zone, [](const AclConfig& acl) { return acl.notify; }),
                 .transfer =
                     grants(config, zone, [](const AclConfig& acl) { return acl.transfer; })});
    }
}

const Policy::Zone* Policy::zone(wire::NameView name) const {
    const auto found = zones_.find(wire::Name(name));
    return found == zones_.end() ? nullptr : &found->second;
}

std::shared_ptr<const zone::QueryAccess> Policy::query_access(const Config& config,
                                                              const ZoneConfig& zone) {
    auto access = grants(config, zone, [](const AclConfig& acl) { return acl.query; });
    return access.grants.empty() ? nullptr
                                 : std::make_shared<const zone::QueryAccess>(std::move(access));
}

}  // namespace understudy::control
