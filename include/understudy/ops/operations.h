#pragma once

#include <understudy/base/expected.h>
#include <understudy/control/status.h>
#include <understudy/wire/name.h>
#include <understudy/zone/zone.h>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace understudy::ops {

/// Where the daemon stands in its life.
enum class DaemonState : std::uint8_t { kStarting, kServing, kDraining };

/// What operators may see and do: the part of the daemon that commands are made of. The daemon's is
/// PlaneOperations; tests drive commands with a fake. See control::ControlPlane for what each call
/// does.
///
/// Control thread only.
class Operations {
  public:
    Operations() = default;
    Operations(const Operations&) = delete;
    Operations& operator=(const Operations&) = delete;
    virtual ~Operations() = default;

    [[nodiscard]] virtual DaemonState state() const = 0;

    [[nodiscard]] virtual std::vector<control::ZoneStatus> zones() const = 0;
    [[nodiscard]] virtual std::optional<control::ZoneStatus> zone(const wire::Name& name) const = 0;
    [[nodiscard]] virtual std::shared_ptr<const zone::Zone> zone_data(
        const wire::Name& name) const = 0;

    /// Calls `done` on the control thread, during the call or later.
    virtual void reload(std::function<void(control::ReloadReport)> done) = 0;
    [[nodiscard]] virtual base::Expected<void> refresh(const wire::Name& name, bool transfer) = 0;
    [[nodiscard]] virtual base::Expected<void> notify(const wire::Name& name) = 0;

    /// Calls `done` on the control thread, during the call or later.
    virtual void reload_zone(const wire::Name& name,
                             std::function<void(base::Expected<void>)> done) = 0;

    /// Begins to end the daemon.
    virtual void stop() = 0;
};

}  // namespace understudy::ops
