#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/zone.h>
#include <cstdint>
#include <vector>

/// The requests that we send to other servers, and what their answers say. Octets only: no sockets,
/// no keys.
namespace understudy::control {

[[nodiscard]] std::vector<std::uint8_t> make_query(wire::NameView name,
                                                   wire::Type type,
                                                   std::uint16_t id);

/// An IXFR query that tells which version is held by its SOA (RFC 1995 §3).
[[nodiscard]] std::vector<std::uint8_t> make_ixfr_query(const zone::Zone& held, std::uint16_t id);

/// A NOTIFY that carries the zone's SOA as a hint (RFC 1996 §3.7).
[[nodiscard]] std::vector<std::uint8_t> make_notify(const zone::Zone& zone, std::uint16_t id);

/// Whether `message` may be the response to the request `id` at all; what is not is some stranger's
/// and is ignored.
[[nodiscard]] bool is_response_to(base::Octets message, std::uint16_t id) noexcept;

/// Only the header and question of a response are looked at; its rcode must be NOERROR.
[[nodiscard]] base::Expected<void> check_response(base::Octets message,
                                                  wire::Opcode opcode,
                                                  wire::NameView name,
                                                  wire::Type type);

/// The serial in the authoritative response to an SOA query. `truncated`: ask again over TCP.
struct SoaAnswer {
    std::uint32_t serial = 0;
    bool truncated = false;
};
[[nodiscard]] base::Expected<SoaAnswer> read_soa_answer(base::Octets message, wire::NameView apex);

}  // namespace understudy::control
