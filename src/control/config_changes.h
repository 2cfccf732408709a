#pragma once

#include <understudy/control/config.h>
#include <understudy/wire/name.h>
#include <string>
#include <vector>

namespace understudy::control {

/// What a reload has to do.
struct ConfigChanges {
    // Zones, each list in canonical order.
    std::vector<wire::Name> removed;  // a zone that changes its role is removed and added
    std::vector<wire::Name> added;
    std::vector<wire::Name> changed;  // in themselves or in a remote, key or ACL that they use
    std::vector<std::string> needs_restart;  // sections that take effect only at a start

    [[nodiscard]] std::vector<std::string> describe() const;
};

[[nodiscard]] ConfigChanges compare(const Config& before, const Config& after);

}  // namespace understudy::control
