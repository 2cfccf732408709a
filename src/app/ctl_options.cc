#include "app/ctl_options.h"

#include <understudy/net/packet_filter.h>
#include <understudy/ops/protocol.h>
#include <CLI/CLI.hpp>
#include <cstdint>
#include <utility>

#include "app/exit_codes.h"

namespace understudy::app {
namespace {

constexpr std::uint32_t kDefaultPatience_s = 60;
constexpr std::uint32_t kMaxPatience_s = 7 * 24 * 3600;

/// What the parser fills in beside the options.
struct Arguments {
    std::string zone;
    bool names = false;
    std::uint32_t patience_s = kDefaultPatience_s;
    std::string filter;
    std::uint32_t capture_s = 0;
    std::vector<std::string> of_later_commands;
};

/// A word that later versions know. It is for the daemon to say whether it does, so what follows
/// the word does not matter; --json is understood there too.
void add_later(CLI::App& app, const std::string& name, Arguments& arguments) {
    app.add_subcommand(name, "")->group("")->add_option("ARGUMENTS", arguments.of_later_commands);
}

void add_zone(CLI::App& app, CtlOptions& options, Arguments& arguments) {
    CLI::App* zone = app.add_subcommand("zone", "all of one zone, or an action on it");
    zone->add_option("NAME", arguments.zone, "the zone, with or without the final dot")->required();
    zone->require_subcommand(0, 1);
    zone->add_subcommand("refresh", "asks the primaries for news now");
    zone->add_subcommand("retransfer", "transfers the zone anew, news or not");
    zone->add_subcommand("notify", "tells the zone's `notify` remotes of its serial");
    zone->add_subcommand("reload", "reads a primary zone's file again and waits for the outcome");
    zone->add_subcommand("dump", "writes the zone as a master file")
        ->add_option("FILE", options.dump_file, "where to; default: standard output");
    add_later(*zone, "promote", arguments);
    add_later(*zone, "demote", arguments);
}

void add_capture(CLI::App& app, CtlOptions& options, Arguments& arguments) {
    CLI::App* capture =
        app.add_subcommand("capture", "writes packets as the workers see them, as pcapng");
    capture->add_option("--filter",
                        arguments.filter,
                        "only those that match, in tcpdump's language (pcap-filter(7))");
    capture->add_option("--count", options.capture.count, "packets after which to end")
        ->check(CLI::PositiveNumber);
    capture->add_option("--seconds", arguments.capture_s, "seconds after which to end")
        ->check(CLI::Range(std::uint32_t{1}, kMaxPatience_s));
    capture->add_option("--out", options.capture.file, "where to; default: standard output")
        ->type_name("FILE");
}

void add_commands(CLI::App& app, CtlOptions& options, Arguments& arguments) {
    app.add_subcommand("status", "state, uptime, zones by state, answers a second");
    app.add_subcommand("zones", "a row for each zone");
    add_zone(app, options, arguments);
    app.add_subcommand("workers", "a row for each worker that polls ports");
    app.add_subcommand("stats", "all counters")
        ->add_flag("--names", arguments.names, "what each verdict means, instead of its count");
    app.add_subcommand("reload", "reads the configuration again and applies it");
    app.add_subcommand("stop", "drains and stops the daemon");
    app.add_subcommand("wait", "returns when every zone has valid data")
        ->add_option(
            "--timeout", arguments.patience_s, "seconds after which to give up with exit 1")
        ->check(CLI::Range(std::uint32_t{0}, kMaxPatience_s))
        ->capture_default_str();
    add_capture(app, options, arguments);
    for (const char* name : {"drain", "undrain", "health"}) {
        add_later(app, name, arguments);
    }
}

/// The command in the words of the daemon. REQUIRES: `app` has parsed a command line.
std::vector<std::string> words_of(const CLI::App& app, const Arguments& arguments) {
    const CLI::App* command = app.get_subcommands().front();
    std::vector<std::string> words{command->get_name()};
    if (words[0] == "zone") {
        words.push_back(arguments.zone);
    }
    for (const CLI::App* action : command->get_subcommands()) {
        words.push_back(action->get_name());
    }
    if (arguments.names) {
        words.emplace_back("--names");
    }
    return words;
}

}  // namespace

tl::expected<CtlOptions, CtlUsage> parse_ctl_options(int argc, const char* const* argv) {
    CtlOptions options;
    Arguments arguments;
    options.socket = ops::kDefaultSocket;
    CLI::App app("Controls a running understudyd.", "understudyctl");
    app.footer(
        "Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the daemon is not reachable.");
    app.set_version_flag("--version", "understudyctl " UNDERSTUDY_VERSION);
    app.add_option("--socket", options.socket, "the daemon's control socket")
        ->type_name("PATH")
        ->capture_default_str();
    app.add_flag("--json", options.json, "answers with one JSON document");
    app.require_subcommand(1);
    app.fallthrough();  // --json and --socket may follow the command
    add_commands(app, options, arguments);
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return tl::unexpected(CtlUsage{kDone, app.help()});
    } catch (const CLI::CallForVersion&) {
        return tl::unexpected(CtlUsage{kDone, app.version() + "\n"});
    } catch (const CLI::ParseError& error) {
        return tl::unexpected(CtlUsage{
            kWrongUsage, "understudyctl: " + std::string(error.what()) + "\n" + app.help()});
    }
    options.words = words_of(app, arguments);
    options.capture.duration = std::chrono::seconds(arguments.capture_s);
    const auto filter = net::PacketFilter::compile(arguments.filter);
    if (!filter) {
        return tl::unexpected(
            CtlUsage{kWrongUsage, "understudyctl: " + filter.error().message + "\n"});
    }
    options.capture.filter = filter->to_text();
    options.patience = std::chrono::seconds(arguments.patience_s);
    return options;
}

}  // namespace understudy::app
