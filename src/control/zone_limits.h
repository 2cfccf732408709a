#pragma once

#include <understudy/base/expected.h>
#include <understudy/control/config.h>
#include <understudy/zone/change.h>
#include <understudy/zone/zone.h>
#include <memory>

namespace understudy::control {

/// The zone, if it keeps to `limits`, which are those of what it may hold; else which one it does
/// not. `change`: what led to it from a version that may stay as it is, so only the names in it are
/// looked at; null: every name.
[[nodiscard]] base::Expected<std::unique_ptr<const zone::Zone>> within_limits(
    std::unique_ptr<const zone::Zone> zone,
    const zone::Change* change,
    const TransferLimits& limits);

}  // namespace understudy::control
