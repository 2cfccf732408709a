#include "zone/rrset_encoder.h"

#include <understudy/wire/rdata.h>
#include <understudy/zone/fixups.h>
#include <algorithm>
#include <array>
#include <string>
#include <tuple>

#include <understudy/zone/stored_node.h>

namespace understudy::zone {
namespace {

constexpr std::size_t kMaxQuestionEnd =
    wire::kHeaderOctets + wire::kMaxNameOctets + wire::kQuestionTailOctets;
constexpr std::uint16_t kQuestionPointer = wire::kPointer | wire::kHeaderOctets;

std::string too_long(wire::NameView owner) {
    return "more than " + std::to_string(StoredRRset::kMaxOctets) +
           " octets of records of one type at " + owner.to_text();
}

std::uint32_t lowest_ttl(std::span<const RecordRef> records) noexcept {
    return std::ranges::min_element(records, {}, &RecordRef::ttl_s)->ttl_s;
}

/// The end of the records in front that are of the first one's RRset.
std::size_t rrset_end(std::span<const RecordRef> records) noexcept {
    const auto is_other = [&first = records.front()](const RecordRef& record) {
        return record.covered != first.covered || record.type != first.type;
    };
    return static_cast<std::size_t>(std::ranges::find_if(records, is_other) - records.begin());
}

/// A record whose rdata goes as it is, under the question's name. False: it would be too much.
bool append_whole(bool is_root,
                  const RecordRef& record,
                  std::size_t first,
                  std::vector<std::uint8_t>& into) {
    std::array<std::uint8_t, 12> head{};
    base::store_be16(head.data(), kQuestionPointer);
    base::store_be16(&head[2], record.type);
    base::store_be16(&head[4], wire::klass::kIn);
    base::store_be32(&head[6], record.ttl_s);
    base::store_be16(&head[10], static_cast<std::uint16_t>(record.rdata.size()));
    if (is_root) {
        into.push_back(0);
        into.insert(into.end(), head.begin() + 2, head.end());
    } else {
        into.insert(into.end(), head.begin(), head.end());
    }
    into.insert(into.end(), record.rdata.begin(), record.rdata.end());
    return into.size() - first <= StoredRRset::kMaxOctets;
}

void store_field(std::vector<std::uint8_t>& into, std::size_t at, std::size_t value) {
    const auto field = static_cast<std::uint16_t>(value);
    std::memcpy(&into[at], &field, sizeof field);
}

/// Puts the fields of a StoredRRset down; the octets are set when they are known.
std::size_t append_header(wire::Type type, std::size_t count, std::vector<std::uint8_t>& into) {
    const std::size_t header = into.size();
    append_field(into, type);
    append_field(into, static_cast<std::uint16_t>(count));
    append_field(into, std::uint32_t{0});
    return header;
}

}  // namespace

RecordRef RecordRef::of(wire::Type type, std::uint32_t ttl_s, base::Octets rdata) noexcept {
    const wire::Type covered =
        type == wire::type::kRrsig ? wire::Type{base::load_be16(rdata.data())} : type;
    return {type, covered, ttl_s, rdata};
}

bool stored_before(const RecordRef& left, const RecordRef& right) noexcept {
    const auto order = [](const RecordRef& record) {
        return std::tuple(record.covered, record.is_signature());
    };
    if (order(left) != order(right)) {
        return order(left) < order(right);
    }
    return std::ranges::lexicographical_compare(left.rdata, right.rdata);
}

std::span<const RecordRef> records_of(std::span<const RecordRef> sorted, wire::Type type) noexcept {
    const auto [first, last] = std::ranges::equal_range(sorted, type, {}, &RecordRef::covered);
    const auto is_record = [](const RecordRef& record) { return !record.is_signature(); };
    return {first, std::partition_point(first, last, is_record)};
}

void append_addresses(std::span<const RecordRef> sorted, std::vector<RecordRef>& into) {
    for (const wire::Type type : {wire::type::kA, wire::type::kAaaa}) {
        const auto addresses = records_of(sorted, type);
        into.insert(into.end(), addresses.begin(), addresses.end());
    }
}

void normalise(std::vector<RecordRef>& records) {
    std::uint32_t ttl_s = 0;
    for (std::span<RecordRef> rest = records; !rest.empty();) {
        const std::span<RecordRef> rrset = rest.first(rrset_end(rest));
        // RRSIGs go with the TTL of what they cover (RFC 4034 §3).
        const bool covers_last = rrset.data() != records.data() && rrset.front().is_signature() &&
                                 (&rrset.front() - 1)->covered == rrset.front().covered;
        ttl_s = covers_last ? ttl_s : lowest_ttl(rrset);
        for (RecordRef& record : rrset) {
            record.ttl_s = ttl_s;
        }
        rest = rest.subspan(rrset.size());
    }
    const auto equal = [](const RecordRef& left, const RecordRef& right) {
        return left.type == right.type && left.covered == right.covered &&
               std::ranges::equal(left.rdata, right.rdata);
    };
    records.erase(std::ranges::unique(records, equal).begin(), records.end());
}

RRsetEncoder::RRsetEncoder() : buffer_(kMaxQuestionEnd + 2 * StoredRRset::kMaxOctets) {}

wire::MessageWriter RRsetEncoder::writer_for(wire::NameView owner) {
    std::ranges::copy(owner.octets(), buffer_.begin() + wire::kHeaderOctets);
    const std::size_t end = wire::kHeaderOctets + owner.size() + wire::kQuestionTailOctets;
    return {buffer_, end, buffer_.size(), wire::CompressionCase::kExact};
}

base::Octets RRsetEncoder::write(wire::MessageWriter& writer,
                                 wire::NameView owner,
                                 std::span<const RecordRef> records,
                                 std::uint32_t ttl_s) {
    const std::size_t start = writer.size();
    for (const RecordRef& record : records) {
        if (writer.size() - start > StoredRRset::kMaxOctets ||
            !writer.record(wire::Section::kAnswer,
                           owner,
                           record.type,
                           wire::klass::kIn,
                           ttl_s,
                           record.rdata)) {
            break;
        }
    }
    return base::Octets(buffer_).subspan(start, writer.size() - start);
}

base::Expected<void> RRsetEncoder::encode_rrset(wire::NameView owner,
                                                std::span<const RecordRef> records,
                                                std::vector<std::uint8_t>& into) {
    const auto signatures_at = static_cast<std::size_t>(
        std::ranges::find_if(records, &RecordRef::is_signature) - records.begin());
    const std::size_t header = append_header(records.front().covered, signatures_at, into);
    const auto append = [&](std::span<const RecordRef> part, std::size_t length_at) {
        const std::size_t start = into.size();
        bool fits = true;
        if (!part.empty() && wire::rdata_layout(part.front().type).compressible) {
            wire::MessageWriter writer = writer_for(owner);
            const base::Octets body = write(writer, owner, part, part.front().ttl_s);
            fits = body.size() <= StoredRRset::kMaxOctets &&
                   writer.count(wire::Section::kAnswer) == part.size();
            into.insert(into.end(), body.begin(), body.end());
        } else {
            fits = std::ranges::all_of(part, [&](const RecordRef& record) {
                return append_whole(owner.is_root(), record, start, into);
            });
        }
        store_field(into, header + length_at, into.size() - start);
        return fits;
    };
    constexpr std::size_t kRecordsLengthAt = 4;
    constexpr std::size_t kSignaturesLengthAt = 6;
    if (!append(records.first(signatures_at), kRecordsLengthAt) ||
        !append(records.subspan(signatures_at), kSignaturesLengthAt)) {
        return base::fail(too_long(owner));
    }
    return {};
}

base::Expected<void> RRsetEncoder::encode_referral(wire::NameView owner,
                                                   std::span<const RecordRef> ns,
                                                   const Cut& cut,
                                                   std::vector<std::uint8_t>& into) {
    wire::MessageWriter writer = writer_for(owner);
    const base::Octets referral = write(writer, owner, ns, ns.front().ttl_s);
    const std::size_t glue_start = writer.size();
    std::size_t count = 0;
    for (const Glue& glue : cut.glue) {
        for (std::span<const RecordRef> rest = glue.records; !rest.empty();) {
            const auto rrset = rest.first(rrset_end(rest));
            rest = rest.subspan(rrset.size());
            if (write(writer, glue.host, rrset, rrset.front().ttl_s).size() >
                StoredRRset::kMaxOctets) {
                return base::fail(too_long(glue.host));
            }
            count += rrset.size();
        }
    }
    const base::Octets records =
        base::Octets(buffer_).subspan(glue_start, writer.size() - glue_start);
    const std::size_t header =
        append_header(kReferralType, count | (cut.may_have_siblings ? kMayHaveSiblings : 0U), into);
    into.insert(into.end(), records.begin(), records.end());
    const std::size_t fixups_start = into.size();
    append_field(into, std::uint16_t{0});
    FixUps::append(referral, into);
    store_field(into, fixups_start, into.size() - fixups_start - sizeof(std::uint16_t));
    FixUps::append(records, into);
    if (records.size() > StoredRRset::kMaxOctets || count >= kMayHaveSiblings ||
        into.size() - fixups_start > StoredRRset::kMaxOctets) {
        return base::fail("too much glue for " + owner.to_text());
    }
    store_field(into, header + 4, records.size());
    store_field(into, header + 6, into.size() - fixups_start);
    return {};
}

base::Expected<void> RRsetEncoder::encode(wire::NameView owner,
                                          std::span<const RecordRef> records,
                                          const Cut* cut,
                                          std::vector<std::uint8_t>& into) {
    const std::size_t count_at = into.size();
    std::size_t rrsets = 0;
    into.push_back(0);
    if (cut != nullptr) {
        ++rrsets;
        const auto ns = records_of(records, wire::type::kNs);
        if (auto good = encode_referral(owner, ns, *cut, into); !good) {
            return good;
        }
    }
    for (std::span<const RecordRef> rest = records; !rest.empty(); ++rrsets) {
        const auto end = std::ranges::find_if(rest, [&rest](const RecordRef& record) {
            return record.covered != rest.front().covered;
        });
        const auto rrset = rest.first(static_cast<std::size_t>(end - rest.begin()));
        rest = rest.subspan(rrset.size());
        if (auto good = encode_rrset(owner, rrset, into); !good) {
            return good;
        }
    }
    if (rrsets > kMaxTypesAtName) {
        return base::fail("more than " + std::to_string(kMaxTypesAtName) + " types at " +
                          owner.to_text());
    }
    into[count_at] = static_cast<std::uint8_t>(rrsets);
    return {};
}

void RRsetEncoder::encode_negative(wire::NameView apex,
                                   std::span<const RecordRef> soa,
                                   std::uint32_t ttl_s,
                                   std::vector<std::uint8_t>& into) {
    std::vector<RecordRef> records(soa.begin(), soa.end());
    for (RecordRef& record : records) {
        record.ttl_s = std::min(record.ttl_s, ttl_s);
    }
    const std::size_t start = into.size();
    static_cast<void>(encode_rrset(apex, records, into));  // as long as what was encoded already
    const StoredRRset stored = StoredRRset::load(&into[start]);
    std::vector<std::uint8_t> fixups;
    FixUps::append(stored.records, fixups);
    const auto records_fixups = static_cast<std::uint16_t>(fixups.size());
    FixUps::append(stored.signatures, fixups);
    append_field(into, records_fixups);
    into.insert(into.end(), fixups.begin(), fixups.end());
}

}  // namespace understudy::zone
