#include "control/zone_loader.h"

#include <understudy/text/zone_file.h>
#include <understudy/zone/builder.h>
#include <utility>

namespace understudy::control {

LoadedZone load_zone_file(const std::string& path,
                          const wire::Name& apex,
                          const zone::HashKey& key) {
    LoadedZone loaded;
    zone::Builder builder(apex, key);
    loaded.faults = text::parse_zone_file(
        path, apex, kDefaultTtl_s, [&builder](const text::ZoneRecord& record) {
            return builder.add(record.owner, record.type, record.ttl_s, record.rdata);
        });
    if (!loaded.faults.empty()) {
        return loaded;
    }
    auto zone = builder.build();
    if (!zone) {
        loaded.faults.push_back(
            {.file = path, .line = 0, .column = 0, .message = zone.error().message});
        return loaded;
    }
    loaded.zone = std::move(*zone);
    return loaded;
}

}  // namespace understudy::control
