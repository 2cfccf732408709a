#include <algorithm>
#include <cstdint>
#include <limits>
#include "control/config_scalars.h"
#include "control/config_zones.h"

namespace understudy::control {
namespace {

/// What a zone of an SOA and an NS takes, with room to spare.
constexpr std::uint64_t kLeastZoneOctets = 65536;

// Of stored names: beyond, a zone is refused whatever is configured.
constexpr std::size_t kMaxRRsetRecords = 65535;
constexpr std::size_t kMaxTypes = 255;

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

TransferOptions read_transfer(const Section& section) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int64_t>::max();
    TransferOptions options;
    const auto size = [](std::uint64_t least) {
        return [least](std::string_view text) { return parse_size(text, least); };
    };
    read_key(section, "zone-size-max", options.zone_octets, size(kLeastZoneOctets));
    read_key(
        section, "zone-records-max", options.zone_records, number_parser<std::uint64_t>(2, kMost));
    read_key(section,
             "rrset-records-max",
             options.rrset_records,
             number_parser<std::size_t>(1, kMaxRRsetRecords));
    read_key(
        section, "name-types-max", options.name_types, number_parser<std::size_t>(2, kMaxTypes));
    read_key(section, "transfer-time-max", options.time, parse_duration);
    read_key(section, "transfer-idle-max", options.idle, parse_duration);
    read_key(section, "transfer-rate-min", options.octets_a_second, size(0));
    return options;
}

void apply(const TransferOptions& options, TransferLimits& limits) {
    limits.zone_octets = options.zone_octets.value_or(limits.zone_octets);
    limits.zone_records = options.zone_records.value_or(limits.zone_records);
    limits.rrset_records = options.rrset_records.value_or(limits.rrset_records);
    limits.name_types = options.name_types.value_or(limits.name_types);
    limits.time = options.time.value_or(limits.time);
    limits.idle = options.idle ? options.idle : limits.idle;
    limits.octets_a_second = options.octets_a_second.value_or(limits.octets_a_second);
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
    options.transfer = read_transfer(section);
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
    apply(options.transfer, zone.transfer);
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
