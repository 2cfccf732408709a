#include <understudy/port/device_name.h>
#include <unistd.h>
#include <array>
#include <set>
#include "control/config_cores.h"
#include "control/config_scalars.h"
#include "control/config_sections.h"
#include "control/topology.h"

namespace understudy::control {
namespace {

constexpr std::string_view kDefaultState = "/var/lib/understudy";
constexpr std::string_view kDefaultControl = "/run/understudy/control.sock";

// Every client takes 512 octets; beyond 4096 RFC 6891 §6.2.5 sees nothing to gain, and what is
// fragmented gets lost.
constexpr std::uint16_t kMinUdpPayloadOctets = 512;
constexpr std::uint16_t kMaxUdpPayloadOctets = 4096;

std::string host_name() {
    std::array<char, kMaxIdentityOctets + 1> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

using LogParser = WordParser<ServerConfig::Log, 4>;
constexpr LogParser kLogParser({{{"error", ServerConfig::Log::kError},
                                 {"warning", ServerConfig::Log::kWarning},
                                 {"info", ServerConfig::Log::kInfo},
                                 {"debug", ServerConfig::Log::kDebug}}});

using IdleParser = WordParser<WorkersConfig::Idle, 2>;
constexpr IdleParser kIdleParser({{{"busy", WorkersConfig::Idle::kBusy},
                                   {"adaptive", WorkersConfig::Idle::kAdaptive}}});

base::Expected<WorkersConfig::HugePages> parse_huge_pages(std::string_view text) {
    if (text == "auto") {
        return WorkersConfig::HugePages::kAuto;
    }
    const auto is_on = parse_switch(text);
    if (!is_on) {
        return expected("auto, on or off", text);
    }
    return *is_on ? WorkersConfig::HugePages::kOn : WorkersConfig::HugePages::kOff;
}

base::Expected<std::string> parse_socket_path(std::string_view text, const ConfigReading& reading) {
    if (text.empty()) {
        return expected("the path of a socket", text);
    }
    std::string path = reading.absolute(text);
    if (path.size() > port::kMaxSocketPathOctets) {
        return expected("a path of at most " + std::to_string(port::kMaxSocketPathOctets) +
                            " octets, which is what a socket can have",
                        path);
    }
    return path;
}

void read_core_list(const YamlNode& list, ConfigReading& reading) {
    auto& cores = reading.config.workers.cores;
    cores.clear();
    for (const YamlNode& item : list.items) {
        const auto some = read_value(item, reading.log, [](std::string_view text) {
            return parse_cores(text, available_cores());
        });
        for (const unsigned core : some.value_or(std::vector<unsigned>())) {
            if (std::ranges::find(cores, core) != cores.end()) {
                reading.log.fault(item, "core " + std::to_string(core) + " stands twice");
            } else {
                cores.push_back(core);
            }
        }
    }
    if (list.items.empty()) {
        reading.log.fault(list, "expected at least one core, found an empty list");
    }
}

}  // namespace

void read_server(const YamlNode& node, ConfigReading& reading) {
    static constexpr std::array<std::string_view, 10> kKeys{"identity",
                                                            "version",
                                                            "nsid",
                                                            "user",
                                                            "state",
                                                            "control",
                                                            "log",
                                                            "max-udp-payload",
                                                            "cookies",
                                                            "cookie-secrets"};
    const Section section(node, kKeys, reading.log);
    ServerConfig& server = reading.config.server;
    server.identity = host_name();
    server.version = "understudy " UNDERSTUDY_VERSION;
    server.state = kDefaultState;
    server.control = kDefaultControl;

    read_key(section, "identity", server.identity, parse_identity);
    read_key(section, "version", server.version, parse_identity);
    read_key(section, "nsid", server.nsid, parse_octets);
    read_key(section, "user", server.user, parse_text);
    read_key(section, "state", server.state, [&](std::string_view text) {
        return parse_text(text).map([&](const auto& path) { return reading.absolute(path); });
    });
    read_key(section, "control", server.control, [&](std::string_view text) {
        return parse_socket_path(text, reading);
    });
    read_key(section, "log", server.log, kLogParser);
    read_key(section,
             "max-udp-payload",
             server.max_udp_payload_octets,
             number_parser(kMinUdpPayloadOctets, kMaxUdpPayloadOctets));
    refuse_switched_on(section, "cookies");
    refuse_unsupported(section, "cookie-secrets");
}

void read_workers(const YamlNode& node, ConfigReading& reading) {
    static constexpr std::array<std::string_view, 3> kKeys{"cores", "idle", "huge-pages"};
    const Section section(node, kKeys, reading.log);
    WorkersConfig& workers = reading.config.workers;
    const YamlNode* const cores = section.find("cores");
    if (cores != nullptr && cores->kind == YamlNode::Kind::kList) {
        read_core_list(*cores, reading);
    } else {
        read_key(section, "cores", workers.cores, [](std::string_view text) {
            return text == "auto" ? base::Expected<std::vector<unsigned>>()
                                  : parse_cores(text, available_cores());
        });
    }
    read_key(section, "idle", workers.idle, kIdleParser);
    read_key(section, "huge-pages", workers.huge_pages, parse_huge_pages);
}

void settle_cores(const YamlNode& node, ConfigReading& reading) {
    const Topology& machine = Topology::of_machine();
    std::set<unsigned> nodes;
    for (const PortConfig& port : reading.config.ports) {
        if (const auto on = machine.node_of(port.device)) {
            nodes.insert(*on);
        }
    }
    const std::vector<unsigned> device_nodes(nodes.begin(), nodes.end());
    std::vector<unsigned>& cores = reading.config.workers.cores;
    if (cores.empty()) {
        cores = choose_cores(machine, available_cores(), device_nodes, kMaxAutoWorkers);
    }
    if (!reading.config.ports.empty()) {
        for (std::string& warning : core_warnings(machine, cores, device_nodes)) {
            reading.log.warning(node, std::move(warning));
        }
    }
}

}  // namespace understudy::control
