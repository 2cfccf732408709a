#pragma once

#include <understudy/base/fault.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace understudy::control {

/// The TTL of records before a file's first one (as Knot DNS has it).
inline constexpr std::uint32_t kDefaultTtl_s = 3600;

/// What tells one state of a file from the next.
struct FileMark {
    std::int64_t changed_ns = 0;
    std::uint64_t size_octets = 0;
    std::uint64_t inode = 0;

    bool operator==(const FileMark&) const = default;
};

/// The mark of the file at `path` as it is now; all zeros where there is none.
[[nodiscard]] FileMark mark_file(const std::string& path);

/// A zone read from a master file, or why there is none.
struct LoadedZone {
    std::unique_ptr<const zone::Zone> zone;  // null exactly if there are faults
    std::vector<base::Fault> faults;
    FileMark mark;  // of the file before it was read
};

/// Reads `path` as the zone `apex`. Takes long for a large file; any thread.
[[nodiscard]] LoadedZone load_zone_file(const std::string& path,
                                        const wire::Name& apex,
                                        const zone::HashKey& key);

}  // namespace understudy::control
