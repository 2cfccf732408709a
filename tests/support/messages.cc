#include "support/messages.h"

#include <understudy/text/record_text.h>
#include <understudy/wire/query.h>
#include <understudy/wire/rdata.h>
#include <understudy/wire/reader.h>
#include <array>
#include <cstdio>

namespace understudy::support {
namespace {

constexpr const char* kMalformed = "malformed\n";

std::string hex(base::Octets octets) {
    std::string text;
    for (const std::uint8_t octet : octets) {
        std::array<char, 3> digits{};
        (void)std::snprintf(digits.data(), digits.size(), "%02X", octet);
        text += digits.data();
    }
    return text;
}

std::string rcode_text(unsigned rcode) {
    switch (rcode) {
        case 0:
            return "NOERROR";
        case 1:
            return "FORMERR";
        case 2:
            return "SERVFAIL";
        case 3:
            return "NXDOMAIN";
        case 4:
            return "NOTIMP";
        case 5:
            return "REFUSED";
        case 6:
            return "YXDOMAIN";
        case 16:
            return "BADVERS";
        default:
            return "rcode=" + std::to_string(rcode);
    }
}

std::string flags_text(const wire::Header& header) {
    std::string text;
    const auto opcode = static_cast<unsigned>(header.opcode());
    if (opcode != 0) {
        text += " opcode=" + std::to_string(opcode);
    }
    if (!header.is_response()) {
        text += " query";
    }
    struct Flag {
        unsigned bit;
        const char* name;
    };
    for (const Flag& flag : {Flag{0x0400, " aa"},
                             Flag{0x0200, " tc"},
                             Flag{0x0100, " rd"},
                             Flag{0x0080, " ra"},
                             Flag{0x0040, " z"},
                             Flag{0x0020, " ad"},
                             Flag{0x0010, " cd"}}) {
        if ((header.flags & flag.bit) != 0) {
            text += flag.name;
        }
    }
    return text;
}

/// An OPT's line, or nothing where its options are malformed.
std::optional<std::string> edns_text(const wire::RecordHead& record, base::Octets options) {
    std::string text = "edns " + std::to_string(record.klass);
    if ((record.ttl_s >> 16U & 0xFFU) != 0) {
        text += " version=" + std::to_string(record.ttl_s >> 16U & 0xFFU);
    }
    text += (record.ttl_s & wire::edns::kDo) != 0 ? " do" : "";
    wire::Reader in(options);
    while (in.remaining() > 0) {
        const auto code = in.u16();
        const auto length = in.u16();
        const auto value = length ? in.octets(*length) : std::nullopt;
        if (!code || !value) {
            return std::nullopt;
        }
        if (*code == wire::edns::kEde && value->size() == 2) {
            text += " ede=" + std::to_string(base::load_be16(value->data()));
        } else {
            text += (*code == wire::edns::kNsid ? " nsid" : " option" + std::to_string(*code)) +
                    "=" + hex(*value);
        }
    }
    return text + "\n";
}

struct Reading {
    std::string records;
    std::string edns;
    unsigned extended_rcode = 0;  // the upper bits, in place
};

bool read_section(wire::Reader& in, unsigned count, const char* section, Reading& into) {
    for (; count > 0; --count) {
        wire::RecordHead record;
        Bytes rdata;
        if (!in.record(record) || !wire::read_rdata(in.message(), record, rdata)) {
            return false;
        }
        if (record.type != wire::type::kOpt) {
            into.records +=
                std::string(section) + " " +
                text::record_text(
                    record.owner.view(), record.type, record.klass, record.ttl_s, rdata) +
                "\n";
            continue;
        }
        const auto edns = edns_text(record, rdata);
        if (!edns || !into.edns.empty() || !record.owner.view().is_root()) {
            return false;
        }
        into.edns = *edns;
        into.extended_rcode = record.ttl_s >> 24U << 4U;
    }
    return true;
}

}  // namespace

OctetBuilder make_header(std::uint16_t flags,
                         unsigned questions,
                         unsigned answers,
                         unsigned authorities,
                         unsigned additionals) {
    OctetBuilder message;
    message.u16(0x1234).u16(flags).u16(questions).u16(answers).u16(authorities).u16(additionals);
    return message;
}

OctetBuilder& add_opt(OctetBuilder& message, const EdnsFields& edns) {
    return message.u8(0)
        .record_fields(wire::type::kOpt,
                       edns.payload_octets,
                       (std::uint32_t{edns.version} << 16U) |
                           (edns.dnssec_ok ? std::uint32_t{wire::edns::kDo} : 0U),
                       static_cast<unsigned>(edns.options.size()))
        .raw(edns.options);
}

Bytes make_query(const QueryFields& fields) {
    OctetBuilder message = make_header(fields.flags, 1, 0, 0, fields.edns ? 1 : 0);
    message.name(fields.name).u16(fields.type).u16(fields.klass);
    if (fields.edns) {
        add_opt(message, *fields.edns);
    }
    Bytes octets = message.bytes();
    base::store_be16(octets.data(), fields.id);
    return octets;
}

Bytes edns_option(unsigned code, const Bytes& value) {
    return OctetBuilder().u16(code).u16(static_cast<unsigned>(value.size())).raw(value).bytes();
}

std::string message_text(base::Octets message) {
    if (message.size() < wire::kHeaderOctets) {
        return kMalformed;
    }
    const wire::Header header = wire::Header::load(message.data());
    wire::Reader in(message, wire::kHeaderOctets);
    for (unsigned left = header.question_count; left > 0; --left) {
        wire::NameBuffer name;
        if (!in.name(name) || !in.octets(4)) {
            return kMalformed;
        }
    }
    Reading reading;
    if (!read_section(in, header.answer_count, "answer", reading) ||
        !read_section(in, header.authority_count, "authority", reading) ||
        !read_section(in, header.additional_count, "additional", reading) || in.remaining() != 0) {
        return kMalformed;
    }
    return rcode_text(static_cast<unsigned>(header.rcode()) | reading.extended_rcode) +
           flags_text(header) + "\n" + reading.records + reading.edns;
}

}  // namespace understudy::support
