#pragma once

#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/zone.h>
#include <array>

#include "answer/response.h"

namespace understudy::answer {

/// What the addresses of a host are, in the order in which they are given.
inline constexpr std::array kAddressTypes{wire::type::kA, wire::type::kAaaa};

/// Whether a zone is authoritative for the records of a host: it is not for glue, which is unsigned
/// (RFC 4035 §2.2).
enum class Authority : bool { kNo, kYes };

/// Adds the addresses at `node` under `host` to the additional section. False where an RRset does
/// not fit.
[[nodiscard]] bool add_addresses(wire::NameView host,
                                 const zone::Node& node,
                                 Authority authority,
                                 Response& response) noexcept;

/// Adds what a client of the SVCB or HTTPS RRset that stands at `node` asks for next, while it
/// fits: the addresses of targets in the zone, and the RRsets of the same type that aliases among
/// them lead to, with their targets (RFC 9460 §4.1). `owner`: the name under which it was answered.
void add_service_targets(const zone::Zone& zone,
                         wire::NameView owner,
                         const zone::Node& node,
                         wire::Type type,
                         Response& response) noexcept;

}  // namespace understudy::answer
