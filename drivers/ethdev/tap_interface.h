#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/link.h>

#include "ethdev/descriptor.h"

#include <cstdint>
#include <string>

namespace understudy::ethdev {

/// A TAP of the calling thread's network namespace, brought up with the given MAC address and MTU.
/// One of that name that exists without an owner (`ip tuntap add`) is taken over and stays when the
/// descriptor is closed; else it is made, and goes with the descriptor.
///
/// The descriptor does not block; a read or a write moves one frame. An error says what to do.
[[nodiscard]] base::Expected<Descriptor> open_tap(const std::string& name,
                                                  const base::MacAddress& mac,
                                                  std::uint16_t mtu);

/// What the kernel takes the TAP's cable for. Failing, it keeps what it has.
void set_carrier(const Descriptor& tap, bool up) noexcept;

}  // namespace understudy::ethdev
