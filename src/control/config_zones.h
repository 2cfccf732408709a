#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>
#include "control/config_sections.h"

namespace understudy::control {

/// What either may say of its transfers.
struct TransferOptions {
    std::optional<std::uint64_t> zone_octets;
    std::optional<std::uint64_t> zone_records;
    std::optional<std::size_t> rrset_records;
    std::optional<std::size_t> name_types;
    std::optional<Seconds> time;
    std::optional<Seconds> idle;
    std::optional<std::uint64_t> octets_a_second;
};

/// What a zone and a template may both say.
struct ZoneOptions {
    std::optional<std::vector<std::size_t>> primaries;
    std::optional<std::vector<std::size_t>> notify;
    std::optional<std::vector<std::size_t>> acls;
    std::optional<Seconds> refresh_min;
    std::optional<Seconds> refresh_max;
    std::optional<Seconds> retry_min;
    std::optional<Seconds> expire_max;
    TransferOptions transfer;
    std::optional<bool> answer_rotation;
};

/// Their keys.
inline constexpr std::array<std::string_view, 15> kOptionKeys{"primaries",
                                                              "notify",
                                                              "acls",
                                                              "refresh-min",
                                                              "refresh-max",
                                                              "retry-min",
                                                              "expire-max",
                                                              "answer-rotation",
                                                              "zone-size-max",
                                                              "zone-records-max",
                                                              "rrset-records-max",
                                                              "name-types-max",
                                                              "transfer-time-max",
                                                              "transfer-idle-max",
                                                              "transfer-rate-min"};

/// Reads the options out of a section that may hold others beside them.
[[nodiscard]] ZoneOptions read_options(const Section& section, ConfigReading& reading);

/// Puts the options that are there in the place of what the zone has.
void apply(const ZoneOptions& options, ZoneConfig& zone);

/// Warns of primaries whose NOTIFY the zone's ACLs do not let in.
void warn_of_deaf_zone(const ZoneConfig& zone, const YamlNode& at, ConfigReading& reading);

}  // namespace understudy::control
