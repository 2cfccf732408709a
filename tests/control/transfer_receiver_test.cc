#include "control/transfer_receiver.h"

#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "support/octets.h"
#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

using support::Bytes;
using support::make_transfer;
using support::make_transfer_message;
using support::OctetBuilder;
using support::Record;
using support::records_of;
using support::TransferMessage;

constexpr std::uint16_t kId = 0x1234;
constexpr std::string_view kText =
    "@ 300 SOA ns admin 7 7200 3600 1209600 60\n"
    "@ 300 NS ns\n"
    "ns 300 A 192.0.2.1\n"
    "MixedCase 300 MX 10 Mail.Example.\n"
    "a.b.c 300 TXT \"deep\"\n"
    "* 60 CNAME ns\n";

TransferReceiver receiver() { return {support::name("example."), kId, support::kHashKey}; }

std::vector<Record> zone_records() { return records_of("example.", kText); }

/// The zone's records as a transfer has them.
std::vector<Record> transfer_records() {
    std::vector<Record> records = zone_records();
    records.push_back(records.front());
    return records;
}

/// Feeds all of it; the first refusal, or empty if it came to its end.
std::string outcome_of(const std::vector<Bytes>& messages) {
    TransferReceiver under_test = receiver();
    for (std::size_t i = 0; i < messages.size(); ++i) {
        const auto progress = under_test.feed(messages[i]);
        if (!progress) {
            return progress.error().message;
        }
        if (*progress == TransferReceiver::Progress::kDone) {
            EXPECT_EQ(i + 1, messages.size());
            const auto built = under_test.build();
            return built ? "" : built.error().message;
        }
    }
    return "needs more";
}

std::string outcome_of(const TransferMessage& message) {
    return outcome_of(std::vector<Bytes>{make_transfer_message(message)});
}

TransferMessage good() { return {.answers = transfer_records()}; }

TEST(TransferReceiver, TakesAStreamHoweverItIsCut) {
    const auto expected = support::dump(*support::make_zone("example.", kText));
    const auto records = transfer_records();
    for (std::size_t per_message = 1; per_message <= records.size(); ++per_message) {
        TransferReceiver under_test = receiver();
        const auto messages = make_transfer(records, per_message);
        std::size_t octets = 0;
        for (std::size_t i = 0; i < messages.size(); ++i) {
            octets += messages[i].size();
            const auto progress = under_test.feed(messages[i]);
            ASSERT_TRUE(progress) << progress.error().message;
            EXPECT_EQ(*progress == TransferReceiver::Progress::kDone, i + 1 == messages.size());
        }
        EXPECT_EQ(under_test.messages(), messages.size());
        EXPECT_EQ(under_test.octets(), octets);
        EXPECT_EQ(under_test.records(), zone_records().size());
        const auto zone = under_test.build();
        ASSERT_TRUE(zone) << zone.error().message;
        EXPECT_EQ((*zone)->serial(), 7U);
        EXPECT_EQ(support::dump(**zone), expected);
    }
}

TEST(TransferReceiver, TakesAQuestionInEveryMessage) {
    std::vector<Bytes> messages;
    for (const Record& record : transfer_records()) {
        messages.push_back(make_transfer_message({.answers = {record}}));
    }
    EXPECT_EQ(outcome_of(messages), "");
}

TEST(TransferReceiver, DisregardsTheCaseOfTheQuestion) {
    TransferMessage message = good();
    message.name = "eXaMPLE.";
    EXPECT_EQ(outcome_of(message), "");
}

/// The apex at offset 12 serves owners and names in rdata alike.
TEST(TransferReceiver, ReadsCompressedNames) {
    constexpr std::size_t kApex = 12;
    const auto soa = [](OctetBuilder& into, std::size_t owner) {
        OctetBuilder rdata;
        rdata.label("ns").pointer(kApex).label("admin").pointer(kApex);
        rdata.u32(7).u32(7200).u32(3600).u32(1209600).u32(60);
        into.pointer(owner)
            .record_fields(wire::type::kSoa, 1, 300, static_cast<unsigned>(rdata.size()))
            .raw(rdata.bytes());
    };
    OctetBuilder message;
    message.u16(kId).u16(0x8400).u16(1).u16(4).u32(0).name("example.").u16(252).u16(1);
    soa(message, kApex);
    message.pointer(kApex).record_fields(wire::type::kNs, 1, 300, 5).label("ns").pointer(kApex);
    const std::size_t ns = message.size() - 5;
    message.pointer(ns).record_fields(wire::type::kA, 1, 300, 4).u32(0xC0000201);
    soa(message, kApex);
    TransferReceiver under_test = receiver();
    ASSERT_EQ(under_test.feed(message.bytes()), TransferReceiver::Progress::kDone);
    const auto zone = under_test.build();
    ASSERT_TRUE(zone);
    EXPECT_EQ(support::dump(**zone),
              support::dump(*support::make_zone("example.",
                                                "@ 300 SOA ns admin 7 7200 3600 1209600 60\n"
                                                "@ 300 NS ns\n"
                                                "ns 300 A 192.0.2.1\n")));
}

TEST(TransferReceiver, RefusesWhatAnswersSomethingElse) {
    const auto with = [](auto change) {
        TransferMessage message = good();
        change(message);
        return outcome_of(message);
    };
    EXPECT_EQ(with([](auto& m) { m.id = kId + 1; }), "a message with another id than the query's");
    EXPECT_EQ(with([](auto& m) { m.flags = 0x0400; }), "a message that is no response to a query");
    EXPECT_EQ(with([](auto& m) { m.flags = 0xA400; }), "a message that is no response to a query");
    EXPECT_EQ(with([](auto& m) { m.flags = 0x8600; }), "a truncated message in a stream");
    EXPECT_EQ(with([](auto& m) { m.flags = 0x8405; }), "the primary answered REFUSED");
    EXPECT_EQ(with([](auto& m) { m.flags = 0x8409; }), "the primary answered NOTAUTH");
    EXPECT_EQ(with([](auto& m) { m.name = "example.net."; }), "an answer to another question");
    EXPECT_EQ(with([](auto& m) { m.type = wire::type::kIxfr; }), "an answer to another question");
    EXPECT_EQ(with([](auto& m) { m.klass = 3; }), "an answer to another question");
    EXPECT_EQ(with([](auto& m) { m.has_question = false; }), "a message with 0 questions");
    EXPECT_EQ(with([](auto&) {}), "");
}

TEST(TransferReceiver, RefusesTwoQuestions) {
    OctetBuilder message;
    message.u16(kId).u16(0x8400).u16(2).u16(0).u32(0);
    message.name("example.").u16(252).u16(1).name("example.").u16(252).u16(1);
    EXPECT_EQ(outcome_of(std::vector<Bytes>{message.bytes()}), "a message with 2 questions");
}

TEST(TransferReceiver, HoldsLaterMessagesToTheSame) {
    const auto second = [](auto change) {
        auto messages = make_transfer(transfer_records(), 3);
        TransferMessage message{.has_question = false, .answers = {zone_records()[3]}};
        change(message);
        messages[1] = make_transfer_message(message);
        messages.resize(2);
        return outcome_of(messages);
    };
    EXPECT_EQ(second([](auto& m) { m.id = 1; }), "a message with another id than the query's");
    EXPECT_EQ(second([](auto& m) { m.flags = 0; }), "a message that is no response to a query");
    EXPECT_EQ(second([](auto& m) { m.flags = 0x8402; }), "the primary answered SERVFAIL");
    EXPECT_EQ(second([](auto& m) {
                  m.has_question = true;
                  m.name = "other.";
              }),
              "an answer to another question");
    EXPECT_EQ(second([](auto& m) { m.answers.clear(); }), "a message without a record");
    EXPECT_EQ(second([](auto&) {}), "needs more");
}

TEST(TransferReceiver, RefusesAMessageWithoutRecords) {
    EXPECT_EQ(outcome_of(TransferMessage{}), "a message without a record");
}

TEST(TransferReceiver, RefusesRecordsThatAreNotOfTheZone) {
    const auto with = [](const Record& record) {
        auto records = transfer_records();
        records.insert(records.begin() + 2, record);
        return outcome_of(TransferMessage{.answers = std::move(records)});
    };
    Record record{support::name("x.example."), wire::type::kA, 300, Bytes{192, 0, 2, 1}};
    EXPECT_EQ(with(record), "");
    record.klass = wire::klass::kChaos;
    EXPECT_EQ(with(record), "a record of class 3 at x.example.");
    record.klass = wire::klass::kIn;
    record.owner = support::name("example.net.");
    EXPECT_EQ(with(record), "example.net. is not in the zone");
    record.owner = support::name("xexample.");
    EXPECT_EQ(with(record), "xexample. is not in the zone");
    record.owner = support::name("x.example.");
    record.rdata = {192, 0, 2};
    EXPECT_EQ(with(record), "malformed rdata of type 1 at x.example.");
    record.rdata = {192, 0, 2, 1, 0};
    EXPECT_EQ(with(record), "malformed rdata of type 1 at x.example.");
    for (const unsigned meta : {0U, 41U, 128U, 249U, 250U, 251U, 252U, 255U}) {
        record.type = static_cast<wire::Type>(meta);
        EXPECT_NE(with(record), "") << meta;
    }
    record.type = 65280;
    EXPECT_EQ(with(record), "");
}

TEST(TransferReceiver, RefusesAnSoaWhereNoneMayStand) {
    auto records = transfer_records();
    Record inner = records.front();
    inner.owner = support::name("sub.example.");
    records.insert(records.begin() + 2, inner);
    EXPECT_EQ(outcome_of(TransferMessage{.answers = records}), "an SOA at sub.example.");
    records = transfer_records();
    records.back().rdata[records.back().rdata.size() - 17] ^= 1;  // the serial
    EXPECT_EQ(outcome_of(TransferMessage{.answers = records}),
              "a closing SOA that differs from the first");
    records = transfer_records();
    records.push_back(zone_records()[2]);
    EXPECT_EQ(outcome_of(TransferMessage{.answers = records}), "records behind the closing SOA");
    records = transfer_records();
    records.push_back(records.front());
    EXPECT_EQ(outcome_of(TransferMessage{.answers = records}), "records behind the closing SOA");
}

TEST(TransferReceiver, TakesAClosingSoaThatDiffersInLetterCaseAlone) {
    auto records = transfer_records();  // compression points it at a question in another case
    records.back().rdata[1] ^= 0x20;
    records.back().owner = support::name("EXAMPLE.");
    EXPECT_EQ(outcome_of(TransferMessage{.answers = records}), "");
}

TEST(TransferReceiver, RefusesWhatDoesNotBeginWithTheSoa) {
    auto records = transfer_records();
    records.erase(records.begin());
    EXPECT_EQ(outcome_of(TransferMessage{.answers = records}),
              "a stream that does not begin with the SOA");
}

TEST(TransferReceiver, RefusesNothingButTheSoa) {
    const Record soa = zone_records().front();
    EXPECT_EQ(outcome_of(TransferMessage{.answers = {soa}}), "needs more");
    EXPECT_NE(outcome_of(TransferMessage{.answers = {soa, soa}}), "");
}

TEST(TransferReceiver, RefusesAMessageThatEndsEarly) {
    const Bytes whole = make_transfer_message(good());
    for (std::size_t size = 0; size < whole.size(); ++size) {
        const std::string outcome = outcome_of(std::vector<Bytes>{support::head_of(whole, size)});
        EXPECT_NE(outcome, "") << size;
        EXPECT_NE(outcome, "needs more") << size;
    }
}

TEST(TransferReceiver, RefusesZonesThatAreNone) {
    EXPECT_NE(outcome_of(TransferMessage{
                  .answers = {zone_records()[0], zone_records()[2], zone_records()[0]}}),
              "");  // no NS
    auto records = transfer_records();
    records.insert(records.begin() + 2,
                   {support::name("*.example."), wire::type::kA, 300, Bytes{192, 0, 2, 1}});
    EXPECT_NE(outcome_of(TransferMessage{.answers = records}), "");  // beside a CNAME
}

}  // namespace
}  // namespace understudy::control
