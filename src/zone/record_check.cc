#include "zone/record_check.h"

#include <understudy/wire/rdata.h>
#include <understudy/zone/builder.h>
#include <string>

namespace understudy::zone {
namespace {

bool is_meta(wire::Type type) noexcept {
    return type == 0 || type == wire::type::kOpt ||
           (type >= wire::type::kFirstMeta && type <= wire::type::kLastMeta);
}

}  // namespace

base::Expected<void> check_record(wire::NameView owner, wire::Type type, base::Octets rdata) {
    if (is_meta(type)) {
        return base::fail("a record of the meta type " + std::to_string(type) + " at " +
                          owner.to_text());
    }
    if (!wire::is_valid_rdata(type, rdata)) {
        return base::fail("malformed rdata of type " + std::to_string(type) + " at " +
                          owner.to_text());
    }
    return {};
}

base::Expected<void> check_in_zone(wire::NameView owner, wire::NameView apex) {
    if (!owner.is_at_or_below(apex)) {
        return base::fail(owner.to_text() + " is not in the zone");
    }
    return {};
}

std::uint32_t kept_ttl(std::uint32_t ttl_s) noexcept { return ttl_s <= kMaxTtl ? ttl_s : 0; }

}  // namespace understudy::zone
