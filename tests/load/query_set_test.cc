#include <understudy/load/query_set.h>

#include <gtest/gtest.h>
#include <understudy/wire/query.h>
#include <fstream>

#include "support/messages.h"
#include "support/temporary_folder.h"

namespace understudy::load {
namespace {

using Faults = std::vector<std::string>;

Faults faults(std::string_view text) {
    const auto set = QuerySet::parse(text, "q", {});
    Faults found;
    if (!set) {
        for (const base::Fault& fault : set.error()) {
            found.push_back(fault.to_string());
        }
    }
    return found;
}

support::Bytes message(const QuerySet::Query& query) {
    return {query.message.begin(), query.message.end()};
}

TEST(QuerySet, ReadsWhatDnsperfReads) {
    const auto set = QuerySet::parse(
        "; a comment\n\nwww.Example.com A\n\t b.example.  aaaa \r\n. ns\n*.x TYPE65280", "q", {});
    ASSERT_TRUE(set) << set.error().front().to_string();
    ASSERT_EQ(set->size(), 4U);
    EXPECT_EQ(message((*set)[0]), support::make_query({.name = "www.Example.com.", .id = 0}));
    EXPECT_EQ(message((*set)[1]), support::make_query({.name = "b.example.", .type = 28, .id = 0}));
    EXPECT_EQ(message((*set)[2]), support::make_query({.name = ".", .type = 2, .id = 0}));
    EXPECT_EQ(message((*set)[3]), support::make_query({.name = "*.x.", .type = 65280, .id = 0}));
}

TEST(QuerySet, QuestionsAndSumsAreThoseOfTheMessages) {
    const auto set = QuerySet::parse("a.b A\nabc.d TXT\n", "q", {.dnssec_ok = true});
    ASSERT_TRUE(set);
    for (std::size_t i = 0; i < set->size(); ++i) {
        const QuerySet::Query query = (*set)[i];
        EXPECT_EQ(query.sum.folded(), net::InternetSum::of(query.message).folded());
        EXPECT_EQ(query.question.data(), query.message.data() + wire::kHeaderOctets);
        wire::Query parsed;
        ASSERT_EQ(wire::parse_query(query.message, parsed), wire::QueryFault::kNone);
        EXPECT_EQ(wire::kHeaderOctets + query.question.size(), parsed.question_end);
    }
}

TEST(QuerySet, AddsAnOptRecordWhereAsked) {
    const auto opt = [](const QueryOptions& options) {
        const auto set = QuerySet::parse("a.b A", "q", options);
        wire::Query query;
        EXPECT_EQ(wire::parse_query((*set)[0].message, query), wire::QueryFault::kNone);
        return query.edns;
    };
    EXPECT_FALSE(opt({}));
    EXPECT_EQ(opt({.edns_octets = 4096})->payload_octets, 4096);
    EXPECT_FALSE(opt({.edns_octets = 4096})->dnssec_ok);
    EXPECT_EQ(opt({.dnssec_ok = true})->payload_octets, QueryOptions::kDefaultEdnsOctets);
    EXPECT_TRUE(opt({.edns_octets = 512, .dnssec_ok = true})->dnssec_ok);
    EXPECT_EQ(opt({.edns_octets = 512, .dnssec_ok = true})->payload_octets, 512);
}

TEST(QuerySet, NamesEachLineThatIsNoQuery) {
    EXPECT_EQ(faults("www.example"), Faults{"q:1: a query is NAME TYPE: the type is missing"});
    EXPECT_EQ(faults("ok A\nwww A now\n"),
              Faults{"q:2: a query is NAME TYPE: something stands behind it"});
    EXPECT_EQ(faults("\nwww NOTYPE\n"), Faults{"q:2: 'NOTYPE' is not a record type"});
    EXPECT_EQ(faults("a..b A").size(), 1U);
    EXPECT_EQ(faults(std::string(64, 'x') + " A").size(), 1U);
    EXPECT_EQ(faults("; nothing\n"), Faults{"q: no queries: it wants a line NAME TYPE for each"});
    EXPECT_EQ(faults("").size(), 1U);
    std::string many;
    for (std::size_t i = 0; i <= QuerySet::kMaxFaults; ++i) {
        many += "x\n";
    }
    EXPECT_EQ(faults(many).size(), QuerySet::kMaxFaults);
}

TEST(QuerySet, ReadsAFile) {
    const support::TemporaryFolder folder;
    const std::string file = folder.path() / "queries";
    std::ofstream(file) << "a A\nb A\n";
    const auto set = QuerySet::read(file, {});
    ASSERT_TRUE(set);
    EXPECT_EQ(set->size(), 2U);
    const auto missing = QuerySet::read(folder.path() / "missing", {});
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().front().to_string().find("missing"), std::string::npos);
}

}  // namespace
}  // namespace understudy::load
