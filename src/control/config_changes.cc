#include "control/config_changes.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace understudy::control {
namespace {

/// What `resolve` makes of each of the `items` that `indices` refer to.
template <typename Item, typename Resolve>
auto each(const std::vector<Item>& items,
          const std::vector<std::size_t>& indices,
          Resolve resolve) {
    std::vector<decltype(resolve(items.front()))> all;
    all.reserve(indices.size());
    for (const std::size_t index : indices) {
        all.push_back(resolve(items[index]));
    }
    return all;
}

// What a zone's configuration comes to once its references are followed: equal exactly if nothing
// that it uses changed.

auto resolved(const KeyConfig& key) { return std::tuple(key.name, key.algorithm, key.secret); }

auto resolved(const Config& config, const RemoteConfig& remote) {
    using Key = decltype(resolved(config.keys.front()));
    std::vector<Key> key;
    if (remote.key) {
        key.push_back(resolved(config.keys[*remote.key]));
    }
    return std::tuple(remote.name, remote.addresses, remote.source, key);
}

auto resolved(const Config& config, const AclConfig& acl) {
    return std::tuple(
        acl.addresses,
        each(config.keys, acl.keys, [](const KeyConfig& key) { return resolved(key); }),
        acl.query,
        acl.notify,
        acl.transfer,
        acl.update);
}

auto resolved(const Config& config, const ZoneConfig& zone) {
    const auto remote = [&config](const RemoteConfig& one) { return resolved(config, one); };
    const auto acl = [&config](const AclConfig& one) { return resolved(config, one); };
    return std::tuple(zone.file,
                      each(config.remotes, zone.primaries, remote),
                      each(config.remotes, zone.notify, remote),
                      each(config.acls, zone.acls, acl),
                      zone.refresh_min,
                      zone.refresh_max,
                      zone.retry_min,
                      zone.expire_max,
                      zone.transfer,
                      zone.answer_rotation);
}

auto resolved(const ServerConfig& server) {
    return std::tie(server.identity,
                    server.version,
                    server.nsid,
                    server.user,
                    server.state,
                    server.control,
                    server.max_udp_payload_octets);  // the log level takes effect at once
}

auto resolved(const WorkersConfig& workers) {
    return std::tie(workers.cores, workers.idle, workers.huge_pages);
}

bool equal(const PortConfig& left, const PortConfig& right) {
    return left.device == right.device && left.addresses == right.addresses &&
           left.queues == right.queues && left.twin == right.twin && left.mtu == right.mtu &&
           left.vlan == right.vlan && left.outer_vlan == right.outer_vlan;
}

std::map<wire::Name, const ZoneConfig*> by_name(const Config& config) {
    std::map<wire::Name, const ZoneConfig*> zones;
    for (const ZoneConfig& zone : config.zones) {
        zones.emplace(zone.name, &zone);
    }
    return zones;
}

}  // namespace

std::vector<std::string> ConfigChanges::describe() const {
    std::vector<std::string> lines;
    const auto say = [&lines](const std::vector<wire::Name>& names, const std::string& what) {
        for (const wire::Name& name : names) {
            lines.push_back("zone " + name.to_text() + " " + what);
        }
    };
    say(removed, "removed");
    say(added, "added");
    say(changed, "changed");
    return lines;
}

ConfigChanges compare(const Config& before, const Config& after) {
    ConfigChanges changes;
    const auto old_zones = by_name(before);
    const auto new_zones = by_name(after);
    for (const auto& [name, zone] : old_zones) {
        const auto found = new_zones.find(name);
        if (found == new_zones.end() || found->second->is_primary() != zone->is_primary()) {
            changes.removed.push_back(name);
        }
    }
    for (const auto& [name, zone] : new_zones) {
        const auto found = old_zones.find(name);
        if (found == old_zones.end() || found->second->is_primary() != zone->is_primary()) {
            changes.added.push_back(name);
        } else if (resolved(before, *found->second) != resolved(after, *zone)) {
            changes.changed.push_back(name);
        }
    }
    if (resolved(before.server) != resolved(after.server)) {
        changes.needs_restart.emplace_back("server");
    }
    if (resolved(before.workers) != resolved(after.workers)) {
        changes.needs_restart.emplace_back("workers");
    }
    if (!std::ranges::equal(before.ports, after.ports, equal)) {
        changes.needs_restart.emplace_back("ports");
    }
    if (before.listen != after.listen) {
        changes.needs_restart.emplace_back("listen");
    }
    return changes;
}

}  // namespace understudy::control
