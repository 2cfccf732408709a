#include <understudy/control/control_plane.h>

#include <understudy/base/check.h>
#include <understudy/control/log.h>
#include <algorithm>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/thread_pool.hpp>
#include <map>
#include <thread>
#include <utility>

#include "control/config_changes.h"
#include "control/deferred_service.h"
#include "control/environment.h"
#include "control/primary_zone.h"
#include "control/publisher.h"
#include "control/scheduler.h"
#include "control/secondary_zone.h"

namespace understudy::control {
namespace {

std::size_t builder_threads() { return std::clamp(std::thread::hardware_concurrency(), 1U, 4U); }

/// A reload under way: tells of itself when its last part is gone.
struct Reloading {
    Reloading(asio::io_context& its_loop, std::function<void(ReloadReport)> its_done)
        : loop(its_loop), done(std::move(its_done)) {}
    Reloading(const Reloading&) = delete;
    Reloading& operator=(const Reloading&) = delete;
    ~Reloading() {
        // Behind the publication of what was read, which is on its way already.
        asio::post(loop, [done = std::move(done), report = std::move(report)] { done(report); });
    }

    asio::io_context& loop;
    std::function<void(ReloadReport)> done;
    ReloadReport report;
};

}  // namespace

struct ControlPlane::State {
    State(Config first,
          rcu::Published<zone::Snapshot>& published,
          const zone::HashKey& key,
          const answer::Context& context,
          std::unique_ptr<StateStore> its_store)
        : store(std::move(its_store)),
          config(std::make_shared<const Config>(std::move(first))),
          publisher(published, key),
          // What NOTIFY leads to happens on the control thread, whoever received it.
          handler(context,
                  clock,
                  [this](const NotifyEvent& event) {
                      asio::post(loop, [this, event] { on_notify(event); });
                  }),
          deferred(loop, handler, publisher) {
        handler.set_policy(std::make_shared<const Policy>(*config));
        environment.state = store.get();
        handler.set_differences(environment.differences);
        for (const ZoneConfig& zone : config->zones) {
            add(zone);
        }
        publisher.publish();
    }

    void add(const ZoneConfig& zone) {
        std::shared_ptr<ManagedZone> made;
        if (zone.is_primary()) {
            made = std::make_shared<PrimaryZone>(environment, zone);
        } else {
            made = std::make_shared<SecondaryZone>(environment, zone);
        }
        publisher.set(
            {.apex = zone.name, .zone = nullptr, .access = Policy::query_access(*config, zone)});
        zones.insert_or_assign(zone.name, std::move(made));
    }

    /// What the state folder has of a zone that came while running.
    void load(const wire::Name& name) {
        const auto secondary = std::dynamic_pointer_cast<SecondaryZone>(find(name));
        if (auto saved = secondary && store ? store->load(name) : std::nullopt) {
            secondary->take_saved(*std::move(saved));
        }
    }

    [[nodiscard]] std::shared_ptr<ManagedZone> find(const wire::Name& name) const {
        const auto found = zones.find(name);
        return found == zones.end() ? nullptr : found->second;
    }

    void publish_soon() {
        if (!std::exchange(publication_due, true)) {
            asio::post(loop, [this] {
                publication_due = false;
                publisher.publish();
            });
        }
    }

    // NOLINTNEXTLINE(readability-make-member-function-const): a zone is refreshed
    void on_notify(const NotifyEvent& event) {
        const auto zone = std::dynamic_pointer_cast<SecondaryZone>(find(event.zone));
        if (!zone) {
            return;  // removed meanwhile
        }
        log_info("zone " + event.zone.to_text() + ": NOTIFY from " + event.from.to_string() +
                 (event.serial ? " of serial " + std::to_string(*event.serial) : ""));
        zone->trigger(event.from, false);
    }

    void apply(const ConfigChanges& changes,
               Config next,
               const std::shared_ptr<Reloading>& reloading);
    static void read_file(const std::shared_ptr<PrimaryZone>& zone,
                          const std::shared_ptr<Reloading>& reloading);

    base::SystemClock clock;
    std::unique_ptr<StateStore> store;
    std::shared_ptr<const Config> config;
    Publisher publisher;
    asio::io_context loop{1};
    asio::thread_pool builders{builder_threads()};
    RequestHandler handler;
    Scheduler scheduler{loop};
    Environment environment{
        loop, builders, publisher, scheduler, clock, config, [this] { publish_soon(); }};
    std::map<wire::Name, std::shared_ptr<ManagedZone>> zones;
    DeferredService deferred;
    bool publication_due = false;
};

ControlPlane::ControlPlane(Config config,
                           rcu::Published<zone::Snapshot>& published,
                           const zone::HashKey& key,
                           const answer::Context& context,
                           std::unique_ptr<StateStore> state)
    : state_(
          std::make_unique<State>(std::move(config), published, key, context, std::move(state))) {}

ControlPlane::~ControlPlane() {
    state_->builders.stop();  // what is queued is not begun
    state_->builders.join();
}

void ControlPlane::load_zone_files() {
    const zone::HashKey key = state_->publisher.hash_key();
    std::vector<std::pair<std::shared_ptr<PrimaryZone>, LoadedZone>> loads;
    for (const auto& [name, zone] : state_->zones) {
        if (auto primary = std::dynamic_pointer_cast<PrimaryZone>(zone)) {
            loads.emplace_back(std::move(primary), LoadedZone{});
        }
    }
    asio::thread_pool readers(builder_threads());
    for (auto& load : loads) {
        asio::post(readers, [&load, key] {
            const ZoneConfig& config = load.first->config();
            load.second = load_zone_file(config.file, config.name, key);
        });
    }
    readers.join();
    for (auto& [zone, loaded] : loads) {
        zone->take(std::move(loaded));
    }
    state_->publisher.publish();
}

void ControlPlane::load_state() {
    if (!state_->store) {
        return;
    }
    std::vector<std::pair<std::shared_ptr<SecondaryZone>, std::optional<StateStore::Saved>>> loads;
    for (const auto& [name, zone] : state_->zones) {
        if (auto secondary = std::dynamic_pointer_cast<SecondaryZone>(zone)) {
            loads.emplace_back(std::move(secondary), std::nullopt);
        }
    }
    asio::thread_pool readers(builder_threads());
    for (auto& load : loads) {
        asio::post(readers, [&load, store = state_->store.get()] {
            load.second = store->load(load.first->config().name);
        });
    }
    readers.join();
    for (auto& [zone, saved] : loads) {
        if (saved) {
            zone->take_saved(*std::move(saved));
        }
    }
    state_->publisher.publish();
}

void ControlPlane::attach(port::DeferredRings& rings, std::function<void()> wake_worker) {
    state_->deferred.attach(rings, std::move(wake_worker));
}

port::WakeUp& ControlPlane::wake_up() noexcept { return state_->deferred.wake_up(); }

const RequestHandler& ControlPlane::requests() const noexcept { return state_->handler; }

asio::io_context& ControlPlane::loop() noexcept { return state_->loop; }

void ControlPlane::run() {
    state_->deferred.start();
    for (const auto& [name, zone] : state_->zones) {
        zone->start();
    }
    const auto work = asio::make_work_guard(state_->loop);
    state_->loop.run();
    for (const auto& [name, zone] : state_->zones) {
        zone->stop();
    }
}

void ControlPlane::stop() noexcept { state_->loop.stop(); }

const Config& ControlPlane::config() const noexcept { return *state_->config; }

std::vector<ZoneStatus> ControlPlane::zones() const {
    std::vector<ZoneStatus> all;
    for (const auto& [name, zone] : state_->zones) {
        all.push_back(zone->status());
    }
    return all;
}

std::optional<ZoneStatus> ControlPlane::zone(const wire::Name& name) const {
    const auto found = state_->find(name);
    return found ? std::optional(found->status()) : std::nullopt;
}

std::shared_ptr<const zone::Zone> ControlPlane::zone_data(const wire::Name& name) const {
    const auto found = state_->find(name);
    return found ? found->data() : nullptr;
}

void ControlPlane::State::read_file(const std::shared_ptr<PrimaryZone>& zone,
                                    const std::shared_ptr<Reloading>& reloading) {
    zone->reload([reloading, name = zone->config().name](const base::Expected<void>& read) {
        if (!read) {
            reloading->report.changes.push_back("zone " + name.to_text() +
                                                " not read: " + read.error().message);
        }
    });
}

void ControlPlane::State::apply(const ConfigChanges& changes,
                                Config next,
                                const std::shared_ptr<Reloading>& reloading) {
    config = std::make_shared<const Config>(std::move(next));
    environment.config = config;
    handler.set_policy(std::make_shared<const Policy>(*config));
    for (const wire::Name& name : changes.removed) {
        find(name)->stop();
        environment.differences->forget(name);
        zones.erase(name);
        publisher.remove(name);
    }
    for (const ZoneConfig& zone : config->zones) {
        const auto is_in = [&zone](const std::vector<wire::Name>& names) {
            return std::ranges::binary_search(names, zone.name);
        };
        const bool is_added = is_in(changes.added);
        if (is_added) {
            add(zone);
            load(zone.name);
            find(zone.name)->start();
        } else if (is_in(changes.changed)) {
            find(zone.name)->reconfigure(zone);
        } else {
            find(zone.name)->renumber(zone);
        }
        const auto primary = std::dynamic_pointer_cast<PrimaryZone>(find(zone.name));
        if (primary && (is_added || primary->file_has_changed())) {
            read_file(primary, reloading);
        }
    }
    publish_soon();
}

void ControlPlane::reload(std::function<void(ReloadReport)> done) {
    const auto reloading = std::make_shared<Reloading>(state_->loop, std::move(done));
    ReloadReport& report = reloading->report;
    ConfigResult read = load_config(state_->config->file);
    if (!read.faults.empty()) {
        for (const Fault& fault : read.faults) {
            report.faults.push_back(fault.to_string());
            log_error("reload refused: " + report.faults.back());
        }
        return;
    }
    const ConfigChanges changes = compare(*state_->config, read.config);
    report.done = true;
    report.changes = changes.describe();
    report.needs_restart = changes.needs_restart;
    for (const std::string& change : report.changes) {
        log_info("reload: " + change);
    }
    for (const std::string& section : report.needs_restart) {
        log_warning("reload: " + section + " changed: needs a restart");
    }
    state_->apply(changes, std::move(read.config), reloading);
    set_log_level(state_->config->server.log);
}

base::Expected<void> ControlPlane::refresh(const wire::Name& name, bool transfer) {
    const auto zone = state_->find(name);
    if (!zone) {
        return base::fail("zone " + name.to_text() + " is not configured");
    }
    const auto secondary = std::dynamic_pointer_cast<SecondaryZone>(zone);
    if (!secondary) {
        return base::fail("zone " + name.to_text() + " has no primaries: it is read from a file");
    }
    secondary->trigger(std::nullopt, transfer);
    return {};
}

base::Expected<void> ControlPlane::notify(const wire::Name& name) {
    const auto zone = state_->find(name);
    if (!zone) {
        return base::fail("zone " + name.to_text() + " is not configured");
    }
    if (zone->config().notify.empty()) {
        return base::fail("zone " + name.to_text() + " has no 'notify' remotes");
    }
    if (!zone->data()) {
        return base::fail("zone " + name.to_text() + " has no data to tell of");
    }
    zone->tell_secondaries();
    return {};
}

void ControlPlane::reload_zone(const wire::Name& name,
                               std::function<void(base::Expected<void>)> done) {
    const auto zone = state_->find(name);
    if (!zone) {
        done(base::fail("zone " + name.to_text() + " is not configured"));
        return;
    }
    const auto primary = std::dynamic_pointer_cast<PrimaryZone>(zone);
    if (!primary) {
        done(base::fail("zone " + name.to_text() +
                        " is transferred, not read from a file: see 'refresh'"));
        return;
    }
    primary->reload(std::move(done));
}

}  // namespace understudy::control
