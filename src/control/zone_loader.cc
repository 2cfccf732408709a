#include "control/zone_loader.h"

#include <sys/stat.h>

#include <understudy/text/zone_file.h>
#include <understudy/zone/builder.h>
#include <utility>

namespace understudy::control {

FileMark mark_file(const std::string& path) {
    constexpr std::int64_t kNanosecondsInSecond = 1'000'000'000;
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
        return {};
    }
    return {.changed_ns = found.st_mtim.tv_sec * kNanosecondsInSecond + found.st_mtim.tv_nsec,
            .size_octets = static_cast<std::uint64_t>(found.st_size),
            .inode = found.st_ino};
}

LoadedZone load_zone_file(const std::string& path,
                          const wire::Name& apex,
                          const zone::HashKey& key) {
    LoadedZone loaded;
    loaded.mark = mark_file(path);
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
