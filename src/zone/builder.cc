#include <understudy/zone/builder.h>

#include <string>

#include "zone/draft_nodes.h"
#include "zone/record_check.h"
#include "zone/record_parts.h"
#include "zone/zone_assembler.h"

namespace understudy::zone {
namespace {

std::string too_many_octets(std::size_t most) {
    return "more than " + std::to_string(most) + " octets of names and rdata";
}

}  // namespace

Builder::Builder(wire::NameView apex, const HashKey& key, std::size_t most_octets)
    : most_octets_(most_octets),
      octets_(apex.size()),
      records_(std::make_unique<RecordParts>(apex, key)) {}

Builder::~Builder() = default;

base::Expected<void> Builder::add(wire::NameView owner,
                                  wire::Type type,
                                  std::uint32_t ttl_s,
                                  base::Octets rdata) {
    if (auto good = check_record(owner, type, rdata); !good) {
        return good;
    }
    const bool is_new = !records_->continues(owner);
    if (is_new) {
        if (auto good = check_in_zone(owner, records_->apex()); !good) {
            return good;
        }
    }
    const bool is_apex = owner.size() == records_->apex().size();
    const std::size_t octets = (is_new && !is_apex ? owner.size() : 0) + 2 + rdata.size();
    if (octets > most_octets_ - octets_) {
        return base::fail(too_many_octets(most_octets_));
    }
    octets_ += octets;
    ++record_count_;
    records_->add(owner, type, kept_ttl(ttl_s), rdata);
    return {};
}

base::Expected<std::unique_ptr<const Zone>> Builder::build() {
    DraftNodes nodes(*records_);
    if (nodes.added_name_octets() > most_octets_ - octets_) {
        return base::fail(too_many_octets(most_octets_));
    }
    return ZoneAssembler(*records_, nodes).assemble();
}

}  // namespace understudy::zone
