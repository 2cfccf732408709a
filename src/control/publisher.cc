#include "control/publisher.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace understudy::control {

void Publisher::set(zone::ServedZone zone) {
    const wire::Name apex = zone.apex;
    changes_.insert_or_assign(apex, std::move(zone));
}

void Publisher::remove(const wire::Name& apex) { changes_.insert_or_assign(apex, std::nullopt); }

void Publisher::publish() {
    std::vector<zone::ServedZone> zones;
    std::vector<wire::Name> removed;
    const zone::Snapshot* const newest = published_.newest();
    for (auto& [apex, zone] : std::exchange(changes_, {})) {
        if (zone) {
            zones.push_back(*std::move(zone));
        } else if (newest != nullptr && newest->find_exact({apex, key_}) != nullptr) {
            removed.push_back(apex);
        }
    }
    if (newest == nullptr) {
        published_.publish(std::make_unique<const zone::Snapshot>(std::move(zones), key_));
    } else if (!zones.empty() || !removed.empty()) {
        published_.publish(
            std::make_unique<const zone::Snapshot>(newest->next(std::move(zones), removed)));
    }
}

}  // namespace understudy::control
