#include "model/text.h"

#include <understudy/text/record_text.h>
#include <understudy/text/zone_file.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "support/octets.h"
#include "support/zones.h"

namespace understudy::model {
namespace {

namespace type = wire::type;

std::string line(const Record& record) {
    return text::record_text(
        record.owner, record.type, wire::klass::kIn, record.ttl_s, record.rdata);
}

constexpr std::size_t kLabels = 3;  // in an RRSIG's rdata

bool covers(const Record& rrsig, const Record& covered) {
    return rrsig.type == type::kRrsig && rrsig.owner == covered.owner &&
           rrsig.ttl_s == covered.ttl_s && covered_type(rrsig) == covered.type;
}

std::string section_text(const char* name, const Records& records) {
    std::vector<std::string> lines;
    for (const Record& record : records) {
        const auto belong = [&record](const Record& other) { return covers(record, other); };
        if (record.type == type::kRrsig && std::ranges::any_of(records, belong)) {
            continue;
        }
        lines.push_back(std::string(name) + " " + line(record));
        for (const Record& rrsig : records) {
            if (covers(rrsig, record)) {
                lines.back() += " [" + std::to_string(rrsig.rdata[kLabels]) + "]";
            }
        }
    }
    std::ranges::sort(lines);
    std::string text;
    for (const std::string& one : lines) {
        text += one + "\n";
    }
    return text;
}

std::string rcode_text(wire::Rcode rcode) {
    switch (rcode) {
        case wire::Rcode::kNoError:
            return "NOERROR";
        case wire::Rcode::kNxDomain:
            return "NXDOMAIN";
        case wire::Rcode::kYxDomain:
            return "YXDOMAIN";
        default:
            return std::to_string(static_cast<unsigned>(rcode));
    }
}

}  // namespace

Zone zone_from_text(std::string_view apex, std::string_view text) {
    Zone zone{support::name(apex), {}};
    const auto faults = text::parse_zone_text(
        text,
        "zone",
        zone.apex,
        support::kDefaultTtl,
        [&zone](const text::ZoneRecord& record) -> base::Expected<void> {
            zone.records.push_back({wire::Name(record.owner),
                                    record.type,
                                    record.ttl_s,
                                    {record.rdata.begin(), record.rdata.end()}});
            return {};
        });
    for (const base::Fault& fault : faults) {
        (void)std::fprintf(stderr, "%s\n", fault.to_string().c_str());
    }
    if (!faults.empty()) {
        std::abort();
    }
    return zone;
}

std::string to_text(const Records& records) {
    std::string text;
    for (const Record& record : records) {
        text += line(record) + "\n";
    }
    return text;
}

std::string to_text(const Answer& answer) {
    return rcode_text(answer.rcode) + (answer.is_authoritative ? " aa\n" : "\n") +
           section_text("answer", answer.answer) + section_text("authority", answer.authority) +
           section_text("additional", answer.additional);
}

}  // namespace understudy::model
