#include <algorithm>
#include "control/config_scalars.h"
#include "control/config_zones.h"

namespace understudy::control {
namespace {

void read_references(const Section& section,
                     std::string_view key,
                     const Definitions& definitions,
                     std::optional<std::vector<std::size_t>>& target) {
    if (const YamlNode* const list = section.find(key)) {
        target.emplace();
        read_list(*list, section.log(), *target, [&](std::string_view text) {
            return definitions.find(std::string(text));
        });
    }
}

/// In one ACL, address and key must both match.
bool grants_notify(const AclConfig& acl, const RemoteConfig& remote) {
    const auto is_listed = [&](const base::Endpoint& endpoint) {
        return std::ranges::any_of(acl.addresses, [&](const base::IpPrefix& prefix) {
            return prefix.contains(endpoint.address);
        });
    };
    const bool address_matches =
        acl.addresses.empty() || std::ranges::any_of(remote.addresses, is_listed);
    const bool key_matches =
        acl.keys.empty() ||
        (remote.key && std::ranges::find(acl.keys, *remote.key) != acl.keys.end());
    return acl.notify && address_matches && key_matches;
}

}  // namespace

ZoneOptions read_options(const Section& section, ConfigReading& reading) {
    ZoneOptions options;
    read_references(section, "primaries", reading.remotes, options.primaries);
    read_references(section, "notify", reading.remotes, options.notify);
    read_references(section, "acls", reading.acls, options.acls);
    read_key(section, "refresh-min", options.refresh_min, parse_duration);
    read_key(section, "refresh-max", options.refresh_max, parse_duration);
    read_key(section, "retry-min", options.retry_min, parse_duration);
    read_key(section, "expire-max", options.expire_max, parse_duration);
    read_key(section, "answer-rotation", options.answer_rotation, parse_switch);
    return options;
}

void apply(const ZoneOptions& options, ZoneConfig& zone) {
    zone.primaries = options.primaries.value_or(zone.primaries);
    zone.notify = options.notify.value_or(zone.notify);
    zone.acls = options.acls.value_or(zone.acls);
    zone.refresh_min = options.refresh_min.value_or(zone.refresh_min);
    zone.refresh_max = options.refresh_max.value_or(zone.refresh_max);
    zone.retry_min = options.retry_min.value_or(zone.retry_min);
    zone.expire_max = options.expire_max.value_or(zone.expire_max);
    zone.answer_rotation = options.answer_rotation.value_or(zone.answer_rotation);
}

void warn_of_deaf_zone(const ZoneConfig& zone, const YamlNode& at, ConfigReading& reading) {
    for (const std::size_t index : zone.primaries) {
        const RemoteConfig& primary = reading.config.remotes[index];
        const bool is_heard = std::ranges::any_of(zone.acls, [&](std::size_t acl) {
            return grants_notify(reading.config.acls[acl], primary);
        });
        if (!is_heard) {
            reading.log.warning(at,
                                "primary " + in_quotes(primary.name) +
                                    " holds no 'notify' grant in the zone's ACLs: changes are "
                                    "found by refresh alone");
        }
    }
}

}  // namespace understudy::control
