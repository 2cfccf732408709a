#include "app/load_options.h"

#include <understudy/load/run.h>
#include <CLI/CLI.hpp>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

#include "app/exit_codes.h"
#include "app/rcode_names.h"
#include "control/config_cores.h"

namespace understudy::app {
namespace {

using base::Expected;
using base::fail;

constexpr std::uint16_t kDnsPort = 53;
constexpr double kMaxRate = 1e9;
constexpr double kMaxDurationSeconds = 86400;
constexpr std::uint32_t kMaxWindow = 1U << 20U;
constexpr std::uint16_t kMinEdnsOctets = 512;

/// The words of the command line before they are understood.
struct Words {
    std::string device;
    std::string target;
    std::string target_mac;
    std::string source;
    std::string rate = "max";
    std::string cores;
    std::string expect = "NOERROR,NXDOMAIN";
};

Expected<double> parse_positive(std::string_view text, double most) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !(value > 0) || value > most) {
        return fail("'" + std::string(text) + "' is no number above 0 and at most " +
                    std::to_string(static_cast<std::uint64_t>(most)));
    }
    return value;
}

Expected<base::MacAddress> parse_mac(std::string_view text) {
    constexpr std::size_t kStep = 3;  // two digits and a colon
    base::MacAddress mac{};
    bool good = text.size() == mac.size() * kStep - 1;
    for (std::size_t i = 0; good && i < mac.size(); ++i) {
        const char* at = text.data() + i * kStep;
        const auto [end, error] = std::from_chars(at, at + 2, mac[i], 16);
        good = error == std::errc() && end == at + 2 && (i + 1 == mac.size() || *end == ':');
    }
    if (!good) {
        return fail("'" + std::string(text) + "' is no MAC address such as 02:00:5e:00:00:53");
    }
    return mac;
}

Expected<std::uint16_t> parse_rcodes(std::string_view text) {
    std::uint16_t rcodes = 0;
    for (std::string_view rest = text;;) {
        const auto comma = rest.find(',');
        const auto* found =
            std::find(kRcodeNames.begin(), kRcodeNames.end(), rest.substr(0, comma));
        if (found == kRcodeNames.end()) {
            return fail("'" + std::string(text) +
                        "' is no list of rcodes such as NOERROR,NXDOMAIN,REFUSED");
        }
        rcodes = static_cast<std::uint16_t>(rcodes | 1U << (found - kRcodeNames.begin()));
        if (comma == std::string_view::npos) {
            return rcodes;
        }
        rest.remove_prefix(comma + 1);
    }
}

/// Stores what `parsed` brought, or the option's name with the reason.
template <typename Target, typename Value>
Expected<void> put(const char* option, Target& target, Expected<Value> parsed) {
    if (!parsed) {
        return fail(std::string(option) + ": " + parsed.error().message);
    }
    target = *std::move(parsed);
    return {};
}

Expected<void> understand_link(const Words& words, LoadOptions& options) {
    if (words.device != "socket") {
        if (auto done = put("--device", options.device, port::parse_device_name(words.device));
            !done) {
            return fail(done.error().message + ", or socket");
        }
    }
    if (auto done = put("--target", options.target, base::Endpoint::parse(words.target, kDnsPort));
        !done) {
        return done;
    }
    if (!words.target_mac.empty()) {
        if (!options.device) {
            return fail("--target-mac: a kernel socket finds it by itself");
        }
        if (auto done = put("--target-mac", options.target_mac, parse_mac(words.target_mac));
            !done) {
            return done;
        }
    }
    if (words.source.empty()) {
        return {};
    }
    return put("--source", options.source, base::IpPrefix::parse(words.source));
}

Expected<void> understand(const Words& words,
                          const std::vector<unsigned>& available,
                          LoadOptions& options) {
    if (auto done = understand_link(words, options); !done) {
        return done;
    }
    if (words.rate != "max") {
        if (auto done = put("--rate", options.rate, parse_positive(words.rate, kMaxRate)); !done) {
            return fail(done.error().message + ", or max");
        }
    }
    options.cores = {available.back()};
    if (!words.cores.empty()) {
        if (auto done = put("--cores", options.cores, control::parse_cores(words.cores, available));
            !done) {
            return done;
        }
    }
    if (options.cores.size() > load::PortPlan::kMaxCores) {
        return fail("--cores: at most " + std::to_string(load::PortPlan::kMaxCores));
    }
    if (options.reflected && !options.device) {
        return fail("--reflected: whole frames come back, which a kernel socket does not take");
    }
    return put("--expect", options.expected_rcodes, parse_rcodes(words.expect));
}

void add_options(CLI::App& app, Words& words, LoadOptions& options) {
    app.add_option(
           "--device", words.device, "as in the daemon's `ports`, or socket for a kernel socket")
        ->required();
    app.add_option("--target", words.target, "the server")->type_name("ADDR[@PORT]")->required();
    app.add_option("--queries", options.queries, "a query NAME TYPE on each line")
        ->type_name("FILE")
        ->required();
    app.add_option("--rate",
                   words.rate,
                   "queries a second whether answers come or not, or max: as fast as answers come")
        ->type_name("QPS|max")
        ->capture_default_str();
    app.add_option("--window", options.window, "with max: queries a core that may wait for answers")
        ->check(CLI::Range(1U, kMaxWindow))
        ->capture_default_str();
    app.add_option("--burst", options.burst, "queries handed to the device at a time")
        ->check(CLI::Range(1U, static_cast<unsigned>(port::kMaxBurst)))
        ->capture_default_str();
    app.add_option("--duration", options.duration_s, "seconds")
        ->check(CLI::Range(0.01, kMaxDurationSeconds))
        ->capture_default_str();
    app.add_option(
           "--cores", words.cores, "cores that send, such as 2-3 or 2,4 (default: the last)")
        ->type_name("LIST");
    app.add_option("--source", words.source, "queries come from random addresses of this network")
        ->type_name("CIDR");
    app.add_option("--target-mac", words.target_mac, "else it is asked for by ARP or NDP")
        ->type_name("MAC");
    app.add_option("--edns", options.query.edns_octets, "add an OPT record with this payload size")
        ->check(CLI::Range(kMinEdnsOctets, std::uint16_t{65535}))
        ->type_name("SIZE");
    app.add_flag(
        "--dnssec", options.query.dnssec_ok, "set DO (and --edns 1232 if it is not given)");
    app.add_option("--expect", words.expect, "rcodes that are no fault")
        ->type_name("RCODES")
        ->capture_default_str();
    app.add_flag("--reflected",
                 options.reflected,
                 "the far end is no name server but returns frames with MAC addresses exchanged");
    app.add_option("--json", options.json, "write the report here")->type_name("FILE");
    app.add_option("--plot", options.plot, "draw latencies and rates")->type_name("FILE.png");
    app.add_flag("--quiet", options.quiet, "no progress line");
}

}  // namespace

tl::expected<LoadOptions, LoadUsage> parse_load_options(int argc,
                                                        const char* const* argv,
                                                        const std::vector<unsigned>& available) {
    LoadOptions options;
    Words words;
    CLI::App app("Asks a name server as often as it is told, and checks the answers.",
                 "understudy-load");
    app.footer(
        "Exit codes: 0 done and every answer was right, 1 wrong answers or a refused query file, "
        "2 wrong usage, 3 environment (device, memory, privileges).");
    app.set_version_flag("--version", "understudy-load " UNDERSTUDY_VERSION);
    add_options(app, words, options);
    const auto refused = [&](const std::string& why) {
        return tl::unexpected(LoadUsage{kWrongUsage, "understudy-load: " + why + "\n"});
    };
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        return tl::unexpected(LoadUsage{kDone, app.help()});
    } catch (const CLI::CallForVersion&) {
        return tl::unexpected(LoadUsage{kDone, app.version() + "\n"});
    } catch (const CLI::ParseError& error) {
        return refused(std::string(error.what()) + " (--help tells more)");
    }
    if (auto done = understand(words, available, options); !done) {
        return refused(done.error().message);
    }
    return options;
}

}  // namespace understudy::app
