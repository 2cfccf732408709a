#include "control/requests_out.h"

#include <understudy/base/check.h>
#include <understudy/wire/message_writer.h>
#include <understudy/wire/query.h>
#include <understudy/wire/rdata.h>
#include <understudy/wire/reader.h>
#include <algorithm>
#include <array>
#include <string>

#include "control/rcode_text.h"

namespace understudy::control {
namespace {

std::vector<std::uint8_t> make_request(wire::NameView name,
                                       wire::Type type,
                                       std::uint16_t id,
                                       wire::Opcode opcode,
                                       std::uint16_t flags) {
    const std::size_t question_end = wire::kHeaderOctets + name.size() + 4;
    std::vector<std::uint8_t> message(question_end);
    std::ranges::copy(name.octets(), &message[wire::kHeaderOctets]);
    base::store_be16(&message[question_end - 4], type);
    base::store_be16(&message[question_end - 2], wire::klass::kIn);
    const auto opcode_bits = static_cast<unsigned>(opcode) << wire::flag::kOpcodeShift;
    const wire::Header header{
        .id = id, .flags = static_cast<std::uint16_t>(flags | opcode_bits), .question_count = 1};
    header.store(message.data());
    return message;
}

/// Puts the zone's SOA behind the question.
std::vector<std::uint8_t> with_soa(std::vector<std::uint8_t> message,
                                   wire::Section section,
                                   const zone::Zone& zone) {
    constexpr std::size_t kRoomForSoa = 1024;
    const wire::Header header = wire::Header::load(message.data());
    const std::size_t question_end = message.size();
    message.resize(question_end + kRoomForSoa);
    wire::MessageWriter writer(
        message, question_end, message.size(), wire::CompressionCase::kExact);
    // NOLINTNEXTLINE(bugprone-unchecked-optional-access): every zone has one
    const zone::RRset soa = zone.apex_node().rrset(wire::type::kSoa);
    UNDERSTUDY_CHECK(writer.record(
        section, zone.apex(), wire::type::kSoa, wire::klass::kIn, soa.ttl_s(), *soa.begin()));
    message.resize(writer.finish(header.id, header.flags));
    return message;
}

}  // namespace

std::vector<std::uint8_t> make_query(wire::NameView name, wire::Type type, std::uint16_t id) {
    return make_request(name, type, id, wire::Opcode::kQuery, 0);
}

std::vector<std::uint8_t> make_ixfr_query(const zone::Zone& held, std::uint16_t id) {
    return with_soa(
        make_query(held.apex(), wire::type::kIxfr, id), wire::Section::kAuthority, held);
}

std::vector<std::uint8_t> make_notify(const zone::Zone& zone, std::uint16_t id) {
    return with_soa(
        make_request(zone.apex(), wire::type::kSoa, id, wire::Opcode::kNotify, wire::flag::kAa),
        wire::Section::kAnswer,
        zone);
}

bool is_response_to(base::Octets message, std::uint16_t id) noexcept {
    if (message.size() < wire::kHeaderOctets) {
        return false;
    }
    const wire::Header header = wire::Header::load(message.data());
    return header.is_response() && header.id == id;
}

base::Expected<void> check_response(base::Octets message,
                                    wire::Opcode opcode,
                                    wire::NameView name,
                                    wire::Type type) {
    if (message.size() < wire::kHeaderOctets) {
        return base::fail("a message shorter than a header");
    }
    const wire::Header header = wire::Header::load(message.data());
    if (!header.is_response() || header.opcode() != opcode) {
        return base::fail("a message that is no response to the request");
    }
    if (header.rcode() != wire::Rcode::kNoError) {
        return base::fail("answered " + rcode_text(header.rcode()));
    }
    wire::Reader in(message, wire::kHeaderOctets);
    wire::NameBuffer question;
    if (header.question_count != 1 || !in.name(question) || !(question.view() == name) ||
        in.u16() != type || in.u16() != wire::klass::kIn) {
        return base::fail("an answer to another question");
    }
    return {};
}

base::Expected<SoaAnswer> read_soa_answer(base::Octets message, wire::NameView apex) {
    if (auto good = check_response(message, wire::Opcode::kQuery, apex, wire::type::kSoa); !good) {
        return base::fail(good.error().message);
    }
    const wire::Header header = wire::Header::load(message.data());
    if ((header.flags & wire::flag::kTc) != 0) {
        return SoaAnswer{.truncated = true};
    }
    if ((header.flags & wire::flag::kAa) == 0) {
        return base::fail("a response to the SOA query that is not authoritative");
    }
    wire::Reader in(message, wire::kHeaderOctets);
    wire::NameBuffer question;
    wire::RecordHead record;
    std::vector<std::uint8_t> rdata;
    if (!in.name(question) || !in.octets(4) || header.answer_count == 0 || !in.record(record) ||
        record.type != wire::type::kSoa || record.klass != wire::klass::kIn ||
        !(record.owner.view() == apex) || !wire::read_rdata(message, record, rdata)) {
        return base::fail("a response to the SOA query without the SOA");
    }
    return SoaAnswer{.serial = wire::Soa::from_rdata(rdata).serial};
}

}  // namespace understudy::control
