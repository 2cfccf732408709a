#pragma once

#include <optional>
#include <vector>
#include "control/config_sections.h"

namespace understudy::control {

/// What a zone and a template may both say.
struct ZoneOptions {
    std::optional<std::vector<std::size_t>> primaries;
    std::optional<std::vector<std::size_t>> notify;
    std::optional<std::vector<std::size_t>> acls;
    std::optional<Seconds> refresh_min;
    std::optional<Seconds> refresh_max;
    std::optional<Seconds> retry_min;
    std::optional<Seconds> expire_max;
    std::optional<bool> answer_rotation;
};

/// Reads the options out of a section that may hold others beside them.
[[nodiscard]] ZoneOptions read_options(const Section& section, ConfigReading& reading);

/// Puts the options that are there in the place of what the zone has.
void apply(const ZoneOptions& options, ZoneConfig& zone);

/// Warns of primaries whose NOTIFY the zone's ACLs do not let in.
void warn_of_deaf_zone(const ZoneConfig& zone, const YamlNode& at, ConfigReading& reading);

}  // namespace understudy::control
