#pragma once

#include <understudy/control/config.h>
#include <vector>

namespace understudy::control {

/// Reads every zone file that `config` names and returns what is wrong with them. Takes as long as
/// a start does.
[[nodiscard]] std::vector<Fault> check_zone_files(const Config& config);

}  // namespace understudy::control
