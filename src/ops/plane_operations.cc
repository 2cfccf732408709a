#include <understudy/ops/plane_operations.h>

#include <utility>

namespace understudy::ops {

std::vector<control::ZoneStatus> PlaneOperations::zones() const { return plane_.zones(); }

std::optional<control::ZoneStatus> PlaneOperations::zone(const wire::Name& name) const {
    return plane_.zone(name);
}

std::shared_ptr<const zone::Zone> PlaneOperations::zone_data(const wire::Name& name) const {
    return plane_.zone_data(name);
}

void PlaneOperations::reload(std::function<void(control::ReloadReport)> done) {
    plane_.reload(std::move(done));
}

base::Expected<void> PlaneOperations::refresh(const wire::Name& name, bool transfer) {
    return plane_.refresh(name, transfer);
}

base::Expected<void> PlaneOperations::notify(const wire::Name& name) { return plane_.notify(name); }

void PlaneOperations::reload_zone(const wire::Name& name,
                                  std::function<void(base::Expected<void>)> done) {
    plane_.reload_zone(name, std::move(done));
}

void PlaneOperations::stop() {
    state_ = DaemonState::kDraining;
    plane_.stop();
}

}  // namespace understudy::ops
