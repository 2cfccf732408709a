#pragma once

#include <understudy/control/control_plane.h>
#include <understudy/ops/operations.h>

namespace understudy::ops {

/// The running daemon's operations: those of its control plane, and its state.
class PlaneOperations final : public Operations {
  public:
    /// REQUIRES: `plane` outlives this.
    explicit PlaneOperations(control::ControlPlane& plane) : plane_(plane) {}

    /// Ports and sockets are open, and every zone is loaded or refused.
    void set_serving() noexcept { state_ = DaemonState::kServing; }

    [[nodiscard]] DaemonState state() const override { return state_; }
    [[nodiscard]] std::vector<control::ZoneStatus> zones() const override;
    [[nodiscard]] std::optional<control::ZoneStatus> zone(const wire::Name& name) const override;
    [[nodiscard]] std::shared_ptr<const zone::Zone> zone_data(
        const wire::Name& name) const override;
    void reload(std::function<void(control::ReloadReport)> done) override;
    [[nodiscard]] base::Expected<void> refresh(const wire::Name& name, bool transfer) override;
    [[nodiscard]] base::Expected<void> notify(const wire::Name& name) override;
    void reload_zone(const wire::Name& name,
                     std::function<void(base::Expected<void>)> done) override;

    /// Ends the control plane's run(); whoever called that ends the rest.
    void stop() override;

  private:
    control::ControlPlane& plane_;
    DaemonState state_ = DaemonState::kStarting;
};

}  // namespace understudy::ops
