#include <gtest/gtest.h>
#include <understudy/text/record_text.h>
#include <understudy/zone/zone.h>
#include <algorithm>
#include <ranges>
#include <string>
#include <vector>

#include "support/octets.h"
#include "support/zones.h"

namespace understudy::zone {
namespace {

using support::make_small_zone;

/// "exact www.example." and the like.
std::string lookup(const Zone& zone, std::string_view text) {
    const wire::Name name = support::name(text);
    const Match match = zone.lookup(NameKey(name, support::kHashKey));
    static constexpr const char* kKinds[] = {"exact ", "cut ", "dname ", "missing "};
    return kKinds[static_cast<std::size_t>(match.kind)] +
           name.lowered().view().suffix(match.labels).to_text();
}

TEST(Lookup, FindsNamesWithoutCaseAndEmptyNonTerminals) {
    const auto zone = make_small_zone("example.", "a.b A 192.0.2.1\n*.w TXT x\n");
    EXPECT_EQ(lookup(*zone, "Example."), "exact example.");
    EXPECT_EQ(lookup(*zone, "A.b.eXample."), "exact a.b.example.");
    EXPECT_EQ(lookup(*zone, "b.example."), "exact b.example.");
    EXPECT_EQ(lookup(*zone, "*.w.example."), "exact *.w.example.");
}

TEST(Lookup, NamesTheClosestEncloser) {
    const auto zone = make_small_zone("example.", "a.b A 192.0.2.1\n*.w TXT x\n");
    EXPECT_EQ(lookup(*zone, "x.example."), "missing example.");
    EXPECT_EQ(lookup(*zone, "a.x.example."), "missing example.");
    EXPECT_EQ(lookup(*zone, "x.b.example."), "missing b.example.");
    EXPECT_EQ(lookup(*zone, "z.y.x.a.b.example."), "missing a.b.example.");
    EXPECT_EQ(lookup(*zone, "a.b.w.example."), "missing w.example.");
    EXPECT_EQ(lookup(*zone, "a.*.w.example."), "missing *.w.example.");
}

TEST(Lookup, EndsAtTheHighestCutOrDname) {
    const auto zone = make_small_zone("example.",
                                      "sub NS ns.sub\n"
                                      "deep.sub NS ns.deep.sub\n"
                                      "d.sub DNAME x.\n"
                                      "d DNAME x.\n"
                                      "sub.d NS ns.x.\n"
                                      "both NS ns.x.\nboth DNAME x.\n");
    EXPECT_EQ(lookup(*zone, "sub.example."), "cut sub.example.");
    EXPECT_EQ(lookup(*zone, "deep.sub.example."), "cut sub.example.");
    EXPECT_EQ(lookup(*zone, "a.d.sub.example."), "cut sub.example.");
    EXPECT_EQ(lookup(*zone, "d.example."), "exact d.example.");
    EXPECT_EQ(lookup(*zone, "a.d.example."), "dname d.example.");
    EXPECT_EQ(lookup(*zone, "sub.d.example."), "dname d.example.");
    EXPECT_EQ(lookup(*zone, "both.example."), "cut both.example.");
    EXPECT_EQ(lookup(*zone, "a.both.example."), "cut both.example.");
}

TEST(Lookup, TakesADnameAtTheApex) {
    const auto zone = make_small_zone("example.", "@ DNAME other.\na A 192.0.2.1\n");
    EXPECT_EQ(lookup(*zone, "example."), "exact example.");
    EXPECT_EQ(lookup(*zone, "a.example."), "dname example.");
}

TEST(Lookup, TakesTheRootAsApex) {
    const auto zone = make_small_zone(".", "com NS ns.com\n");
    EXPECT_EQ(lookup(*zone, "."), "exact .");
    EXPECT_EQ(lookup(*zone, "a.com."), "cut com.");
    EXPECT_EQ(lookup(*zone, "net."), "missing .");
}

TEST(Lookup, FindsWhatIsOccludedOnlyByFind) {
    const auto zone =
        make_small_zone("example.", "sub NS ns.sub\nns.sub A 192.0.2.1\n*.sub TXT x\n");
    const wire::Name glue = support::name("NS.sub.example.");
    EXPECT_EQ(lookup(*zone, "ns.sub.example."), "cut sub.example.");
    EXPECT_EQ(zone->find(NameKey(glue, support::kHashKey))->owner().view().to_text(),
              "ns.sub.example.");
    const wire::Name missing = support::name("x.sub.example.");
    EXPECT_FALSE(zone->find(NameKey(missing, support::kHashKey)));
}

TEST(FindWildcard, FindsTheOneDirectlyBelow) {
    const auto zone = make_small_zone("example.", "*.w TXT x\n*.*.v TXT x\n");
    const auto find = [&zone](std::string_view text, std::size_t labels) -> std::string {
        const wire::Name name = support::name(text);
        const auto node = zone->find_wildcard(NameKey(name, support::kHashKey), labels);
        if (!node) {
            return "none";
        }
        return node->is_empty() ? "empty" : node->owner().view().to_text();
    };
    EXPECT_EQ(find("a.b.W.example.", 2), "*.w.example.");
    EXPECT_EQ(find("a.b.w.example.", 1), "none");
    EXPECT_EQ(find("a.b.w.example.", 3), "none");
    EXPECT_EQ(find("a.*.v.example.", 3), "*.*.v.example.");
    EXPECT_EQ(find("a.*.v.example.", 2), "empty");
}

TEST(RecordCursor, GivesBackWhatWentInButTheSoa) {
    const std::vector<std::string> records = {
        "EXAMPLE. 300 IN NS Ns.Example.",
        "WwW.example. 100 IN A 192.0.2.1",
        "WwW.example. 100 IN A 192.0.2.2",
        "WwW.example. 200 IN MX 10 MAIL.Example.",
        "Sub.example. 300 IN NS ns.Sub.example.",
        "ns.Sub.example. 300 IN AAAA 2001:db8::1",
        R"(\000\255.a.b.example. 300 IN TXT "x" "")",
        R"(odd.example. 300 IN TYPE65280 \# 3 0102FF)",
        "*.example. 0 IN CNAME WwW.example.",
    };
    std::string text = "EXAMPLE. 300 IN SOA a.example. b.example. 1 2 3 4 5\n";
    for (const std::string& record : records | std::views::reverse) {
        text += record + "\n";
    }
    const auto zone = support::make_zone("example.", text);
    std::vector<std::string> found;
    RecordCursor cursor(*zone);
    while (const auto record = cursor.next()) {
        found.push_back(text::record_text(
            record->owner, record->type, wire::klass::kIn, record->ttl_s, record->rdata));
    }
    EXPECT_FALSE(cursor.next());
    std::vector<std::string> expected = records;
    std::ranges::sort(expected);
    std::ranges::sort(found);
    EXPECT_EQ(found, expected);
    EXPECT_EQ(zone->record_count(), records.size() + 1);
}

TEST(RecordCursor, GivesBackTheLargestRdata) {
    const auto zone = make_small_zone("example.", "a TYPE65280 \\# 0\nb TYPE65280 \\# 1 00\n");
    std::size_t octets = 0;
    RecordCursor cursor(*zone);
    std::size_t count = 0;
    while (const auto record = cursor.next()) {
        octets += record->type == 65280 ? record->rdata.size() : 0;
        ++count;
    }
    EXPECT_EQ(octets, 1U);
    EXPECT_EQ(count, 3U);
}

}  // namespace
}  // namespace understudy::zone
