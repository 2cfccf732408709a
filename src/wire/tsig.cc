#include <understudy/wire/query.h>
#include <understudy/wire/tsig.h>
#include <optional>

namespace understudy::wire {
namespace {

constexpr std::uint16_t kMaxRecords = 0xFFFF;  // what a header can count of one section
constexpr std::uint32_t kTtl = 0;              // RFC 8945 §4.2
constexpr std::size_t kHeadOctets = 10;        // a record's type, class, TTL and rdata length
constexpr std::size_t kFixedOctets = 16;       // time, fudge, MAC size, id, error, other size

void put16(std::vector<std::uint8_t>& into, std::uint16_t value) {
    into.push_back(static_cast<std::uint8_t>(value >> 8U));
    into.push_back(static_cast<std::uint8_t>(value));
}

void put32(std::vector<std::uint8_t>& into, std::uint32_t value) {
    put16(into, static_cast<std::uint16_t>(value >> 16U));
    put16(into, static_cast<std::uint16_t>(value));
}

void put(std::vector<std::uint8_t>& into, base::Octets octets) {
    into.insert(into.end(), octets.begin(), octets.end());
}

void put_lowered(std::vector<std::uint8_t>& into, NameView name) {
    for (const std::uint8_t octet : name.octets()) {
        into.push_back(to_lower(octet));
    }
}

void put_sized(std::vector<std::uint8_t>& into, base::Octets octets) {
    put16(into, static_cast<std::uint16_t>(octets.size()));
    put(into, octets);
}

std::optional<base::Octets> take_sized(Reader& in) noexcept {
    const auto size = in.u16();
    return size ? in.octets(*size) : std::nullopt;
}

/// RFC 8945 §4.2. `in` stands at the rdata's beginning and ends with the rdata.
bool take_rdata(Reader& in, Tsig& into) noexcept {
    const auto algorithm = in.plain_name();
    const auto time_high = in.u16();
    const auto time_low = in.u32();
    const auto fudge_s = in.u16();
    const auto mac = take_sized(in);
    const auto original_id = in.u16();
    const auto error = in.u16();
    const auto other = take_sized(in);
    // A step that fails moves nothing, so a later one may succeed on the wrong octets: all count.
    if (!algorithm || !time_high || !time_low || !fudge_s || !mac || !original_id || !error ||
        !other || in.remaining() != 0) {
        return false;
    }
    into.algorithm = *algorithm;
    into.time_signed_s = std::uint64_t{*time_high} << 32U | *time_low;
    into.fudge_s = *fudge_s;
    into.mac = *mac;
    into.original_id = *original_id;
    into.error = static_cast<TsigError>(*error);
    into.other = *other;
    return true;
}

bool take_tsig(base::Octets message, const RecordHead& record, Tsig& into) noexcept {
    into.key.assign(record.owner.view());
    Reader rdata(message.first(record.rdata_offset + record.rdata_octets), record.rdata_offset);
    return record.klass == klass::kAny && record.ttl_s == kTtl && take_rdata(rdata, into);
}

bool skip_questions(Reader& in, unsigned count) noexcept {
    NameBuffer name;
    for (; count > 0; --count) {
        if (!in.name(name) || !in.octets(4)) {
            return false;
        }
    }
    return true;
}

/// Skips records none of which may be a TSIG.
bool skip_records(Reader& in, unsigned count, RecordHead& record) noexcept {
    for (; count > 0; --count) {
        if (!in.record(record) || record.type == type::kTsig) {
            return false;
        }
    }
    return true;
}

}  // namespace

TsigPresence find_tsig(base::Octets message, Tsig& into) noexcept {
    if (message.size() < kHeaderOctets) {
        return TsigPresence::kMalformed;
    }
    const Header header = Header::load(message.data());
    const unsigned records =
        0U + header.answer_count + header.authority_count + header.additional_count;
    Reader in(message, kHeaderOctets);
    if (!skip_questions(in, header.question_count)) {
        return TsigPresence::kMalformed;
    }
    if (records == 0) {
        return TsigPresence::kAbsent;
    }
    RecordHead record;
    if (!skip_records(in, records - 1, record)) {
        return TsigPresence::kMalformed;
    }
    into.offset = in.offset();
    if (!in.record(record)) {
        return TsigPresence::kMalformed;
    }
    if (record.type != type::kTsig) {
        return TsigPresence::kAbsent;
    }
    const bool is_the_end = header.additional_count > 0 && in.remaining() == 0;
    return is_the_end && take_tsig(message, record, into) ? TsigPresence::kPresent
                                                          : TsigPresence::kMalformed;
}

TsigCoverage tsig_coverage(base::Octets message, const Tsig& tsig) noexcept {
    Header header = Header::load(message.data());
    header.id = tsig.original_id;
    --header.additional_count;
    TsigCoverage coverage{
        .header = {},
        .rest = message.subspan(kHeaderOctets, tsig.offset - kHeaderOctets),
    };
    header.store(coverage.header.data());
    return coverage;
}

std::vector<std::uint8_t> tsig_variables(const Tsig& tsig) {
    std::vector<std::uint8_t> octets;
    put_lowered(octets, tsig.key.view());
    put16(octets, klass::kAny);
    put32(octets, kTtl);
    put_lowered(octets, tsig.algorithm);
    put(octets, tsig_timers(tsig));
    put16(octets, static_cast<std::uint16_t>(tsig.error));
    put_sized(octets, tsig.other);
    return octets;
}

std::array<std::uint8_t, kTsigTimersOctets> tsig_timers(const Tsig& tsig) noexcept {
    std::array<std::uint8_t, kTsigTimersOctets> octets{};
    base::store_be16(octets.data(), static_cast<std::uint16_t>(tsig.time_signed_s >> 32U));
    base::store_be32(&octets[2], static_cast<std::uint32_t>(tsig.time_signed_s));
    base::store_be16(&octets[6], tsig.fudge_s);
    return octets;
}

std::size_t tsig_record_octets(NameView key,
                               NameView algorithm,
                               std::size_t mac_octets,
                               std::size_t other_octets) noexcept {
    return key.size() + kHeadOctets + algorithm.size() + kFixedOctets + mac_octets + other_octets;
}

bool tsig_fits(base::Octets message, std::size_t record_octets) noexcept {
    return message.size() + record_octets <= kMaxMessageOctets &&
           Header::load(message.data()).additional_count < kMaxRecords;
}

void append_tsig(std::vector<std::uint8_t>& message, const Tsig& tsig) {
    const NameView key = tsig.key.view();
    const std::size_t octets =
        tsig_record_octets(key, tsig.algorithm, tsig.mac.size(), tsig.other.size());
    Header header = Header::load(message.data());
    ++header.additional_count;
    header.store(message.data());
    message.reserve(message.size() + octets);
    put(message, key.octets());
    put16(message, type::kTsig);
    put16(message, klass::kAny);
    put32(message, kTtl);
    put16(message, static_cast<std::uint16_t>(octets - key.size() - kHeadOctets));
    put(message, tsig.algorithm.octets());
    put(message, tsig_timers(tsig));
    put_sized(message, tsig.mac);
    put16(message, tsig.original_id);
    put16(message, static_cast<std::uint16_t>(tsig.error));
    put_sized(message, tsig.other);
}

void strip_tsig(std::vector<std::uint8_t>& message, const Tsig& tsig) {
    Header header = Header::load(message.data());
    --header.additional_count;
    header.store(message.data());
    message.resize(tsig.offset);
}

}  // namespace understudy::wire
