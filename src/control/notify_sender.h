#pragma once

#include <understudy/base/clock.h>
#include <understudy/control/config.h>
#include <understudy/zone/zone.h>
#include <asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "control/network.h"

namespace understudy::control {

/// Tells one server of a zone's serial and waits for its answer, with retries (RFC 1996 §3.6), each
/// waiting twice as long as the one before.
/// Gives up early once `is_outdated` says that a newer round has begun. Logs what came of it.
[[nodiscard]] asio::awaitable<void> send_notify(std::shared_ptr<const zone::Zone> zone,
                                                Route route,
                                                std::optional<KeyConfig> key,
                                                const base::Clock& clock,
                                                std::chrono::milliseconds first_timeout,
                                                std::function<bool()> is_outdated);

}  // namespace understudy::control
