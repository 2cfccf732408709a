#include "property/comparable.h"

#include <gtest/gtest.h>
#include <understudy/text/record_text.h>
#include <understudy/wire/query.h>
#include <understudy/wire/rdata.h>
#include <understudy/wire/reader.h>
#include <algorithm>
#include <array>
#include <map>

namespace understudy::property {
namespace {

using model::Record;
using support::Bytes;

Bytes lowered(base::Octets octets) {
    Bytes result(octets.size());
    std::ranges::transform(octets, result.begin(), wire::to_lower);
    return result;
}

Key key_of(const Record& record) {
    return {
        lowered(record.owner.view().octets()), record.type, record.ttl_s, lowered(record.rdata)};
}

/// How many records of each name, type and covered type a section has.
std::map<std::tuple<Bytes, wire::Type, wire::Type>, std::size_t> rrsets(
    const std::vector<Key>& section) {
    std::map<std::tuple<Bytes, wire::Type, wire::Type>, std::size_t> counts;
    for (const auto& [owner, type, ttl_s, rdata] : section) {
        const bool is_signature = type == wire::type::kRrsig;
        ++counts[{owner, type, is_signature ? base::load_be16(rdata.data()) : wire::Type{0}}];
    }
    return counts;
}

}  // namespace

std::string Comparable::to_text() const {
    constexpr std::array kSections{"answer ", "authority ", "additional "};
    std::string text = "flags " + std::to_string(flags) + "\n";
    for (std::size_t section = 0; section < kSections.size(); ++section) {
        for (const auto& [owner, type, ttl_s, rdata] : sections[section]) {
            text += kSections[section] +
                    text::record_text(wire::NameView(owner), type, wire::klass::kIn, ttl_s, rdata) +
                    "\n";
        }
    }
    return text;
}

Comparable comparable(const model::Answer& answer) {
    Comparable result;
    result.flags = static_cast<unsigned>(answer.rcode) |
                   (answer.is_authoritative ? unsigned{wire::flag::kAa} : 0U);
    const model::Records* sections[] = {&answer.answer, &answer.authority, &answer.additional};
    for (std::size_t section = 0; section < 3; ++section) {
        std::ranges::transform(
            *sections[section], std::back_inserter(result.sections[section]), key_of);
        std::ranges::sort(result.sections[section]);
    }
    return result;
}

Comparable comparable(base::Octets message, bool dnssec_ok) {
    const wire::Header header = wire::Header::load(message.data());
    Comparable result;
    result.flags =
        header.flags & (wire::flag::kAa | wire::flag::kTc | unsigned{wire::flag::kRcodeMask});
    wire::Reader in(message, wire::kHeaderOctets);
    EXPECT_TRUE(in.plain_name() && in.octets(4));
    const unsigned counts[] = {
        header.answer_count, header.authority_count, header.additional_count};
    for (std::size_t section = 0; section < 3; ++section) {
        for (unsigned left = counts[section]; left > 0; --left) {
            wire::RecordHead head;
            Record record;
            if (!in.record(head) || !wire::read_rdata(message, head, record.rdata)) {
                ADD_FAILURE() << "malformed response";
                return result;
            }
            if (head.type == wire::type::kOpt) {
                EXPECT_EQ((head.ttl_s & wire::edns::kDo) != 0, dnssec_ok);
                continue;
            }
            record.owner = wire::Name(head.owner.view());
            record.type = head.type;
            record.ttl_s = head.ttl_s;
            result.sections[section].push_back(key_of(record));
        }
        std::ranges::sort(result.sections[section]);
    }
    EXPECT_EQ(in.remaining(), 0U);
    return result;
}

bool is_part_of(const Comparable& datagram, const Comparable& whole) {
    for (std::size_t section = 0; section < 3; ++section) {
        const auto all = rrsets(whole.sections[section]);
        for (const auto& [rrset, count] : rrsets(datagram.sections[section])) {
            const auto found = all.find(rrset);
            if (found == all.end() || found->second != count) {
                return false;
            }
        }
    }
    return (datagram.flags & ~unsigned{wire::flag::kTc}) == whole.flags &&
           (datagram.is_truncated() || (datagram.sections[0] == whole.sections[0] &&
                                        datagram.sections[1] == whole.sections[1]));
}

}  // namespace understudy::property
