#include <understudy/zone/change.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "zone/record_check.h"
#include "zone/record_runs.h"
#include "zone/relative_name.h"
#include "zone/zone_edit.h"

namespace understudy::zone {
namespace {

constexpr std::size_t kFixedOctets = 2;  // the length of the rdata

void visit_run(const RecordRuns& runs,
               const RecordRuns::Run& run,
               const std::function<void(const Change::Step& step)>& visit) {
    const wire::NameBuffer owner =
        whole_name(run.owner(), run.own_apex().empty() ? runs.apex().octets() : run.own_apex());
    std::vector<RecordRef> records;
    run.append_records(records);
    for (const RecordRef& record : records) {
        visit({run.operation() == Operation::kRemove,
               owner,
               record.type,
               record.ttl_s,
               record.rdata});
    }
}

}  // namespace

Change::Change(const Zone& base, std::size_t most_octets)
    : octets_left_(most_octets),
      runs_(std::make_unique<RecordRuns>(base.apex(), base.hash_key())) {}

Change::~Change() = default;
Change::Change(Change&&) noexcept = default;
Change& Change::operator=(Change&&) noexcept = default;

base::Expected<void> Change::put(
    wire::NameView owner, wire::Type type, std::uint32_t ttl_s, base::Octets rdata, bool removes) {
    if (auto good = check_record(owner, type, rdata); !good) {
        return good;
    }
    const Operation operation = removes ? Operation::kRemove : Operation::kAdd;
    const bool is_new = !runs_->continues(owner, operation);
    if (is_new) {
        if (auto good = check_in_zone(owner, runs_->apex()); !good) {
            return good;
        }
    }
    const std::size_t octets = (is_new ? owner.size() : 0) + kFixedOctets + rdata.size();
    if (octets > octets_left_) {
        return base::fail("a change of too many octets of names and rdata");
    }
    octets_left_ -= octets;
    ++(removes ? removed_count_ : added_count_);
    const std::uint64_t hash = is_new ? runs_->hash_of(owner) : 0;
    runs_->add(owner, hash, type, kept_ttl(ttl_s), rdata, operation);
    return {};
}

base::Expected<void> Change::remove(wire::NameView owner,
                                    wire::Type type,
                                    std::uint32_t ttl_s,
                                    base::Octets rdata) {
    return put(owner, type, ttl_s, rdata, true);
}

base::Expected<void> Change::add(wire::NameView owner,
                                 wire::Type type,
                                 std::uint32_t ttl_s,
                                 base::Octets rdata) {
    return put(owner, type, ttl_s, rdata, false);
}

void Change::for_each(const std::function<void(const Step& step)>& visit) const {
    for (const RecordRuns::Run& run : runs_->apex_runs()) {
        visit_run(*runs_, run, visit);
    }
    for (const RecordRuns::Run& run : runs_->runs()) {
        visit_run(*runs_, run, visit);
    }
}

base::Expected<std::unique_ptr<const Zone>> apply(const Zone& base,
                                                  const Change& change,
                                                  Strictness strictness) {
    return ZoneEdit(base, change, strictness).run();
}

}  // namespace understudy::zone
