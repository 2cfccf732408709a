#pragma once

#include <understudy/base/expected.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <memory>
#include <string_view>

namespace understudy::support {

/// The key of every table in a test: a failure repeats itself.
inline constexpr zone::HashKey kHashKey{0x243F6A8885A308D3, 0x13198A2E03707345};

/// TTL of records that name none.
inline constexpr std::uint32_t kDefaultTtl = 3600;

/// The zone of this apex and master-file text, or every fault of it.
[[nodiscard]] base::Expected<std::shared_ptr<const zone::Zone>> build_zone(std::string_view apex,
                                                                           std::string_view text);

/// The same. REQUIRES: the text is a valid zone; else the test ends here.
[[nodiscard]] std::shared_ptr<const zone::Zone> make_zone(std::string_view apex,
                                                          std::string_view text);

/// The same with an SOA (MINIMUM 60, TTL 300) and an NS record `ns.<apex>` put before `text`.
[[nodiscard]] std::shared_ptr<const zone::Zone> make_small_zone(std::string_view apex,
                                                                std::string_view text);

/// What make_small_zone puts before the text; relative to $ORIGIN.
inline constexpr std::string_view kApexRecords =
    "@ 300 SOA ns admin 1 7200 3600 1209600 60\n"
    "@ 300 NS ns\n";

}  // namespace understudy::support
