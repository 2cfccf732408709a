#include <understudy/control/check.h>

#include "control/zone_loader.h"

namespace understudy::control {

std::vector<Fault> check_zone_files(const Config& config) {
    std::vector<Fault> faults;
    const zone::HashKey key = zone::HashKey::random();
    for (const ZoneConfig& zone : config.zones) {
        if (zone.is_primary()) {
            const LoadedZone loaded = load_zone_file(zone.file, zone.name, key);
            faults.insert(faults.end(), loaded.faults.begin(), loaded.faults.end());
        }
    }
    return faults;
}

}  // namespace understudy::control
