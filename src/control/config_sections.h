#pragma once

#include <understudy/control/config.h>
#include <filesystem>
#include <string>
#include <string_view>
#include "control/config_reader.h"

/// The sections of the configuration. Each function reads one of them into what the reading has so
/// far; it needs the sections named before it here, since it may refer to them.
namespace understudy::control {

/// A configuration on its way to becoming one.
struct ConfigReading {
    FaultLog log;
    std::filesystem::path folder;  // that relative paths are relative to
    Config config;
    Definitions keys{"key"};
    Definitions remotes{"remote"};
    Definitions acls{"acl"};

    /// The path as the rest of the program uses it.
    [[nodiscard]] std::string absolute(std::string_view path) const {
        return (folder / path).lexically_normal().string();
    }
};

// config_server.cc
void read_server(const YamlNode& node, ConfigReading& reading);
void read_workers(const YamlNode& node, ConfigReading& reading);

/// Chooses the cores where `auto` leaves them to us, and warns of what will cost the workers speed
/// there. REQUIRES: workers and ports are read.
void settle_cores(const YamlNode& workers, ConfigReading& reading);

// config_ports.cc
void read_ports(const YamlNode& node, ConfigReading& reading);
void read_listen(const YamlNode& node, ConfigReading& reading);

// config_access.cc
void read_keys(const YamlNode& node, ConfigReading& reading);
void read_remotes(const YamlNode& node, ConfigReading& reading);
void read_acls(const YamlNode& node, ConfigReading& reading);

// config_zones.cc
void read_zones(const YamlNode& templates, const YamlNode& zones, ConfigReading& reading);

}  // namespace understudy::control
