#include <understudy/wire/query.h>
#include <understudy/wire/reader.h>
#include <algorithm>

namespace understudy::wire {
namespace {

bool options_are_well_formed(base::Octets options) noexcept {
    Reader in(options);
    while (in.remaining() > 0) {
        const auto code = in.u16();
        const auto length = in.u16();
        if (!code || !length || !in.octets(*length)) {
            return false;
        }
    }
    return true;
}

/// What an OPT says is taken even where it is at fault: the error's response shows by an OPT that
/// EDNS is understood here (RFC 6891 §7).
bool take_edns(const RecordHead& record, base::Octets message, Query& query) noexcept {
    if (query.edns) {
        return false;
    }
    query.edns = Edns{
        .payload_octets = std::max(record.klass, static_cast<std::uint16_t>(kMinUdpPayloadOctets)),
        .version = static_cast<std::uint8_t>(record.ttl_s >> 16U),
        .dnssec_ok = (record.ttl_s & edns::kDo) != 0,
        .options = {},
    };
    if (!record.owner.view().is_root()) {
        return false;
    }
    if (query.edns->version > 0) {
        return true;  // what follows has a form of that version's
    }
    const base::Octets options = message.subspan(record.rdata_offset, record.rdata_octets);
    if (!options_are_well_formed(options)) {
        return false;
    }
    query.edns->options = options;
    return true;
}

/// Takes the question; where there is not exactly one, steps over them all. False where one does
/// not stand whole.
bool take_questions(Reader& in, Query& query) noexcept {
    constexpr std::size_t kFixedOctets = 4;  // type, class
    if (query.header.question_count != 1) {
        NameBuffer name;
        for (unsigned left = query.header.question_count; left > 0; --left) {
            if (!in.name(name) || !in.octets(kFixedOctets)) {
                return false;
            }
        }
        return true;
    }
    // A question cannot be compressed: nothing stands before it that a pointer could aim at.
    const auto name = in.plain_name();
    const auto fixed = name ? in.octets(kFixedOctets) : std::nullopt;
    if (!fixed) {
        return false;
    }
    query.name = *name;
    query.type = base::load_be16(fixed->data());
    query.klass = base::load_be16(&(*fixed)[2]);
    query.question_end = in.offset();
    query.has_question = true;
    return true;
}

bool take_additional(Reader& in, Query& query) noexcept {
    for (unsigned left = query.header.additional_count; left > 0; --left) {
        RecordHead record;
        if (!in.record(record)) {
            return false;
        }
        if (record.type == type::kOpt && !take_edns(record, in.message(), query)) {
            return false;
        }
        if (record.type == type::kTsig) {
            if (left != 1) {
                return false;
            }
            query.has_tsig = true;
        }
    }
    return true;
}

bool take_sections(Reader& in, Query& query) noexcept {
    if (!take_questions(in, query)) {
        return false;
    }
    const unsigned before_additional = query.header.answer_count + query.header.authority_count;
    for (unsigned left = before_additional; left > 0; --left) {
        RecordHead record;
        if (!in.record(record) || record.type == type::kOpt || record.type == type::kTsig) {
            return false;
        }
    }
    return take_additional(in, query) && query.has_question && in.remaining() == 0;
}

}  // namespace

Header Header::load(const std::uint8_t* at) noexcept {
    return {base::load_be16(at),
            base::load_be16(at + 2),
            base::load_be16(at + 4),
            base::load_be16(at + 6),
            base::load_be16(at + 8),
            base::load_be16(at + 10)};
}

void Header::store(std::uint8_t* at) const noexcept {
    base::store_be16(at, id);
    base::store_be16(at + 2, flags);
    base::store_be16(at + 4, question_count);
    base::store_be16(at + 6, answer_count);
    base::store_be16(at + 8, authority_count);
    base::store_be16(at + 10, additional_count);
}

std::optional<base::Octets> Edns::option(std::uint16_t code) const noexcept {
    Reader in(options);
    while (in.remaining() > 0) {
        const auto found = in.u16();
        const auto length = in.u16();
        const auto value = length ? in.octets(*length) : std::nullopt;
        if (!found || !value) {
            break;
        }
        if (*found == code) {
            return value;
        }
    }
    return std::nullopt;
}

bool Query::has_known_opcode() const noexcept {
    const Opcode opcode = header.opcode();
    return opcode == Opcode::kQuery || opcode == Opcode::kNotify || opcode == Opcode::kUpdate;
}

QueryFault parse_query(base::Octets message, Query& query) noexcept {
    query = Query{};
    if (message.size() < kHeaderOctets) {
        return QueryFault::kShort;
    }
    query.header = Header::load(message.data());
    if (query.header.is_response()) {
        return QueryFault::kIsResponse;
    }
    Reader in(message, kHeaderOctets);
    return take_sections(in, query) || !query.has_known_opcode() ? QueryFault::kNone
                                                                 : QueryFault::kFormErr;
}

}  // namespace understudy::wire
