#pragma once

#include <understudy/answer/answer.h>
#include <understudy/base/clock.h>
#include <understudy/base/expected.h>
#include <understudy/control/config.h>
#include <understudy/control/request_handler.h>
#include <understudy/control/state_store.h>
#include <understudy/control/status.h>
#include <understudy/port/deferred.h>
#include <understudy/rcu/published.h>
#include <understudy/wire/name.h>
#include <understudy/zone/snapshot.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace asio {
class io_context;
}

namespace understudy::control {

/// Everything that decides what is served: follows primaries, loads zone files, answers what
/// workers defer, tells secondaries, publishes snapshots. One event loop; whoever calls run() is
/// the control thread and the one that publishes. Work that takes long (building zones, reading
/// files) is done by a small pool of threads beside it.
///
/// All calls come from the control thread unless they say otherwise; those before run() from the
/// thread that will run it.
class ControlPlane {
  public:
    /// REQUIRES: `published` and `context` outlive this, `key` is that of `state`. Publishes a
    /// snapshot in which every zone is without data. `state`: null if nothing is kept over a
    /// restart.
    ControlPlane(Config config,
                 rcu::Published<zone::Snapshot>& published,
                 const zone::HashKey& key,
                 const answer::Context& context,
                 std::unique_ptr<StateStore> state = nullptr);
    ControlPlane(const ControlPlane&) = delete;
    ControlPlane& operator=(const ControlPlane&) = delete;
    ~ControlPlane();

    /// Reads every zone file and publishes what came of it; faults are logged and cost that zone
    /// only. Before run().
    void load_zone_files();

    /// Reads every secondary zone that the state folder has and publishes them; what is damaged is
    /// logged and costs that zone only. Before run().
    void load_state();

    /// Connects a worker. Before run(); `wake_worker` is called when replies wait in the ring.
    void attach(port::DeferredRings& rings, std::function<void()> wake_worker);

    /// What workers call when their ring has something for us. Any thread.
    [[nodiscard]] port::WakeUp& wake_up() noexcept;

    /// Answers what is not for the answer path alone. Any thread that may read the snapshot it
    /// passes.
    [[nodiscard]] const RequestHandler& requests() const noexcept;

    /// The event loop, for what else lives on the control thread.
    [[nodiscard]] asio::io_context& loop() noexcept;

    /// Starts to follow primaries and runs until stop().
    void run();

    /// Ends run(). Any thread.
    void stop() noexcept;

    // For operators.

    [[nodiscard]] const Config& config() const noexcept;
    [[nodiscard]] std::vector<ZoneStatus> zones() const;
    [[nodiscard]] std::optional<ZoneStatus> zone(const wire::Name& name) const;

    /// The data that is served, or null.
    [[nodiscard]] std::shared_ptr<const zone::Zone> zone_data(const wire::Name& name) const;

    /// Reads the configuration file again and applies it, if it is without fault; re-reads zone
    /// files that are new or changed. `done` is called once all of that is published.
    void reload(std::function<void(ReloadReport)> done);

    /// Makes a secondary ask its primaries now; with `transfer` without asking whether they have
    /// news. The error says why not (no such zone, not a secondary).
    [[nodiscard]] base::Expected<void> refresh(const wire::Name& name, bool transfer);

    /// Tells the zone's `notify` remotes of its serial.
    [[nodiscard]] base::Expected<void> notify(const wire::Name& name);

    /// Reads a primary zone's file again; `done` is called with the outcome once it is published or
    /// refused.
    void reload_zone(const wire::Name& name, std::function<void(base::Expected<void>)> done);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace understudy::control
