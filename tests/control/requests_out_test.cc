#include "control/requests_out.h"

#include <gtest/gtest.h>
#include <understudy/wire/query.h>
#include <string>

#include "support/messages.h"
#include "support/octets.h"
#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

using support::Bytes;
using support::make_transfer_message;
using support::TransferMessage;

constexpr std::uint16_t kId = 0x1234;

std::vector<support::Record> soa_record(std::string_view text = "@ 300 SOA ns admin 77 1 2 3 4\n") {
    return support::records_of("example.", text);
}

/// An authoritative response to the SOA query.
TransferMessage soa_response() {
    return {.id = kId, .type = wire::type::kSoa, .answers = soa_record()};
}

std::string outcome_of(const TransferMessage& message) {
    const auto answer = read_soa_answer(make_transfer_message(message), support::name("example."));
    if (!answer) {
        return answer.error().message;
    }
    return answer->truncated ? "truncated" : std::to_string(answer->serial);
}

TEST(RequestsOut, QueryIsAHeaderAndAQuestion) {
    EXPECT_EQ(make_query(support::name("Example."), wire::type::kAxfr, 0xABCD),
              support::make_query(
                  {.name = "Example.", .type = wire::type::kAxfr, .id = 0xABCD, .flags = 0}));
}

TEST(RequestsOut, NotifyCarriesTheSoa) {
    const auto zone = support::make_zone("eXample.", "@ 300 SOA NS.x aDmin 9 1 2 3 4\n@ NS ns.x\n");
    const Bytes message = make_notify(*zone, kId);
    wire::Query query;
    ASSERT_EQ(wire::parse_query(message, query), wire::QueryFault::kNone);
    EXPECT_EQ(query.header.id, kId);
    EXPECT_EQ(query.header.flags, 0x2400);  // NOTIFY AA
    EXPECT_EQ(query.type, wire::type::kSoa);
    EXPECT_EQ(support::message_text(message),
              "NOERROR opcode=4 query aa\n"
              "answer eXample. 300 IN SOA NS.x.eXample. aDmin.eXample. 9 1 2 3 4\n");
}

TEST(RequestsOut, NotifyHasRoomForTheLongestSoa) {
    const std::string label(63, 'x');
    const std::string apex = label + "." + label + "." + label + "." + std::string(59, 'y') + ".";
    const auto zone =
        support::make_zone(apex,
                           "@ SOA " + std::string("n.") + label + "." + label + "." + label + "." +
                               std::string(57, 'z') + ". " + apex + " 1 2 3 4 5\n@ NS .\n");
    wire::Query query;
    EXPECT_EQ(wire::parse_query(make_notify(*zone, kId), query), wire::QueryFault::kNone);
}

TEST(RequestsOut, OnlyAResponseOfThatIdMayBeOurs) {
    Bytes message = make_transfer_message(soa_response());
    EXPECT_TRUE(is_response_to(message, kId));
    EXPECT_FALSE(is_response_to(message, kId + 1));
    EXPECT_TRUE(is_response_to(support::head_of(message, 12), kId));
    EXPECT_FALSE(is_response_to(support::head_of(message, 11), kId));
    EXPECT_FALSE(is_response_to({}, kId));
    message[2] &= 0x7F;
    EXPECT_FALSE(is_response_to(message, kId));
}

TEST(RequestsOut, ChecksHeaderAndQuestion) {
    const auto check = [](auto change) {
        TransferMessage message = soa_response();
        change(message);
        const auto good = check_response(make_transfer_message(message),
                                         wire::Opcode::kQuery,
                                         support::name("example."),
                                         wire::type::kSoa);
        return good ? "" : good.error().message;
    };
    EXPECT_EQ(check([](auto&) {}), "");
    EXPECT_EQ(check([](auto& m) { m.name = "EXAMPLE."; }), "");
    EXPECT_EQ(check([](auto& m) { m.name = "example.net."; }), "an answer to another question");
    EXPECT_EQ(check([](auto& m) { m.type = 1; }), "an answer to another question");
    EXPECT_EQ(check([](auto& m) { m.klass = 3; }), "an answer to another question");
    EXPECT_EQ(check([](auto& m) { m.has_question = false; }), "an answer to another question");
    EXPECT_EQ(check([](auto& m) { m.flags = 0x8403; }), "answered NXDOMAIN");
    EXPECT_EQ(check([](auto& m) { m.flags = 0x840F; }), "answered rcode 15");
    EXPECT_EQ(check([](auto& m) { m.flags = 0xA400; }),
              "a message that is no response to the request");
    EXPECT_EQ(check([](auto& m) { m.flags = 0x0400; }),
              "a message that is no response to the request");
}

TEST(RequestsOut, RefusesAResponseThatEndsEarly) {
    const Bytes whole = make_transfer_message(soa_response());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        EXPECT_FALSE(read_soa_answer(support::head_of(whole, size), support::name("example.")))
            << size;
    }
    EXPECT_TRUE(read_soa_answer(whole, support::name("example.")));
}

TEST(RequestsOut, ReadsTheSerial) {
    TransferMessage message = soa_response();
    EXPECT_EQ(outcome_of(message), "77");
    message.answers = soa_record("@ SOA ns admin 0 1 2 3 4\n");
    EXPECT_EQ(outcome_of(message), "0");
    message.answers = soa_record("@ SOA ns admin 4294967295 1 2 3 4\n");
    EXPECT_EQ(outcome_of(message), "4294967295");
    message.answers.push_back(
        soa_record("@ RRSIG SOA 8 1 300 20300101000000 20200101000000 1 @ AA==\n").front());
    EXPECT_EQ(outcome_of(message), "4294967295");
}

TEST(RequestsOut, TellsATruncatedResponse) {
    TransferMessage message = soa_response();
    message.flags |= wire::flag::kTc;
    EXPECT_EQ(outcome_of(message), "truncated");
    message.answers.clear();
    EXPECT_EQ(outcome_of(message), "truncated");
    message.flags |= 5;
    EXPECT_EQ(outcome_of(message), "answered REFUSED");
}

TEST(RequestsOut, RefusesAResponseWithoutTheSoa) {
    const std::string without = "a response to the SOA query without the SOA";
    const auto with = [](auto change) {
        TransferMessage message = soa_response();
        change(message);
        return outcome_of(message);
    };
    EXPECT_EQ(with([](auto& m) { m.answers.clear(); }), without);
    EXPECT_EQ(with([](auto& m) { m.answers[0].owner = support::name("x.example."); }), without);
    EXPECT_EQ(with([](auto& m) { m.answers[0].type = wire::type::kNs; }), without);
    EXPECT_EQ(with([](auto& m) { m.answers[0].klass = 3; }), without);
    EXPECT_EQ(with([](auto& m) { m.answers[0].rdata.pop_back(); }), without);
    EXPECT_EQ(with([](auto& m) { m.flags = 0x8000; }),
              "a response to the SOA query that is not authoritative");
}

}  // namespace
}  // namespace understudy::control
