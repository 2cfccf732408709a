#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <cstdint>
#include <string>
#include <string_view>

/// Records in the words of a master file. For dumps, logs and tests, not for the answer path.
namespace understudy::text {

/// A record as one line without the line's end: `owner ttl class type rdata`. Reading it again with
/// parse_zone_file gives the same record, if its rdata is well formed. Rdata of an unknown type, or
/// that does not fit its type, is in the generic form of RFC 3597, so any octets have a text.
/// REQUIRES: rdata is at most 65535 octets.
[[nodiscard]] std::string record_text(wire::NameView owner,
                                      wire::Type type,
                                      wire::Class klass,
                                      std::uint32_t ttl_s,
                                      base::Octets rdata);

/// `A`, `ANY`; `TYPE65280` where the type has no name.
[[nodiscard]] std::string type_text(wire::Type type);

/// The reverse, in any letter case.
[[nodiscard]] base::Expected<wire::Type> type_from_text(std::string_view text);

}  // namespace understudy::text
