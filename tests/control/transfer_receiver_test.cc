#include "control/transfer_receiver.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "support/octets.h"
#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

using support::Bytes;
using support::difference_of;
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

// ---- IXFR

using ZonePtr = std::shared_ptr<const zone::Zone>;

ZonePtr numbered(std::uint32_t serial, std::string_view rest = "") {
    return support::make_zone("example.",
                              "@ 300 SOA ns admin " + std::to_string(serial) +
                                  " 2 3 4 5\n@ 300 NS ns\n" + std::string(rest));
}

Record soa_of(std::uint32_t serial) { return records_of(*numbered(serial)).front(); }

/// What an IXFR over `base` comes to: the new zone, or why not.
struct Incremental {
    ZonePtr zone;
    std::string refusal;
    bool wants_axfr = false;
    bool is_incremental = false;
    bool has_no_news = false;
};

Incremental receive(const ZonePtr& base,
                    const std::vector<Record>& records,
                    std::size_t cut = 100) {
    TransferReceiver under_test(base, kId, wire::type::kIxfr);
    Incremental outcome;
    bool is_done = false;
    for (const Bytes& message : make_transfer(records, cut, {.type = wire::type::kIxfr})) {
        EXPECT_FALSE(is_done);
        const auto progress = under_test.feed(message);
        if (!progress) {
            return {nullptr, progress.error().message, under_test.wants_axfr()};
        }
        is_done = *progress == TransferReceiver::Progress::kDone;
    }
    if (!is_done) {
        return {nullptr, "needs more"};
    }
    outcome.has_no_news = under_test.has_no_news();
    outcome.is_incremental = under_test.is_incremental();
    if (!outcome.has_no_news) {
        auto built = under_test.build();
        if (built) {
            outcome.zone = *std::move(built);
        } else {
            outcome.refusal = built.error().message;
        }
    }
    outcome.wants_axfr = under_test.wants_axfr();
    return outcome;
}

TEST(TransferReceiver, AppliesADifferenceHoweverItIsCut) {
    const ZonePtr from = numbered(1, "a A 192.0.2.1\nb A 192.0.2.2\n");
    const ZonePtr to = numbered(2, "a A 192.0.2.1\nc A 192.0.2.3\n");
    const auto records = support::difference_of(*from, *to);
    for (std::size_t cut = 2; cut <= records.size(); ++cut) {
        const Incremental outcome = receive(from, records, cut);
        ASSERT_TRUE(outcome.zone) << outcome.refusal;
        EXPECT_TRUE(outcome.is_incremental);
        EXPECT_EQ(support::dump(*outcome.zone), support::dump(*to));
    }
}

TEST(TransferReceiver, AppliesSeveralDifferencesAtOnce) {
    const ZonePtr from = numbered(1, "a A 192.0.2.1\n");
    const ZonePtr between = numbered(2, "b A 192.0.2.2\n");
    const ZonePtr to = numbered(4294967295U / 2, "a A 192.0.2.1\nc A 192.0.2.3\n");
    auto records = support::difference_of(*from, *between);
    const auto second = support::difference_of(*between, *to);
    records.front() = second.front();
    records.pop_back();
    records.insert(records.end(), second.begin() + 1, second.end());
    const Incremental outcome = receive(from, records);
    ASSERT_TRUE(outcome.zone) << outcome.refusal;
    EXPECT_EQ(support::dump(*outcome.zone), support::dump(*to));
}

TEST(TransferReceiver, TakesAWholeZoneAsTheAnswerToIxfr) {
    const ZonePtr from = numbered(1, "a A 192.0.2.1\n");
    const ZonePtr to = numbered(2, "b A 192.0.2.1\n");
    const Incremental outcome = receive(from, records_of(*to));
    ASSERT_TRUE(outcome.zone) << outcome.refusal;
    EXPECT_FALSE(outcome.is_incremental);
    EXPECT_EQ(support::dump(*outcome.zone), support::dump(*to));
}

TEST(TransferReceiver, TakesALoneSoaForNoNewsUnlessItIsNewer) {
    const ZonePtr from = numbered(5);
    EXPECT_TRUE(receive(from, {soa_of(5)}).has_no_news);
    EXPECT_TRUE(receive(from, {soa_of(4)}).has_no_news);
    const Incremental newer = receive(from, {soa_of(6)});
    EXPECT_EQ(newer.refusal, "nothing but the SOA of serial 6");
    EXPECT_TRUE(newer.wants_axfr);
}

TEST(TransferReceiver, WantsAxfrWhereDifferencesDoNotFit) {
    const ZonePtr from = numbered(5, "a A 192.0.2.1\n");
    const auto refusal_of = [&from](const std::vector<Record>& records) {
        const Incremental outcome = receive(from, records);
        EXPECT_FALSE(outcome.zone);
        EXPECT_TRUE(outcome.wants_axfr) << outcome.refusal;
        return outcome.refusal;
    };
    const auto some = records_of("example.", "a A 192.0.2.1\nx A 192.0.2.1\n@ 300 NS ns\n");
    EXPECT_EQ(refusal_of({soa_of(7), soa_of(4), soa_of(7), soa_of(7)}),
              "a difference from serial 4 where serial 5 was reached");
    EXPECT_EQ(refusal_of({soa_of(8), soa_of(5), soa_of(6), soa_of(7), soa_of(8), soa_of(8)}),
              "a difference from serial 7 where serial 6 was reached");
    EXPECT_EQ(refusal_of({soa_of(7), soa_of(5), soa_of(4), soa_of(7)}),
              "a difference that leads from serial 5 back to serial 4");
    EXPECT_EQ(refusal_of({soa_of(7), soa_of(5), some[1], soa_of(7), soa_of(7)}),
              "no record to remove of type 1 at x.example.");
    EXPECT_EQ(refusal_of({soa_of(7), soa_of(5), soa_of(7), some[0], soa_of(7)}),
              "a record to add is there already, of type 1 at a.example.");
    EXPECT_NE(refusal_of({soa_of(7), soa_of(5), some[2], soa_of(7), soa_of(7)}), "");
}

TEST(TransferReceiver, RefusesBadStreamsOfDifferences) {
    const ZonePtr from = numbered(5);
    const auto refusal_of = [&from](const std::vector<Record>& records) {
        const Incremental outcome = receive(from, records);
        EXPECT_FALSE(outcome.wants_axfr) << outcome.refusal;
        return outcome.refusal;
    };
    auto other_soa = soa_of(7);
    other_soa.rdata.back() ^= 1;
    auto inner = soa_of(7);
    inner.owner = support::name("sub.example.");
    const auto outside = records_of("example.net.", "a A 192.0.2.1\n");
    EXPECT_EQ(refusal_of({soa_of(7), soa_of(5), soa_of(7), other_soa}),
              "a closing SOA that differs from the first");
    EXPECT_EQ(refusal_of({soa_of(7), soa_of(5), inner}), "an SOA at sub.example.");
    EXPECT_EQ(refusal_of({soa_of(7), soa_of(5), soa_of(7), soa_of(7), soa_of(7)}),
              "records behind the closing SOA");
    EXPECT_EQ(refusal_of({soa_of(7), soa_of(5), soa_of(7), outside[0]}),
              "a.example.net. is not in the zone");
    EXPECT_EQ(refusal_of({soa_of(7), soa_of(5), soa_of(7)}), "needs more");
    EXPECT_EQ(refusal_of({outside[0]}), "a stream that does not begin with the SOA");
}

TEST(TransferReceiver, WantsAxfrOfPrimariesThatDoNotDoIxfr) {
    for (const unsigned rcode : {1U, 2U, 4U, 5U, 9U}) {
        TransferReceiver under_test(numbered(1), kId, wire::type::kIxfr);
        EXPECT_FALSE(under_test.feed(make_transfer_message(
            {.flags = static_cast<std::uint16_t>(0x8400U | rcode), .type = wire::type::kIxfr})));
        EXPECT_EQ(under_test.wants_axfr(), rcode != 9) << rcode;
    }
    TransferReceiver axfr(numbered(1), kId, wire::type::kAxfr);
    EXPECT_FALSE(axfr.feed(make_transfer_message({.flags = 0x8405})));
    EXPECT_FALSE(axfr.wants_axfr());
}

TEST(TransferReceiver, TakesAWholeZoneAsTheDifferenceToWhatIsHeld) {
    const ZonePtr from = numbered(1, "a A 192.0.2.1\nb A 192.0.2.2\n");
    const ZonePtr to = numbered(2, "a A 192.0.2.1\nc A 192.0.2.3\n");
    TransferReceiver under_test(from, kId, wire::type::kAxfr);
    ASSERT_EQ(under_test.feed(make_transfer_message({.answers = records_of(*to)})),
              TransferReceiver::Progress::kDone);
    const auto zone = under_test.build();
    ASSERT_TRUE(zone) << zone.error().message;
    EXPECT_EQ(support::dump(**zone), support::dump(*to));
}

TEST(TransferReceiver, HoldsToItsLimits) {
    const ZonePtr zone = numbered(1, "a A 192.0.2.1\n");
    const Bytes message = make_transfer_message({.answers = records_of(*zone)});
    TransferReceiver few(support::name("example."), kId, support::kHashKey, {.zone_records = 2});
    const auto progress = few.feed(message);
    ASSERT_FALSE(progress);
    EXPECT_EQ(progress.error().message, "more than 2 records");
    TransferReceiver small(support::name("example."), kId, support::kHashKey, {.zone_octets = 60});
    EXPECT_FALSE(small.feed(message));
    TransferReceiver small_difference(zone, kId, wire::type::kAxfr, {.zone_octets = 60});
    EXPECT_FALSE(small_difference.feed(message));
}

/// What the transfer of `to` is refused with once it is there: whole with nothing held, whole and
/// as a difference with `from` held.
std::vector<std::string> faults_of(const ZonePtr& from,
                                   const ZonePtr& to,
                                   const TransferLimits& limits) {
    std::vector<std::string> faults;
    const auto run = [&faults](TransferReceiver&& receiver, const std::vector<Record>& records) {
        const Bytes message = make_transfer_message({.type = receiver.type(), .answers = records});
        const auto progress = receiver.feed(message);
        ASSERT_TRUE(progress) << progress.error().message;
        const auto zone = receiver.build();
        faults.push_back(zone ? "" : zone.error().message);
    };
    run(TransferReceiver(support::name("example."), kId, support::kHashKey, limits),
        records_of(*to));
    run(TransferReceiver(from, kId, wire::type::kAxfr, limits), records_of(*to));
    run(TransferReceiver(from, kId, wire::type::kIxfr, limits), difference_of(*from, *to));
    return faults;
}

TEST(TransferReceiver, HoldsTheZoneThatComesOfItToItsLimits) {
    using Faults = std::vector<std::string>;
    const ZonePtr from = numbered(1, "a A 192.0.2.1\n");
    const ZonePtr to = numbered(2, "a A 192.0.2.1\na A 192.0.2.2\na TXT x\na AAAA 2001:db8::1\n");
    ASSERT_EQ(faults_of(from, to, {}), Faults(3));

    EXPECT_EQ(faults_of(from, to, {.rrset_records = 2}), Faults(3));
    EXPECT_EQ(faults_of(from, to, {.rrset_records = 1}),
              Faults(3, "2 records of one type at a.example., more than rrset-records-max (1)"));
    EXPECT_EQ(faults_of(from, to, {.name_types = 3}), Faults(3));
    EXPECT_EQ(faults_of(from, to, {.name_types = 2}),
              Faults(3, "3 types at a.example., more than name-types-max (2)"));
    const std::size_t octets = to->memory_octets();
    EXPECT_EQ(faults_of(from, to, {.zone_octets = 2 * octets}), Faults(3));
    const Faults too_large = faults_of(from, to, {.zone_octets = octets / 2});
    for (const std::string& fault : too_large) {
        EXPECT_NE(fault.find("more than zone-size-max"), std::string::npos) << fault;
    }
}

TEST(TransferReceiver, CountsTheRecordsThatDifferencesLeadTo) {
    const ZonePtr from = numbered(1, "a A 192.0.2.1\n");
    const ZonePtr to = numbered(2, "a A 192.0.2.1\nb A 192.0.2.1\nc A 192.0.2.1\n");
    const auto count = to->record_count();
    const Bytes message =
        make_transfer_message({.type = wire::type::kIxfr, .answers = difference_of(*from, *to)});
    for (const std::uint64_t most : {count, count - 1}) {
        TransferReceiver receiver(from, kId, wire::type::kIxfr, {.zone_records = most});
        ASSERT_EQ(receiver.feed(message), TransferReceiver::Progress::kDone);
        EXPECT_EQ(receiver.build().has_value(), most == count);
        EXPECT_FALSE(receiver.wants_axfr());
    }
    TransferReceiver receiver(from, kId, wire::type::kIxfr, {.zone_records = 3});
    EXPECT_FALSE(receiver.feed(message));
    EXPECT_TRUE(receiver.wants_axfr());  // the zone itself may have fewer than its differences
}

}  // namespace
}  // namespace understudy::control
