#pragma once

#include <understudy/zone/zone.h>

#include "answer/response.h"

namespace understudy::answer {

/// Adds the delegation at `cut` to the authority section: its NS records and, if the client wants
/// DNSSEC, the DS records that secure it (RFC 4035 §3.1.4). False where they do not all fit.
[[nodiscard]] bool add_delegation(const zone::Node& cut, Response& response) noexcept;

/// Adds the addresses that a resolver needs to follow the delegation at `cut` (RFC 9471): all of
/// name servers below the cut, and of others in the zone while they fit. False where one of the
/// former does not fit.
[[nodiscard]] bool add_glue(const zone::Zone& zone,
                            const zone::Node& cut,
                            Response& response) noexcept;

}  // namespace understudy::answer
