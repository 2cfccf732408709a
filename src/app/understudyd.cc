#include <understudy/control/check.h>
#include <understudy/control/config.h>
#include <understudy/control/log.h>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "app/daemon.h"

namespace {

// What scripts and service managers rely on.
constexpr int kStopped = 0;
constexpr int kConfigurationRefused = 1;
constexpr int kWrongUsage = 2;
constexpr int kEnvironment = 3;

void print(const std::vector<understudy::base::Fault>& faults, const char* kind) {
    for (const auto& fault : faults) {
        (void)std::fprintf(stderr, "%s%s\n", fault.to_string().c_str(), kind);
    }
}

int check(const understudy::control::ConfigResult& read) {
    print(read.warnings, " (warning)");
    print(read.faults, "");
    const auto zone_faults =
        read.faults.empty() ? understudy::control::check_zone_files(read.config) : read.faults;
    if (read.faults.empty()) {
        print(zone_faults, "");
    }
    return zone_faults.empty() ? kStopped : kConfigurationRefused;
}

int serve(understudy::control::ConfigResult read) {
    if (!read.faults.empty()) {
        print(read.faults, "");
        (void)std::fprintf(stderr,
                           "understudyd: the configuration is refused: mend what is named above\n");
        return kConfigurationRefused;
    }
    understudy::control::set_log_level(read.config.server.log);
    for (const auto& warning : read.warnings) {
        understudy::control::log_warning(warning.to_string());
    }
    auto daemon = understudy::app::Daemon::start(std::move(read.config));
    if (!daemon) {
        (void)std::fprintf(stderr, "understudyd: %s\n", daemon.error().message.c_str());
        return kEnvironment;
    }
    (*daemon)->run();
    return kStopped;
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): CLI11 throws at options that contradict each other
int main(int argc, char** argv) {
    CLI::App app("Authoritative DNS server that stands in for the primary", "understudyd");
    std::string file;
    bool only_check = false;
    app.add_option("--config", file, "configuration file (YAML)")->required()->type_name("FILE");
    app.add_flag("--check", only_check, "check the configuration and its zone files, then exit");
    app.set_version_flag("--version", "understudyd " UNDERSTUDY_VERSION);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? kStopped : kWrongUsage;
    }
    auto read = understudy::control::load_config(file);
    return only_check ? check(read) : serve(std::move(read));
}
