#include "ops/zone_dump.h"

#include <understudy/base/check.h>
#include <understudy/text/record_text.h>
#include <utility>

namespace understudy::ops {

ZoneDump::ZoneDump(std::shared_ptr<const zone::Zone> zone)
    : zone_(std::move(zone)), cursor_(*zone_) {}

std::string ZoneDump::next() {
    std::string part;
    if (record_count_ == 0) {
        const auto soa = zone_->apex_node().find(wire::type::kSoa);
        UNDERSTUDY_CHECK(soa);  // zone::Builder makes no zone without
        append(part, {zone_->apex(), wire::type::kSoa, soa->ttl_s(), *soa->begin()});
    }
    while (part.size() < kPartOctets) {
        const auto record = cursor_.next();
        if (!record) {
            break;
        }
        append(part, *record);
    }
    return part;
}

void ZoneDump::append(std::string& part, const zone::RecordCursor::Record& record) {
    part +=
        text::record_text(record.owner, record.type, wire::klass::kIn, record.ttl_s, record.rdata);
    part += '\n';
    ++record_count_;
}

}  // namespace understudy::ops
