#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <understudy/load/link.h>
#include <understudy/load/run.h>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "app/exit_codes.h"
#include "app/load_devices.h"
#include "app/load_options.h"
#include "app/load_report.h"
#include "control/config_cores.h"

namespace {

using namespace understudy;
using app::LoadOptions;

constexpr int kEnvironment = 3;
constexpr std::chrono::milliseconds kBetweenSamples{100};
constexpr std::size_t kSamplesAProgressLine = 10;

/// Of a day's run, the first three hours are drawn.
constexpr std::size_t kMaxSamples = 108'000;

std::atomic<load::Run*> running{nullptr};

void stop_running(int /*signal*/) {
    if (load::Run* run = running.load()) {
        run->stop();
    }
}

int refuse(int code, const std::string& why) {
    (void)std::fprintf(stderr, "understudy-load: %s\n", why.c_str());
    return code;
}

/// The tool that draws, which is installed beside this program.
std::filesystem::path plot_program() {
    std::error_code error;
    const auto self = std::filesystem::read_symlink("/proc/self/exe", error);
    return self.parent_path() / "understudy-load-plot";
}

/// Runs the tool; returns whether it ended well. What it complains of goes to our stderr.
bool run_plot_program(std::vector<std::string> words) {
    words.insert(words.begin(), plot_program().string());
    std::vector<char*> pointers;
    for (std::string& word : words) {
        pointers.push_back(word.data());
    }
    pointers.push_back(nullptr);
    pid_t child = 0;
    int status = 0;
    return ::posix_spawn(&child, pointers[0], nullptr, nullptr, pointers.data(), environ) == 0 &&
           ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/// What may fail after the run is tried before it.
base::Expected<void> check_outputs(const LoadOptions& options) {
    if (!options.json.empty() && !std::ofstream(options.json, std::ios::app)) {
        return base::fail("--json: " + options.json + " cannot be written");
    }
    if (!options.plot.empty() && !run_plot_program({"--check", options.plot})) {
        return base::fail("--plot: nothing can be drawn: see above");
    }
    return {};
}

base::Expected<load::Plan> make_plan(const LoadOptions& options,
                                     const load::QuerySet& queries,
                                     const app::LoadDevices& devices) {
    load::Plan plan;
    plan.queries = &queries;
    plan.server = options.target;
    plan.returning = options.reflected ? net::Returning::kReflected : net::Returning::kAnswered;
    plan.expected_rcodes = options.expected_rcodes;
    plan.window = options.window;
    plan.burst = options.burst;
    if (options.rate) {
        plan.rate_a_core = *options.rate / static_cast<double>(options.cores.size());
    }
    if (!options.device) {
        plan.sources = load::Sources::fixed(devices.source().address);
        return plan;
    }
    auto sources = load::Sources::make(devices.source(), options.target.address);
    if (!sources) {
        return tl::unexpected(sources.error());
    }
    plan.sources = *std::move(sources);
    std::vector<port::PacketPort*> ports;
    for (const load::CoreShare& share : devices.shares()) {
        ports.insert(ports.end(), share.ports.begin(), share.ports.end());
    }
    const load::Link link(ports.front()->mac(), plan.sources, plan.server.address);
    const auto mac = load::find_server(ports, link, options.target_mac);
    if (!mac) {
        return tl::unexpected(mac.error());
    }
    plan.server_mac = *mac;
    return plan;
}

/// Follows the run to its end.
std::vector<load::Sample> watch(const load::Run& run, bool quiet) {
    const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
    std::vector<load::Sample> samples{load::Sample{}};
    load::Sample shown;
    for (std::size_t count = 1; run.is_running(); ++count) {
        std::this_thread::sleep_for(kBetweenSamples);
        const load::Sample now = run.sample();
        if (samples.size() < kMaxSamples) {
            samples.push_back(now);
        }
        if (!quiet && count % kSamplesAProgressLine == 0) {
            (void)std::fprintf(stderr,
                               is_terminal ? "\r\033[K%s" : "%s\n",
                               app::progress_text(shown, now).c_str());
            shown = now;
        }
    }
    if (!quiet && is_terminal) {
        (void)std::fputs("\r\033[K", stderr);
    }
    return samples;
}

/// A file for the drawing tool where --json asked for none.
class ReportFile {
  public:
    explicit ReportFile(const LoadOptions& options)
        : name_(options.json), is_temporary_(options.json.empty()) {
        if (is_temporary_) {
            name_ = options.plot + ".json." + std::to_string(::getpid());
        }
    }
    ReportFile(const ReportFile&) = delete;
    ReportFile& operator=(const ReportFile&) = delete;
    ~ReportFile() {
        if (is_temporary_) {
            (void)::unlink(name_.c_str());
        }
    }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] bool write(const std::string& text) const {
        std::ofstream out(name_, std::ios::trunc);
        out << text;
        return static_cast<bool>(out.flush());
    }

  private:
    std::string name_;
    bool is_temporary_;
};

base::Expected<void> write_outputs(const LoadOptions& options, const std::string& json) {
    if (options.json.empty() && options.plot.empty()) {
        return {};
    }
    const ReportFile file(options);
    if (!file.write(json)) {
        return base::fail(file.name() + " cannot be written");
    }
    if (!options.plot.empty() && !run_plot_program({file.name(), options.plot})) {
        return base::fail("--plot: nothing was drawn: see above");
    }
    return {};
}

int load_target(const LoadOptions& options, const load::QuerySet& queries) {
    auto devices = app::LoadDevices::open(options);
    if (!devices) {
        return refuse(kEnvironment, devices.error().message);
    }
    for (const std::string& warning : devices->warnings()) {
        (void)std::fprintf(stderr, "understudy-load: warning: %s\n", warning.c_str());
    }
    const auto plan = make_plan(options, queries, *devices);
    if (!plan) {
        return refuse(kEnvironment, plan.error().message);
    }
    load::Run run(*plan, devices->ports(), devices->shares());
    running.store(&run);
    (void)std::signal(SIGINT, stop_running);
    (void)std::signal(SIGTERM, stop_running);
    run.start(std::chrono::duration<double>(options.duration_s));
    const auto samples = watch(run, options.quiet);
    running.store(nullptr);
    const auto report = run.finish();
    (void)std::fputs(app::load_report_text(*report, options).c_str(), stdout);
    if (const auto written =
            write_outputs(options, app::load_report_json(*report, options, samples));
        !written) {
        return refuse(kEnvironment, written.error().message);
    }
    const std::string faults = app::load_faults_text(report->totals);
    return faults.empty() ? app::kDone : refuse(app::kFailed, "wrong answers: " + faults);
}

}  // namespace

// NOLINTNEXTLINE(bugprone-exception-escape): CLI11 throws at options that contradict each other
int main(int argc, char** argv) {
    const auto options = app::parse_load_options(argc, argv, control::available_cores());
    if (!options) {
        (void)std::fputs(options.error().text.c_str(),
                         options.error().exit_code == 0 ? stdout : stderr);
        return options.error().exit_code;
    }
    if (const auto possible = check_outputs(*options); !possible) {
        return refuse(kEnvironment, possible.error().message);
    }
    const auto queries = load::QuerySet::read(options->queries, options->query);
    if (!queries) {
        for (const base::Fault& fault : queries.error()) {
            (void)std::fprintf(stderr, "%s\n", fault.to_string().c_str());
        }
        return refuse(app::kFailed, "the query file is refused: mend what is named above");
    }
    return load_target(*options, *queries);
}
