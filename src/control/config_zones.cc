#include "control/config_zones.h"

#include <algorithm>
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

template <std::size_t kCount>
constexpr auto with_options(const std::array<std::string_view, kCount>& own) {
    std::array<std::string_view, kCount + kOptionKeys.size()> keys;
    std::ranges::copy(kOptionKeys, std::ranges::copy(own, keys.begin()).out);
    return keys;
}

void fault_refresh(const YamlNode& at, Seconds least, Seconds most, FaultLog& log) {
    log.fault(at,
              "'refresh-min' (" + std::to_string(least.count()) +
                  "s) is longer than 'refresh-max' (" + std::to_string(most.count()) + "s)");
}

/// Bounds that contradict each other within one template, whichever zones use it.
bool contradicts_itself(const ZoneOptions& options) {
    return options.refresh_min && options.refresh_max &&
           *options.refresh_min > *options.refresh_max;
}

/// The same once a zone's own bounds, its template's and the defaults have come together.
void check_refresh(const Section& section,
                   const ZoneOptions& from_template,
                   const ZoneConfig& zone) {
    if (zone.refresh_min <= zone.refresh_max) {
        return;
    }
    const YamlNode* const least = section.find("refresh-min");
    const YamlNode* const most = section.find("refresh-max");
    if (least == nullptr && most == nullptr && contradicts_itself(from_template)) {
        return;  // the template was told
    }
    const YamlNode* const at = least != nullptr ? least : most;
    fault_refresh(
        at != nullptr ? *at : section.node(), zone.refresh_min, zone.refresh_max, section.log());
}

void read_template(const YamlNode& node, Templates& templates, ConfigReading& reading) {
    static constexpr auto kKeys = with_options(std::array<std::string_view, 1>{"name"});
    const Section section(node, kKeys, reading.log);
    (void)read_name(section, templates.names, templates.options.size());
    templates.options.push_back(read_options(section, reading));
    const ZoneOptions& options = templates.options.back();
    if (contradicts_itself(options)) {
        // NOLINTBEGIN(bugprone-unchecked-optional-access): those contradict each other
        fault_refresh(
            *section.find("refresh-min"), *options.refresh_min, *options.refresh_max, reading.log);
        // NOLINTEND(bugprone-unchecked-optional-access)
    }
}

/// What the zone's template gives; nothing where it has none.
ZoneOptions template_of(const Section& section, const Templates& templates) {
    std::optional<std::size_t> chosen;
    const auto find = [&](std::string_view name) {
        return templates.names.find(std::string(name));
    };
    if (read_key(section, "template", chosen, find) == nullptr) {
        if (const auto fallback = find(kDefaultTemplate)) {
            chosen = *fallback;
        }
    }
    return chosen ? templates.options[*chosen] : ZoneOptions();
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
    static constexpr auto kKeys =
        with_options(std::array<std::string_view, 3>{"name", "template", "file"});
    const Section section(node, kKeys, reading.log);
    ZoneConfig zone;
    read_zone_name(section, zone, lines);
    const ZoneOptions from_template = template_of(section, templates);
    apply(from_template, zone);
    const ZoneOptions options = read_options(section, reading);
    apply(options, zone);
    read_key(section, "file", zone.file, [&](std::string_view text) {
        return parse_text(text).map([&](const auto& path) { return reading.absolute(path); });
    });
    check_role(section, options, zone);
    check_refresh(section, from_template, zone);
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
