#include "control/zone_limits.h"

#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace understudy::control {
namespace {

/// Looks at names, those that follow one another once.
class NameCheck {
  public:
    NameCheck(const zone::Zone& zone, const TransferLimits& limits)
        : zone_(zone), limits_(limits) {}

    void look_at(wire::NameView owner) {
        if (!fault_.empty() || (has_last_ && last_.view() == owner)) {
            return;
        }
        last_ = wire::Name(owner);
        has_last_ = true;
        if (const auto node = zone_.find(zone::NameKey(owner, zone_.hash_key()))) {
            check(*node, owner);
        }
    }

    /// Of the first name beyond the limits; empty: there is none.
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }

  private:
    void check(const zone::Node& node, wire::NameView owner) {
        std::size_t types = 0;
        std::size_t most = 0;  // records of a type
        for (const zone::RRset rrset : node) {
            ++types;
            most = std::max(most, rrset.count());
        }
        node.for_each_signatures([&most](wire::Type, const zone::RRset& signatures) {
            most = std::max(most, signatures.count());
        });
        if (types > limits_.name_types) {
            fault_ = std::to_string(types) + " types at " + owner.to_text() +
                     ", more than name-types-max (" + std::to_string(limits_.name_types) + ")";
        } else if (most > limits_.rrset_records) {
            fault_ = std::to_string(most) + " records of one type at " + owner.to_text() +
                     ", more than rrset-records-max (" + std::to_string(limits_.rrset_records) +
                     ")";
        }
    }

    const zone::Zone& zone_;
    const TransferLimits& limits_;
    wire::Name last_;
    bool has_last_ = false;
    std::string fault_;
};

std::string fault_of_names(const zone::Zone& zone,
                           const zone::Change* change,
                           const TransferLimits& limits) {
    NameCheck names(zone, limits);
    if (change != nullptr) {
        change->for_each([&names](const zone::Change::Step& step) { names.look_at(step.owner); });
        return names.fault();
    }
    zone::RecordCursor cursor(zone);
    for (auto record = cursor.next(); record && names.fault().empty(); record = cursor.next()) {
        names.look_at(record->owner);
    }
    return names.fault();
}

}  // namespace

base::Expected<std::unique_ptr<const zone::Zone>> within_limits(
    std::unique_ptr<const zone::Zone> zone,
    const zone::Change* change,
    const TransferLimits& limits) {
    if (zone->record_count() > limits.zone_records) {
        return base::fail("a zone of " + std::to_string(zone->record_count()) +
                          " records, more than zone-records-max (" +
                          std::to_string(limits.zone_records) + ")");
    }
    if (zone->memory_octets() > limits.zone_octets) {
        return base::fail("a zone of " + std::to_string(zone->memory_octets()) +
                          " octets, more than zone-size-max (" +
                          std::to_string(limits.zone_octets) + ")");
    }
    if (std::string fault = fault_of_names(*zone, change, limits); !fault.empty()) {
        return base::fail(std::move(fault));
    }
    return zone;
}

}  // namespace understudy::control
