#include "app/daemon.h"

#include <understudy/control/control_plane.h>
#include <understudy/control/core_load.h>
#include <understudy/control/log.h>
#include <understudy/control/state_store.h>
#include <understudy/ops/control_server.h>
#include <understudy/ops/notify.h>
#include <understudy/ops/plane_operations.h>
#include <understudy/rcu/published.h>
#include <understudy/socket/stream_server.h>
#include <understudy/socket/udp_port.h>
#include <understudy/worker/worker.h>
#include <algorithm>
#include <asio/io_context.hpp>
#include <asio/signal_set.hpp>
#include <asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/cores.h"
#include "app/polled_ports.h"
#include "app/privileges.h"
#include "app/stream_service.h"

namespace understudy::app {
namespace {

/// Threads that answer over kernel sockets, at the most: one for each core that the workers leave.
constexpr std::size_t kMaxSocketThreads = 16;

answer::Context answer_context(const control::ServerConfig& server) {
    return {.identity = server.identity,
            .version = server.version,
            .nsid = server.nsid,
            .max_udp_payload_octets = server.max_udp_payload_octets};
}

worker::Idle to_worker(control::WorkersConfig::Idle idle) {
    return idle == control::WorkersConfig::Idle::kBusy ? worker::Idle::kBusy
                                                       : worker::Idle::kAdaptive;
}

/// How old news of a link is at the most when it is logged.
constexpr std::chrono::seconds kLinkInterval{1};

/// How long to watch the workers' cores before the workers have them.
constexpr std::chrono::milliseconds kWatchCores{60};

/// REQUIRES: this process keeps off them.
void warn_of_busy_cores(std::span<const unsigned> cores) {
    const auto before = control::read_core_times("/proc");
    std::this_thread::sleep_for(kWatchCores);
    const auto after = control::read_core_times("/proc");
    for (const std::string& warning : control::busy_core_warnings(before, after, cores)) {
        control::log_warning(warning);
    }
}

}  // namespace

// In the order in which things are made; they go in the reverse.
struct Daemon::Parts {
    Parts(control::Config&& config,
          PolledPorts&& opened,
          std::unique_ptr<control::StateStore> state,
          std::size_t socket_threads)
        : settings(config),
          context(answer_context(config.server)),
          hash_key(state ? state->hash_key() : zone::HashKey::random()),
          polled(std::move(opened)),
          published(reclaimer),
          plane(std::move(config), published, hash_key, context, std::move(state)),
          streams(published, context, plane.requests()),
          socket_thread_count(settings.listen.empty() ? 0 : socket_threads) {}

    [[nodiscard]] base::Expected<void> open_sockets();
    [[nodiscard]] base::Expected<void> open_control_socket();
    void make_workers();
    void add_worker(worker::WorkerSettings worker_settings, std::vector<ops::PolledQueue> queues);
    void catch_signals();
    void watch_links();
    void start();
    void stop();

    control::Config settings;  // as it was at the start: what a reload does not change
    answer::Context context;
    zone::HashKey hash_key;
    PolledPorts polled;
    rcu::Reclaimer reclaimer;
    rcu::Published<zone::Snapshot> published;
    control::ControlPlane plane;
    StreamService streams;
    std::unique_ptr<socket::StreamServer> stream_server;
    std::size_t socket_thread_count;
    std::vector<std::unique_ptr<socket::UdpPort>> udp_ports;
    worker::PublishedCapture captures{reclaimer};
    std::vector<std::unique_ptr<worker::Worker>> workers;
    ops::CounterSources sources;
    ops::PlaneOperations operations{plane};
    base::SystemClock clock;
    std::unique_ptr<ops::ControlServer> control_server;
    ops::Notifier notifier = ops::Notifier::from_environment();
    asio::signal_set signals{plane.loop()};
    asio::steady_timer link_timer{plane.loop()};
};

base::Expected<void> Daemon::Parts::open_sockets() {
    // TCP first: its socket is exclusive and finds out whether somebody else has the endpoint.
    std::vector<base::Endpoint> endpoints = settings.listen;
    for (const base::Endpoint& endpoint : polled.stream_endpoints()) {
        if (std::ranges::find(endpoints, endpoint) == endpoints.end()) {
            endpoints.push_back(endpoint);
        }
    }
    if (!endpoints.empty()) {
        auto server = socket::StreamServer::open(endpoints, streams);
        if (!server) {
            return base::fail(server.error().message);
        }
        stream_server = std::move(*server);
    }
    for (std::size_t i = 0; i < socket_thread_count; ++i) {
        auto port = socket::UdpPort::open(settings.listen);
        if (!port) {
            return base::fail(port.error().message);
        }
        udp_ports.push_back(std::move(*port));
    }
    return {};
}

void Daemon::Parts::add_worker(worker::WorkerSettings worker_settings,
                               std::vector<ops::PolledQueue> queues) {
    const std::optional<unsigned> core = worker_settings.core;
    auto made = std::make_unique<worker::Worker>(
        std::move(worker_settings), published, context, plane.wake_up());
    plane.attach(made->rings(), [worker = made.get()] { worker->wake(); });
    sources.threads.push_back(
        {.counters = &made->counters(), .core = core, .polled = std::move(queues)});
    workers.push_back(std::move(made));
}

void Daemon::Parts::make_workers() {
    sources.captures = &captures;
    for (const WorkerShare& share : polled.shares()) {
        add_worker({.core = share.core,
                    .idle = to_worker(settings.workers.idle),
                    .ports = share.bindings,
                    .captures = &captures,
                    .capture_ring = workers.size()},
                   share.queues);
    }
    for (const auto& port : udp_ports) {
        add_worker({.core = std::nullopt,
                    .idle = worker::Idle::kSleep,
                    .ports = {{.port = port.get(), .service = nullptr}}},
                   {});
    }
    sources.ports = polled.sources();
    if (stream_server) {
        sources.threads.push_back(
            {.counters = &streams.counters(), .core = std::nullopt, .polled = {}});
        sources.others.push_back({"tcp_accepted", &stream_server->counters().accepted});
        sources.others.push_back({"tcp_requests", &stream_server->counters().requests});
        sources.others.push_back({"tcp_messages", &stream_server->counters().messages});
    }
}

base::Expected<void> Daemon::Parts::open_control_socket() {
    auto server =
        ops::ControlServer::open(plane.loop(), settings.server.control, operations, sources, clock);
    if (!server) {
        return base::fail(server.error().message);
    }
    control_server = std::move(*server);
    return {};
}

void Daemon::Parts::catch_signals() {
    signals.async_wait([this](const asio::error_code& error, int signal) {
        if (error) {
            return;
        }
        if (signal != SIGHUP) {
            control::log_info("stopping: signal " + std::to_string(signal));
            plane.stop();
            return;
        }
        notifier.reloading(clock.now());
        plane.reload(
            [this](const control::ReloadReport&) { notifier.ready(); });  // the log says the rest
        catch_signals();
    });
}

void Daemon::Parts::watch_links() {
    polled.watch_links();
    link_timer.expires_after(kLinkInterval);
    link_timer.async_wait([this](const asio::error_code& error) {
        if (!error) {
            watch_links();
        }
    });
}

void Daemon::Parts::start() {
    polled.start_twins();
    if (!settings.ports.empty()) {
        watch_links();
    }
    for (const auto& worker : workers) {
        worker->start();
    }
    if (stream_server) {
        stream_server->start();
    }
    operations.set_serving();
    control::log_info("serving " + std::to_string(settings.zones.size()) + " zones with " +
                      std::to_string(polled.shares().size()) + " workers and " +
                      std::to_string(udp_ports.size()) + " socket threads");
    notifier.ready();
}

void Daemon::Parts::stop() {
    notifier.stopping();
    for (const auto& worker : workers) {
        worker->request_stop();
    }
    for (const auto& worker : workers) {
        worker->join();
    }
    if (stream_server) {
        stream_server->stop();
    }
    control::log_info("stopped");
}

namespace {

/// The state folder, or null where it cannot be had: that costs no answer.
std::unique_ptr<control::StateStore> open_state(const control::ServerConfig& server) {
    auto store = make_private_folder(server.state, server.user).and_then([&server] {
        return control::StateStore::open(server.state);
    });
    if (store) {
        for (const std::string& file : (*store)->files()) {
            if (auto given = give_file(file, server.user); !given) {
                control::log_warning("server.state: " + given.error().message);
            }
        }
        return *std::move(store);
    }
    control::log_warning("server.state: " + store.error().message +
                         ": zones are kept in memory alone, and transferred again after a restart");
    return nullptr;
}

}  // namespace

base::Expected<std::unique_ptr<Daemon>> Daemon::start(control::Config config) {
    (void)std::signal(SIGPIPE, SIG_IGN);
    const auto cores = leave_cores_to_workers(config.ports.empty() ? std::vector<unsigned>()
                                                                   : config.workers.cores);
    if (!config.ports.empty()) {
        warn_of_busy_cores(config.workers.cores);
    }
    auto polled = PolledPorts::open(config);
    if (!polled) {
        return base::fail(polled.error().message);
    }
    for (const std::string& warning : polled->warnings()) {
        control::log_warning(warning);
    }
    const std::string user = config.server.user;
    auto state = open_state(config.server);
    auto parts = std::make_unique<Parts>(std::move(config),
                                         std::move(*polled),
                                         std::move(state),
                                         std::min(cores.size(), kMaxSocketThreads));
    if (auto opened = parts->open_sockets(); !opened) {
        return base::fail(opened.error().message);
    }
    parts->make_workers();
    if (auto opened = parts->open_control_socket(); !opened) {
        return base::fail(opened.error().message);
    }
    if (!user.empty()) {
        if (auto dropped = drop_privileges(user); !dropped) {
            return base::fail(dropped.error().message);
        }
    }
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) {
        parts->signals.add(signal);
    }
    parts->catch_signals();
    parts->plane.load_zone_files();
    parts->plane.load_state();
    parts->start();
    return std::unique_ptr<Daemon>(new Daemon(std::move(parts)));
}

Daemon::Daemon(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}

Daemon::~Daemon() {
    const RaisedCapabilities raised;  // addresses go, and what drivers leave on interfaces
    parts_.reset();
}

void Daemon::run() {
    parts_->plane.run();
    parts_->stop();
}

}  // namespace understudy::app
