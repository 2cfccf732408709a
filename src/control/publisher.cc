#include "control/publisher.h"

#include <memory>
#include <utility>
#include <vector>

namespace understudy::control {

void Publisher::set(zone::ServedZone zone) {
    const wire::Name apex = zone.apex;
    zones_.insert_or_assign(apex, std::move(zone));
    changed_ = true;
}

void Publisher::remove(const wire::Name& apex) { changed_ = zones_.erase(apex) > 0 || changed_; }

void Publisher::publish() {
    if (!changed_) {
        return;
    }
    std::vector<zone::ServedZone> zones;
    zones.reserve(zones_.size());
    for (const auto& [apex, zone] : zones_) {
        zones.push_back(zone);
    }
    published_.publish(std::make_unique<const zone::Snapshot>(std::move(zones), key_));
    changed_ = false;
}

}  // namespace understudy::control
