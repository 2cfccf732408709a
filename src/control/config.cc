#include <understudy/base/file.h>
#include <understudy/control/config.h>
#include <array>
#include <system_error>
#include "control/config_sections.h"
#include "control/config_yaml.h"

namespace understudy::control {
namespace {

constexpr std::size_t kMaxConfigOctets = std::size_t{1} << 28;  // a million zones take half of it

/// The folder of the file, from the root.
std::filesystem::path folder_of(const std::string& path) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(path, error);
    return error ? std::filesystem::path("/") : absolute.parent_path();
}

/// The value of a top-level key; where it is absent, nothing, at no place.
const YamlNode& value_of(const Section& top, std::string_view key) {
    static const YamlNode kAbsent;
    const YamlNode* const node = top.find(key);
    return node == nullptr ? kAbsent : *node;
}

void read_sections(const YamlNode& root, ConfigReading& reading) {
    static constexpr std::array<std::string_view, 12> kKeys{"server",
                                                            "workers",
                                                            "ports",
                                                            "listen",
                                                            "rate-limit",
                                                            "metrics",
                                                            "keys",
                                                            "remotes",
                                                            "acls",
                                                            "templates",
                                                            "health",
                                                            "zones"};
    const Section top(root, kKeys, reading.log);
    read_server(value_of(top, "server"), reading);
    read_workers(value_of(top, "workers"), reading);
    read_listen(value_of(top, "listen"), reading);
    read_ports(value_of(top, "ports"), reading);
    settle_cores(value_of(top, "workers"), reading);
    read_keys(value_of(top, "keys"), reading);
    read_remotes(value_of(top, "remotes"), reading);
    read_acls(value_of(top, "acls"), reading);
    read_zones(value_of(top, "templates"), value_of(top, "zones"), reading);
    for (const std::string_view key : {"rate-limit", "metrics", "health"}) {
        refuse_unsupported(top, key);
    }
    const bool is_map = root.kind == YamlNode::Kind::kMap || root.kind == YamlNode::Kind::kNothing;
    if (is_map && value_of(top, "ports").is_empty() && value_of(top, "listen").is_empty()) {
        reading.log.fault(YamlPlace(), "expected 'ports' or 'listen': without, nobody is answered");
    }
}

}  // namespace

ConfigResult load_config(const std::string& path) {
    const auto file = base::read_file(path, kMaxConfigOctets);
    if (!file) {
        return {{}, {{{}, 0, 0, file.error().message}}, {}};
    }
    return parse_config(std::string(file->view()), path);
}

ConfigResult parse_config(const std::string& text, const std::string& path) {
    ConfigReading reading{.log = FaultLog(path), .folder = folder_of(path), .config = {}};
    reading.config.file = path;
    const auto yaml = parse_yaml(text);
    if (const auto* const fault = std::get_if<YamlFault>(&yaml)) {
        reading.log.fault(fault->place, fault->message);
    } else {
        read_sections(std::get<YamlNode>(yaml), reading);
    }
    return {std::move(reading.config), reading.log.take_faults(), reading.log.take_warnings()};
}

}  // namespace understudy::control
