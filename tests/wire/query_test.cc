#include <gtest/gtest.h>
#include <understudy/wire/query.h>
#include <algorithm>
#include <string>

#include "support/octets.h"

namespace understudy::wire {
namespace {

using support::Bytes;
using support::OctetBuilder;

constexpr unsigned kOpt = 41;
constexpr unsigned kTsig = 250;

/// A header with these counts; flags with RD.
OctetBuilder header(unsigned questions,
                    unsigned answers,
                    unsigned authorities,
                    unsigned additionals,
                    unsigned flags = flag::kRd) {
    OctetBuilder message;
    message.u16(0xABCD).u16(flags).u16(questions).u16(answers).u16(authorities).u16(additionals);
    return message;
}

OctetBuilder& question(OctetBuilder& message, const char* name = "a.Example.") {
    return message.name(name).u16(type::kTxt).u16(klass::kIn);
}

/// An OPT of the root with `options` as it stands.
OctetBuilder& opt(OctetBuilder& message, const Bytes& options = {}, std::uint32_t ttl_s = 0) {
    return message.u8(0)
        .record_fields(kOpt, 1400, ttl_s, static_cast<unsigned>(options.size()))
        .raw(options);
}

OctetBuilder& tsig(OctetBuilder& message) {
    return message.name("key.").record_fields(kTsig, klass::kAny, 0, 1).u8(0);
}

QueryFault parse(const OctetBuilder& message) {
    Query query;
    return parse_query(message.bytes(), query);
}

TEST(Header, GoesBothWays) {
    const Bytes octets = support::from_hex("0102 8583 0001 0203 0405 0607");
    const Header header = Header::load(octets.data());
    EXPECT_EQ(header.id, 0x0102);
    EXPECT_TRUE(header.is_response());
    EXPECT_EQ(header.opcode(), Opcode::kQuery);
    EXPECT_EQ(header.rcode(), Rcode::kNxDomain);
    EXPECT_EQ(header.additional_count, 0x0607);
    Bytes back(12);
    header.store(back.data());
    EXPECT_EQ(back, octets);
}

TEST(ParseQuery, TakesAPlainQuestion) {
    OctetBuilder message = header(1, 0, 0, 0);
    const Bytes octets = question(message).bytes();
    Query query;
    ASSERT_EQ(parse_query(octets, query), QueryFault::kNone);
    EXPECT_EQ(query.header.id, 0xABCD);
    EXPECT_EQ(query.name.to_text(), "a.Example.");
    EXPECT_EQ(query.name.octets().data(), &octets[kHeaderOctets]);
    EXPECT_EQ(query.type, type::kTxt);
    EXPECT_EQ(query.klass, klass::kIn);
    EXPECT_EQ(query.question_end, octets.size());
    EXPECT_TRUE(query.has_question);
    EXPECT_FALSE(query.edns);
    EXPECT_FALSE(query.has_tsig);
}

TEST(ParseQuery, RefusesAQueryCutShortAnywhere) {
    OctetBuilder message = header(1, 0, 1, 2);
    question(message).name("a.").record_fields(type::kSoa, klass::kIn, 0, 2).u16(0);
    opt(message, support::from_hex("0003 0001 41"));
    const Bytes octets = tsig(message).bytes();
    Query query;
    ASSERT_EQ(parse_query(octets, query), QueryFault::kNone);
    for (std::size_t size = 0; size < octets.size(); ++size) {
        EXPECT_EQ(parse_query(support::head_of(octets, size), query),
                  size < kHeaderOctets ? QueryFault::kShort : QueryFault::kFormErr)
            << size;
    }
}

TEST(ParseQuery, RefusesTrailingOctets) {
    OctetBuilder message = header(1, 0, 0, 0);
    EXPECT_EQ(parse(question(message).u8(0)), QueryFault::kFormErr);
    OctetBuilder with_opt = header(1, 0, 0, 1);
    opt(question(with_opt));
    EXPECT_EQ(parse(with_opt), QueryFault::kNone);
    EXPECT_EQ(parse(with_opt.u8(0)), QueryFault::kFormErr);
}

TEST(ParseQuery, RefusesCountsThatLie) {
    for (const auto& counts : {std::array{1U, 1U, 0U, 0U},
                               std::array{1U, 0U, 1U, 0U},
                               std::array{1U, 0U, 0U, 1U},
                               std::array{1U, 0xFFFFU, 0xFFFFU, 0xFFFFU},
                               std::array{2U, 0U, 0U, 0U},
                               std::array{0xFFFFU, 0U, 0U, 0U},
                               std::array{0U, 0U, 0U, 0U}}) {
        OctetBuilder message = header(counts[0], counts[1], counts[2], counts[3]);
        EXPECT_EQ(parse(question(message)), QueryFault::kFormErr) << counts[0] << " " << counts[1];
    }
}

TEST(ParseQuery, NeverAnswersResponses) {
    OctetBuilder message = header(1, 0, 0, 0, flag::kQr);
    EXPECT_EQ(parse(question(message)), QueryFault::kIsResponse);
    EXPECT_EQ(parse(header(9, 9, 9, 9, flag::kQr)), QueryFault::kIsResponse);
}

TEST(ParseQuery, RefusesNoQuestionAndTwoButSeesTheOpt) {
    OctetBuilder none = header(0, 0, 0, 1);
    OctetBuilder two = header(2, 0, 0, 1);
    question(question(two), "b.");
    for (OctetBuilder* message : {&none, &two}) {
        Query query;
        EXPECT_EQ(parse_query(opt(*message).bytes(), query), QueryFault::kFormErr);
        EXPECT_FALSE(query.has_question);
        EXPECT_EQ(query.question_end, kHeaderOctets);
        EXPECT_TRUE(query.edns.has_value());
    }
}

TEST(ParseQuery, RefusesACompressedQuestion) {
    OctetBuilder message = header(1, 0, 0, 0);
    EXPECT_EQ(parse(message.pointer(4).u16(1).u16(1)), QueryFault::kFormErr);
}

TEST(ParseQuery, TakesTheRootAndTheLongestName) {
    OctetBuilder root = header(1, 0, 0, 0);
    EXPECT_EQ(parse(question(root, ".")), QueryFault::kNone);
    const std::string label(63, 'a');
    OctetBuilder longest = header(1, 0, 0, 0);
    longest.label(label).label(label).label(label).label(std::string(61, 'b')).u8(0);
    EXPECT_EQ(parse(longest.u16(1).u16(1)), QueryFault::kNone);
    OctetBuilder longer = header(1, 0, 0, 0);
    longer.label(label).label(label).label(label).label(std::string(62, 'b')).u8(0);
    EXPECT_EQ(parse(longer.u16(1).u16(1)), QueryFault::kFormErr);
}

TEST(ParseQuery, TakesAnOpt) {
    OctetBuilder message = header(1, 0, 0, 1);
    const Bytes octets =
        opt(question(message), support::from_hex("FFFF 0000 0003 0002 4142 0003 0000"), 0x8000)
            .bytes();
    Query query;
    ASSERT_EQ(parse_query(octets, query), QueryFault::kNone);
    ASSERT_TRUE(query.edns);
    EXPECT_EQ(query.edns->payload_octets, 1400);
    EXPECT_EQ(query.edns->version, 0);
    EXPECT_TRUE(query.edns->dnssec_ok);
    EXPECT_TRUE(query.edns->option(0xFFFF)->empty());
    EXPECT_TRUE(std::ranges::equal(*query.edns->option(edns::kNsid), Bytes{'A', 'B'}));
    EXPECT_FALSE(query.edns->option(edns::kEde));
    EXPECT_FALSE(query.has_tsig);
}

TEST(ParseQuery, CountsPayloadsUnder512As512) {
    for (const unsigned size : {0U, 511U, 512U, 513U, 65535U}) {
        OctetBuilder message = header(1, 0, 0, 1);
        question(message).u8(0).record_fields(kOpt, size, 0, 0);
        Query query;
        ASSERT_EQ(parse_query(message.bytes(), query), QueryFault::kNone);
        EXPECT_EQ(query.edns->payload_octets, std::max(size, 512U));
    }
}

TEST(ParseQuery, SeesTheOptThatIsTheFault) {
    for (const char* options : {"00", "0003", "000300", "00030001", "0003FFFF41", "0003000000"}) {
        OctetBuilder message = header(1, 0, 0, 1);
        opt(question(message), support::from_hex(options), 0x8000);
        Query query;
        EXPECT_EQ(parse_query(message.bytes(), query), QueryFault::kFormErr) << options;
        ASSERT_TRUE(query.edns) << options;
        EXPECT_TRUE(query.edns->dnssec_ok);
        EXPECT_TRUE(query.edns->options.empty());
        EXPECT_TRUE(query.has_question);
    }
    OctetBuilder elsewhere = header(1, 0, 0, 1);
    question(elsewhere).name("a.").record_fields(kOpt, 1400, 0, 0);
    Query query;
    EXPECT_EQ(parse_query(elsewhere.bytes(), query), QueryFault::kFormErr);
    EXPECT_TRUE(query.edns.has_value());
}

TEST(ParseQuery, LeavesOptionsOfLaterVersionsAlone) {
    OctetBuilder message = header(1, 0, 0, 1);
    opt(question(message), support::from_hex("000300"), 0x00FF8000);
    Query query;
    ASSERT_EQ(parse_query(message.bytes(), query), QueryFault::kNone);
    EXPECT_EQ(query.edns->version, 255);
    EXPECT_TRUE(query.edns->dnssec_ok);
    EXPECT_TRUE(query.edns->options.empty());
}

TEST(ParseQuery, RefusesTwoOptsAndOnesInOtherSections) {
    OctetBuilder two = header(1, 0, 0, 2);
    opt(opt(question(two)));
    EXPECT_EQ(parse(two), QueryFault::kFormErr);
    OctetBuilder answer = header(1, 1, 0, 0);
    EXPECT_EQ(parse(opt(question(answer))), QueryFault::kFormErr);
    OctetBuilder authority = header(1, 0, 1, 0);
    EXPECT_EQ(parse(opt(question(authority))), QueryFault::kFormErr);
}

TEST(ParseQuery, TakesTsigOnlyAsTheLastRecord) {
    OctetBuilder last = header(1, 0, 0, 2);
    tsig(opt(question(last)));
    Query query;
    EXPECT_EQ(parse_query(last.bytes(), query), QueryFault::kNone);
    EXPECT_TRUE(query.has_tsig);
    EXPECT_TRUE(query.edns.has_value());
    OctetBuilder first = header(1, 0, 0, 2);
    EXPECT_EQ(parse(opt(tsig(question(first)))), QueryFault::kFormErr);
    OctetBuilder two = header(1, 0, 0, 2);
    EXPECT_EQ(parse(tsig(tsig(question(two)))), QueryFault::kFormErr);
    OctetBuilder answer = header(1, 1, 0, 0);
    EXPECT_EQ(parse(tsig(question(answer))), QueryFault::kFormErr);
}

TEST(ParseQuery, TakesRecordsOfAnyOtherKindAnywhere) {
    OctetBuilder message = header(1, 1, 1, 2);
    question(message);
    for (int i = 0; i < 3; ++i) {
        message.pointer(kHeaderOctets).record_fields(65280, 42, 1, 4).u32(7);
    }
    EXPECT_EQ(parse(opt(message)), QueryFault::kNone);
}

TEST(ParseQuery, HoldsNothingAgainstUnknownOpcodes) {
    for (unsigned opcode = 0; opcode < 16; ++opcode) {
        const bool known = opcode == 0 || opcode == 4 || opcode == 5;
        const unsigned flags = opcode << flag::kOpcodeShift;
        Query query;
        EXPECT_EQ(parse_query(header(0, 0, 0, 0, flags).bytes(), query),
                  known ? QueryFault::kFormErr : QueryFault::kNone)
            << opcode;
        EXPECT_EQ(query.has_known_opcode(), known);
        EXPECT_FALSE(query.has_question);
        OctetBuilder message = header(1, 0, 0, 1, flags);
        EXPECT_EQ(parse_query(opt(question(message)).bytes(), query), QueryFault::kNone);
        EXPECT_TRUE(query.has_question);
        EXPECT_TRUE(query.edns.has_value());
    }
}

}  // namespace
}  // namespace understudy::wire
