#include "support/transfers.h"

#include <gtest/gtest.h>
#include <understudy/text/record_text.h>
#include <understudy/text/zone_file.h>
#include <algorithm>
#include <iterator>

#include "support/zones.h"

namespace understudy::support {

std::vector<Record> records_of(std::string_view apex, std::string_view text) {
    std::vector<Record> records;
    const auto faults = text::parse_zone_text(
        text, "transfer", name(apex), kDefaultTtl, [&records](const text::ZoneRecord& record) {
            records.push_back({wire::Name(record.owner),
                               record.type,
                               record.ttl_s,
                               Bytes(record.rdata.begin(), record.rdata.end())});
            return base::Expected<void>();
        });
    for (const base::Fault& fault : faults) {
        ADD_FAILURE() << fault.to_string();
    }
    return records;
}

std::vector<Record> records_of(const zone::Zone& zone) {
    const zone::RRset soa = zone.apex_node().rrset(wire::type::kSoa);
    const auto first = soa.begin();
    const base::Octets soa_rdata = *first;
    const Record bound{wire::Name(zone.apex()),
                       wire::type::kSoa,
                       soa.ttl_s(),
                       Bytes(soa_rdata.begin(), soa_rdata.end())};
    std::vector<Record> records{bound};
    zone::RecordCursor cursor(zone);
    while (const auto record = cursor.next()) {
        records.push_back({wire::Name(record->owner),
                           record->type,
                           record->ttl_s,
                           Bytes(record->rdata.begin(), record->rdata.end())});
    }
    records.push_back(bound);
    return records;
}

std::vector<Record> difference_of(const zone::Zone& from, const zone::Zone& to) {
    const auto before = records_of(from);
    const auto after = records_of(to);
    const auto append_lacking = [](const auto& of, const auto& in, auto& into) {
        std::ranges::copy_if(of, std::back_inserter(into), [&in](const Record& record) {
            return record.type != wire::type::kSoa && std::ranges::find(in, record) == in.end();
        });
    };
    std::vector<Record> records{after.front(), before.front()};
    append_lacking(before, after, records);
    records.push_back(after.front());
    append_lacking(after, before, records);
    records.push_back(after.front());
    return records;
}

Bytes make_transfer_message(const TransferMessage& fields) {
    OctetBuilder message;
    message.u16(fields.id)
        .u16(fields.flags)
        .u16(fields.has_question ? 1 : 0)
        .u16(static_cast<unsigned>(fields.answers.size()))
        .u32(0);
    if (fields.has_question) {
        message.name(fields.name).u16(fields.type).u16(fields.klass);
    }
    for (const Record& record : fields.answers) {
        message.raw(record.owner.view().octets())
            .record_fields(
                record.type, record.klass, record.ttl_s, static_cast<unsigned>(record.rdata.size()))
            .raw(record.rdata);
    }
    return message.bytes();
}

std::vector<Bytes> make_transfer(const std::vector<Record>& records,
                                 std::size_t per_message,
                                 const TransferMessage& fields) {
    std::vector<Bytes> messages;
    TransferMessage message = fields;
    for (std::size_t at = 0; at < records.size(); at += per_message) {
        const std::size_t end = std::min(records.size(), at + per_message);
        message.answers.assign(records.begin() + static_cast<std::ptrdiff_t>(at),
                               records.begin() + static_cast<std::ptrdiff_t>(end));
        messages.push_back(make_transfer_message(message));
        message.has_question = false;
    }
    return messages;
}

std::vector<std::string> dump(const zone::Zone& zone) {
    std::vector<std::string> lines;
    for (const Record& record : records_of(zone)) {
        lines.push_back(
            text::record_text(record.owner, record.type, record.klass, record.ttl_s, record.rdata));
    }
    std::ranges::sort(lines);
    return lines;
}

}  // namespace understudy::support
