#pragma once

#include <understudy/base/clock.h>
#include <understudy/base/expected.h>
#include <understudy/control/config.h>
#include <understudy/wire/name.h>
#include <asio/awaitable.hpp>
#include <memory>
#include <optional>

#include "control/network.h"
#include "control/timeouts.h"
#include "control/transfer_receiver.h"

/// What a secondary asks a primary, with or without TSIG. Every wait has an end, so a mute primary
/// costs seconds.
namespace understudy::control {

/// One address of a primary, and the key for what is said to it.
struct PrimaryAddress {
    Route route;
    std::optional<KeyConfig> key;
};

/// The serial that the primary has, by UDP, by TCP where that is truncated or of no use.
[[nodiscard]] asio::awaitable<base::Expected<std::uint32_t>> query_serial(PrimaryAddress primary,
                                                                          wire::Name apex,
                                                                          const base::Clock& clock,
                                                                          Timeouts timeouts);

/// Asks for the transfer that `receiver` is made for, and feeds it with all of it in the time and
/// at the rate that its limits allow. Where that fails, the receiver tells whether an AXFR may
/// succeed.
[[nodiscard]] asio::awaitable<base::Expected<void>> fetch(
    PrimaryAddress primary,
    std::shared_ptr<TransferReceiver> receiver,
    const base::Clock& clock,
    Timeouts timeouts);

}  // namespace understudy::control
