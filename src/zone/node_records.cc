#include "zone/node_records.h"

#include <understudy/wire/rdata.h>
#include <algorithm>
#include <ranges>

namespace understudy::zone {

NodeRecords::NodeRecords(const Node& node) {
    StoredNode::Iterator at = node.stored().begin();
    if (node.is_cut()) {
        ++at;  // the referral
    }
    for (; at != node.stored().end(); ++at) {
        const StoredRRset stored = *at;
        if (stored.count != 0) {
            append(node.records(stored));
        }
        if (!stored.signatures.empty()) {
            append(node.signatures(stored));
        }
    }
}

void NodeRecords::append(const RRset& rrset) {
    const bool is_expanded = wire::rdata_layout(rrset.type()).compressible;
    for (base::Octets rdata : rrset) {
        if (is_expanded) {
            rdata = expanded_.emplace_back(rdata.begin(), rdata.end());
        }
        records_.push_back(RecordRef::of(rrset.type(), rrset.ttl_s(), rdata));
    }
}

/// All records of an RRset have one TTL until a record with another one comes.
void NodeRecords::set_ttl(const RecordRef& of_rrset) {
    const auto behind = [](const RecordRef& left, const RecordRef& right) {
        return left.covered != right.covered ? left.covered < right.covered
                                             : left.is_signature() < right.is_signature();
    };
    const auto rrset = std::ranges::equal_range(records_, of_rrset, behind);
    const bool agrees = std::ranges::all_of(
        rrset | std::views::take(2),
        [&of_rrset](const RecordRef& record) { return record.ttl_s == of_rrset.ttl_s; });
    if (!agrees) {
        for (RecordRef& record : rrset) {
            record.ttl_s = of_rrset.ttl_s;
        }
    }
}

bool NodeRecords::add(const RecordRef& record) {
    const auto at = std::ranges::lower_bound(records_, record, stored_before);
    const bool is_there = at != records_.end() && !stored_before(record, *at);
    if (!is_there) {
        records_.insert(at, record);
    }
    set_ttl(record);
    return !is_there;
}

bool NodeRecords::remove(const RecordRef& record) {
    const auto at = std::ranges::lower_bound(records_, record, stored_before);
    if (at == records_.end() || stored_before(record, *at)) {
        return false;
    }
    records_.erase(at);
    return true;
}

const std::vector<RecordRef>& NodeRecords::normalised() {
    normalise(records_);
    return records_;
}

}  // namespace understudy::zone
