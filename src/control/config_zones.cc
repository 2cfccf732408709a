#include "control/config_zones.h"

#include <array>
#include <unordered_map>
#include "control/config_scalars.h"

namespace understudy::control {
namespace {

constexpr std::string_view kDefaultTemplate = "default";

struct Templates {
    Definitions names{"template"};
    std::vector<ZoneOptions> options;
};

using ZoneLines = std::unordered_map<wire::Name, std::size_t, wire::NameHash>;

void check_refresh(const Section& section, const ZoneConfig& zone) {
    const YamlNode* const least = section.find("refresh-min");
    const YamlNode* const most = section.find("refresh-max");
    // Where neither stands here, the section that says them is the one that is told.
    if ((least != nullptr || most != nullptr) && zone.refresh_min > zone.refresh_max) {
        section.log().fault(least != nullptr ? *least : *most,
                            "'refresh-min' (" + std::to_string(zone.refresh_min.count()) +
                                "s) is longer than 'refresh-max' (" +
                                std::to_string(zone.refresh_max.count()) + "s)");
    }
}

void read_template(const YamlNode& node, Templates& templates, ConfigReading& reading) {
    static constexpr std::array<std::string_view, 9> kKeys{"name",
                                                           "primaries",
                                                           "notify",
                                                           "acls",
                                                           "refresh-min",
                                                           "refresh-max",
                                                           "retry-min",
                                                           "expire-max",
                                                           "answer-rotation"};
    const Section section(node, kKeys, reading.log);
    (void)read_name(section, templates.names, templates.options.size());
    templates.options.push_back(read_options(section, reading));
    ZoneConfig zone;
    apply(templates.options.back(), zone);
    check_refresh(section, zone);
}

/// What the zone's template gives, if it has one.
void apply_template(const Section& section, const Templates& templates, ZoneConfig& zone) {
    std::optional<std::size_t> chosen;
    const auto find = [&](std::string_view name) {
        return templates.names.find(std::string(name));
    };
    if (read_key(section, "template", chosen, find) == nullptr) {
        if (const auto fallback = find(kDefaultTemplate)) {
            chosen = *fallback;
        }
    }
    if (chosen) {
        apply(templates.options[*chosen], zone);
    }
}

/// A zone has a file or primaries. Its own file outweighs primaries that only its template gives.
void check_role(const Section& section, const ZoneOptions& options, ZoneConfig& zone) {
    if (section.find("file") != nullptr) {
        if (options.primaries && !options.primaries->empty()) {
            section.log().fault(*section.find("primaries"),
                                "expected either 'file' or 'primaries', found both");
        }
        zone.primaries.clear();
    } else if (zone.primaries.empty()) {
        const YamlNode* const primaries = section.find("primaries");
        if (primaries == nullptr || primaries->is_empty()) {
            section.log().fault(section.node(), "expected 'file' or 'primaries'");
        }
    }
}

void read_zone_name(const Section& section, ZoneConfig& zone, ZoneLines& lines) {
    const YamlNode* const node = section.find("name");
    if (node == nullptr) {
        section.log().fault(section.node(), "expected a 'name'");
    } else if (auto name = read_value(*node, section.log(), wire::Name::from_text)) {
        const auto [known, is_new] = lines.emplace(*name, node->place.line);
        if (!is_new) {
            section.log().fault(*node,
                                "zone " + in_quotes(node->text) + " is defined already in line " +
                                    std::to_string(known->second));
        }
        zone.name = *std::move(name);
    }
}

void read_zone(const YamlNode& node,
               const Templates& templates,
               ZoneLines& lines,
               ConfigReading& reading) {
    static constexpr std::array<std::string_view, 11> kKeys{"name",
                                                            "template",
                                                            "file",
                                                            "primaries",
                                                            "notify",
                                                            "acls",
                                                            "refresh-min",
                                                            "refresh-max",
                                                            "retry-min",
                                                            "expire-max",
                                                            "answer-rotation"};
    const Section section(node, kKeys, reading.log);
    ZoneConfig zone;
    read_zone_name(section, zone, lines);
    apply_template(section, templates, zone);
    const ZoneOptions options = read_options(section, reading);
    apply(options, zone);
    read_key(section, "file", zone.file, [&](std::string_view text) {
        return parse_text(text).map([&](const auto& path) { return reading.absolute(path); });
    });
    check_role(section, options, zone);
    check_refresh(section, zone);
    warn_of_deaf_zone(zone, node, reading);
    reading.config.zones.push_back(std::move(zone));
}

}  // namespace

void read_zones(const YamlNode& templates, const YamlNode& zones, ConfigReading& reading) {
    Templates known;
    for_each_map(
        templates, reading.log, [&](const YamlNode& item) { read_template(item, known, reading); });
    ZoneLines lines;
    for_each_map(
        zones, reading.log, [&](const YamlNode& item) { read_zone(item, known, lines, reading); });
}

}  // namespace understudy::control
