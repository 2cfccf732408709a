#include <gtest/gtest.h>
#include <understudy/zone/snapshot.h>
#include <string>
#include <vector>

#include "support/octets.h"
#include "support/zones.h"

namespace understudy::zone {
namespace {

Snapshot snapshot(const std::vector<std::string>& apexes) {
    std::vector<ServedZone> zones;
    for (const std::string& apex : apexes) {
        zones.push_back({support::name(apex), nullptr, nullptr, false});
    }
    return {std::move(zones), support::kHashKey};
}

std::string find(const Snapshot& snapshot, std::string_view text, std::size_t most_labels = 127) {
    const wire::Name name = support::name(text);
    const ServedZone* zone = snapshot.find(NameKey(name, support::kHashKey), most_labels);
    return zone != nullptr ? zone->apex.to_text() : "none";
}

TEST(Snapshot, AnEmptyOneFindsNothing) {
    const Snapshot empty = snapshot({});
    EXPECT_EQ(find(empty, "."), "none");
    EXPECT_EQ(find(empty, "a.example."), "none");
    EXPECT_TRUE(empty.zones().empty());
}

TEST(Snapshot, FindsTheLongestMatch) {
    const Snapshot zones = snapshot({"example.", "Sub.Example.", "a.b.sub.example.", "net."});
    EXPECT_EQ(find(zones, "EXAMPLE."), "example.");
    EXPECT_EQ(find(zones, "www.example."), "example.");
    EXPECT_EQ(find(zones, "sub.example."), "Sub.Example.");
    EXPECT_EQ(find(zones, "b.sub.example."), "Sub.Example.");
    EXPECT_EQ(find(zones, "x.a.b.sub.example."), "a.b.sub.example.");
    EXPECT_EQ(find(zones, "com."), "none");
    EXPECT_EQ(find(zones, "."), "none");
    EXPECT_EQ(find(zones, "xexample."), "none");
}

TEST(Snapshot, FindsTheRootWhereNothingLongerMatches) {
    const Snapshot zones = snapshot({".", "example."});
    EXPECT_EQ(find(zones, "."), ".");
    EXPECT_EQ(find(zones, "a.b.c."), ".");
    EXPECT_EQ(find(zones, "a.example."), "example.");
}

TEST(Snapshot, FindsNoLongerApexThanAsked) {
    const Snapshot zones = snapshot({"example.", "sub.example."});
    EXPECT_EQ(find(zones, "sub.example.", 2), "sub.example.");
    EXPECT_EQ(find(zones, "sub.example.", 1), "example.");
    EXPECT_EQ(find(zones, "sub.example.", 0), "none");
}

TEST(Snapshot, FindsExactApexesOnly) {
    const Snapshot zones = snapshot({"example.", "sub.example."});
    const auto exact = [&zones](std::string_view text) {
        const wire::Name name = support::name(text);
        return zones.find_exact(NameKey(name, support::kHashKey)) != nullptr;
    };
    EXPECT_TRUE(exact("SUB.example."));
    EXPECT_TRUE(exact("example."));
    EXPECT_FALSE(exact("www.example."));
    EXPECT_FALSE(exact("."));
}

TEST(Snapshot, HoldsManyZones) {
    std::vector<std::string> apexes;
    for (int i = 0; i < 3000; ++i) {
        apexes.push_back("z" + std::to_string(i) + ".example.");
    }
    const Snapshot zones = snapshot(apexes);
    for (const std::string& apex : apexes) {
        EXPECT_EQ(find(zones, "www." + apex), apex);
    }
    EXPECT_EQ(find(zones, "z3000.example."), "none");
    EXPECT_EQ(zones.zones().size(), apexes.size());
}

TEST(SnapshotDeathTest, RefusesWhatWouldAnswerWrongly) {
    EXPECT_DEATH(snapshot({"a.example.", "A.Example."}), "invariant broken");
    const auto zone = support::make_small_zone("example.", "");
    const auto serve = [&zone](const char* apex, const HashKey& key) {
        Snapshot({{support::name(apex), zone, nullptr, false}}, key);
    };
    serve("EXAMPLE.", support::kHashKey);
    EXPECT_DEATH(serve("example.net.", support::kHashKey), "invariant broken");
    EXPECT_DEATH(serve("example.", HashKey{1, 1}), "invariant broken");
}

class QueryAccessTest : public testing::Test {
  protected:
    static bool allows(const QueryAccess& access, const char* address, const wire::Name* key) {
        return access.allows(base::IpAddress::parse(address).value(), key);
    }
    static base::IpPrefix prefix(const char* text) { return base::IpPrefix::parse(text).value(); }

    const wire::Name good_ = support::name("Good.key.");
    const wire::Name other_ = support::name("other.key.");
};

TEST_F(QueryAccessTest, WithoutGrantsNobodyMay) {
    EXPECT_FALSE(allows({}, "192.0.2.1", nullptr));
    EXPECT_FALSE(allows({}, "192.0.2.1", &good_));
}

TEST_F(QueryAccessTest, AnEmptyGrantFitsAll) {
    const QueryAccess access{{{}}};
    EXPECT_TRUE(allows(access, "192.0.2.1", nullptr));
    EXPECT_TRUE(allows(access, "2001:db8::1", &other_));
}

TEST_F(QueryAccessTest, AddressAndKeyMustFitTheSameGrant) {
    const QueryAccess access{
        {{.addresses = {prefix("192.0.2.0/24"), prefix("2001:db8::/32")}, .keys = {}},
         {.addresses = {prefix("198.51.100.1")}, .keys = {support::name("good.KEY.")}},
         {.addresses = {}, .keys = {support::name("any.key."), support::name("third.key.")}}}};
    EXPECT_TRUE(allows(access, "192.0.2.77", nullptr));
    EXPECT_TRUE(allows(access, "2001:db8::77", &other_));
    EXPECT_FALSE(allows(access, "198.51.100.1", nullptr));
    EXPECT_TRUE(allows(access, "198.51.100.1", &good_));
    EXPECT_FALSE(allows(access, "198.51.100.1", &other_));
    EXPECT_FALSE(allows(access, "198.51.100.2", &good_));
    const wire::Name third = support::name("third.key.");
    EXPECT_TRUE(allows(access, "203.0.113.1", &third));
    EXPECT_FALSE(allows(access, "203.0.113.1", nullptr));
}

}  // namespace
}  // namespace understudy::zone
