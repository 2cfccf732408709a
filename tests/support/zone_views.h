#pragma once

#include <understudy/wire/name.h>
#include <understudy/zone/zone.h>
#include <array>
#include <cstdint>
#include <string>

/// What can be seen of a zone, for comparing one with another.
namespace understudy::support {

/// All that a zone tells of a name but its place in memory: where a look-up leads, the node as it
/// is stored, which records deny it by NSEC.
[[nodiscard]] std::string view_of(const zone::Zone& zone, const wire::Name& name);

/// What does not depend on a name: counts, SOA, the body of negative answers, the chain.
[[nodiscard]] std::string view_of(const zone::Zone& zone);

/// Which NSEC3 owner matches or covers a hash.
[[nodiscard]] std::string nsec3_view_of(const zone::Zone& zone,
                                        const std::array<std::uint8_t, 20>& hash);

}  // namespace understudy::support
