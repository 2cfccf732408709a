#include <gtest/gtest.h>
#include <understudy/zone/builder.h>
#include <understudy/zone/change.h>
#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/octets.h"
#include "support/zones.h"

namespace understudy::zone {
namespace {

using support::build_zone;
using support::Bytes;
using support::make_small_zone;
using support::make_zone;
using support::OctetBuilder;

const NameKey& key(const wire::Name& name) {
    static thread_local std::optional<NameKey> key;
    return key.emplace(name, support::kHashKey);
}

/// "A AAAA" as numbers, in the order in which the node has them; "none" where there is no node.
std::string types_at(const Zone& zone, std::string_view text) {
    const auto node = zone.find(key(support::name(text)));
    if (!node) {
        return "none";
    }
    std::string types;
    for (const RRset rrset : *node) {
        types += (types.empty() ? "" : " ") + std::to_string(rrset.type());
    }
    return types;
}

/// Why this text under the small zone's apex records makes no zone; empty where it does.
std::string fault_of(std::string_view text) {
    const auto zone =
        build_zone("example.", std::string(support::kApexRecords) + std::string(text));
    return zone ? std::string() : zone.error().message;
}

/// A builder of the zone "example." that has its apex records already.
struct SmallBuilder {
    Builder builder;

    explicit SmallBuilder(std::size_t most_octets = 1U << 30U)
        : builder(support::name("example."), support::kHashKey, most_octets) {
        EXPECT_TRUE(add("example.",
                        wire::type::kSoa,
                        OctetBuilder().name("a.").name("b.").raw(Bytes(20)).bytes()));
        EXPECT_TRUE(add("example.", wire::type::kNs, OctetBuilder().name("ns.other.").bytes()));
    }

    bool add(std::string_view owner,
             wire::Type type,
             const Bytes& rdata,
             std::uint32_t ttl_s = 60) {
        return builder.add(support::name(owner), type, ttl_s, rdata).has_value();
    }
};

/// More names than a builder holds in one part, their records in two turns: delegations whose name
/// server is below them, wildcards, and names below empty non-terminals.
class LargeZone {
  public:
    using Add = std::function<void(const std::string& owner, wire::Type type, const Bytes& rdata)>;

    static constexpr std::size_t kNames = 36'000;
    static constexpr std::size_t kOfEach = kNames / 3;
    static constexpr std::array<std::uint8_t, 2> kTurns{1, 2};

    /// Calls `add` with the records of the names from `first` on, before `last`.
    static void write(std::size_t first, std::size_t last, const Add& add) {
        for (const std::uint8_t turn : kTurns) {
            for (std::size_t i = first; i < last; ++i) {
                const Bytes text{2, 't', turn};
                const std::string number = std::to_string(i / 3);
                if (i % 3 == 0) {
                    const std::string cut = "cut" + number + ".example.";
                    add(cut,
                        wire::type::kNs,
                        OctetBuilder().name(turn == 1 ? "ns." + cut : "ns.other.").bytes());
                    add("ns." + cut, wire::type::kA, {192, 0, 2, turn});
                } else if (i % 3 == 1) {
                    add("*.wild" + number + ".example.", wire::type::kTxt, text);
                } else {
                    add("a.b.deep" + number + ".example.", wire::type::kTxt, text);
                }
            }
        }
    }
};

/// What stands in the zone for one of each of its names; `number` below LargeZone::kOfEach.
void expect_large_zone_names(const Zone& zone, std::size_t number) {
    const std::string text = std::to_string(number);
    const Match cut = zone.lookup(key(support::name("x.cut" + text + ".example.")));
    ASSERT_EQ(cut.kind, Match::Kind::kCut);
    EXPECT_EQ(cut.node.referral().ns.count, 2U);
    EXPECT_EQ(cut.node.referral().glue_count, 2U);
    const Match wild = zone.lookup(key(support::name("x.wild" + text + ".example.")));
    ASSERT_EQ(wild.kind, Match::Kind::kMissing);
    EXPECT_TRUE(wild.node.has_wildcard_child());
    const Match deep = zone.lookup(key(support::name("b.deep" + text + ".example.")));
    ASSERT_EQ(deep.kind, Match::Kind::kExact);
    EXPECT_TRUE(deep.node.is_empty());
}

TEST(Builder, BuildsALargeZonePartByPart) {
    SmallBuilder whole;
    LargeZone::write(
        0, LargeZone::kNames, [&whole](const auto& owner, wire::Type type, const Bytes& rdata) {
            ASSERT_TRUE(whole.add(owner, type, rdata));
        });
    const auto zone = whole.builder.build();
    ASSERT_TRUE(zone) << zone.error().message;
    for (std::size_t i = 0; i < LargeZone::kOfEach; ++i) {
        ASSERT_NO_FATAL_FAILURE(expect_large_zone_names(**zone, i));
    }

    // A zone in one part, which a change makes the same.
    constexpr std::size_t kFew = 3000;
    SmallBuilder few;
    LargeZone::write(0, kFew, [&few](const auto& owner, wire::Type type, const Bytes& rdata) {
        ASSERT_TRUE(few.add(owner, type, rdata));
    });
    const auto base = few.builder.build();
    ASSERT_TRUE(base) << base.error().message;
    Change others(**base);
    LargeZone::write(
        kFew, LargeZone::kNames, [&others](const auto& owner, wire::Type type, const Bytes& rdata) {
            ASSERT_TRUE(others.add(support::name(owner), type, 60, rdata));
        });
    const auto changed = apply(**base, others);
    ASSERT_TRUE(changed) << changed.error().message;
    EXPECT_TRUE(diff(**changed, **zone).is_empty());
    EXPECT_EQ((*zone)->node_count(), (*changed)->node_count());
    EXPECT_EQ((*zone)->record_count(), (*changed)->record_count());
}

TEST(Builder, CountsTheChildrenOfALargeZone) {
    SmallBuilder builder;
    Bytes text{2, 't', 1};
    LargeZone::write(
        0, LargeZone::kNames, [&builder](const auto& owner, wire::Type type, const Bytes& rdata) {
            ASSERT_TRUE(builder.add(owner, type, rdata));
        });
    const auto base = builder.builder.build();
    ASSERT_TRUE(base) << base.error().message;
    Change change(**base);
    for (std::size_t i = 0; i < LargeZone::kOfEach; ++i) {
        for (const std::uint8_t turn : LargeZone::kTurns) {
            text.back() = turn;
            for (const char* const above : {"a.b.deep", "*.wild"}) {
                const std::string owner = above + std::to_string(i) + ".example.";
                ASSERT_TRUE(change.remove(support::name(owner), wire::type::kTxt, 60, text));
            }
        }
    }
    const auto zone = apply(**base, change);
    ASSERT_TRUE(zone) << zone.error().message;
    // The apex, the cuts and their name servers.
    EXPECT_EQ((*zone)->node_count(), 1 + 2 * LargeZone::kOfEach);
}

TEST(Builder, GroupsRecordsIntoRRsets) {
    const auto zone = make_small_zone("example.",
                                      "www A 192.0.2.2\n"
                                      "other A 192.0.2.9\n"
                                      "www AAAA 2001:db8::1\n"
                                      "www A 192.0.2.1\n");
    EXPECT_EQ(types_at(*zone, "www.example."), "1 28");
    EXPECT_EQ(zone->record_count(), 6U);
    const RRset addresses = *zone->find(key(support::name("www.example.")))->find(wire::type::kA);
    EXPECT_EQ(addresses.count(), 2U);
    std::vector<Bytes> rdata;
    for (const base::Octets octets : addresses) {
        rdata.emplace_back(octets.begin(), octets.end());
    }
    EXPECT_EQ(rdata, (std::vector<Bytes>{{192, 0, 2, 1}, {192, 0, 2, 2}}));
}

TEST(Builder, DropsDuplicates) {
    const auto zone = make_small_zone("example.",
                                      "@ 300 SOA ns admin 1 7200 3600 1209600 60\n"
                                      "www A 192.0.2.1\n"
                                      "WWW A 192.0.2.1\n"
                                      "www TXT a\nwww TXT A\n");
    EXPECT_EQ(zone->record_count(), 5U);
    const Node www = *zone->find(key(support::name("www.example.")));
    EXPECT_EQ(www.find(wire::type::kA)->count(), 1U);
    EXPECT_EQ(www.find(wire::type::kTxt)->count(), 2U);
}

TEST(Builder, AnRRsetHasItsLowestTtl) {
    // Whichever comes first, a duplicate's counts too.
    for (const char* text : {"a 300 A 192.0.2.1\na 100 A 192.0.2.2\na 200 A 192.0.2.3\n",
                             "a 100 A 192.0.2.1\na 300 A 192.0.2.1\n",
                             "a 300 A 192.0.2.1\na 100 A 192.0.2.1\n"}) {
        const auto zone = make_small_zone("example.", text);
        const Node node = *zone->find(key(support::name("a.example.")));
        EXPECT_EQ(node.find(wire::type::kA)->ttl_s(), 100U) << text;
    }
}

TEST(Builder, ATtlWithTheHighestBitCountsAsZero) {
    SmallBuilder small;
    ASSERT_TRUE(small.add("a.example.", wire::type::kA, Bytes(4), 0x7FFFFFFF));
    ASSERT_TRUE(small.add("b.example.", wire::type::kA, Bytes(4), 0x80000000));
    const auto zone = small.builder.build().value();
    EXPECT_EQ(zone->find(key(support::name("a.example.")))->find(wire::type::kA)->ttl_s(),
              0x7FFFFFFFU);
    EXPECT_EQ(zone->find(key(support::name("b.example.")))->find(wire::type::kA)->ttl_s(), 0U);
}

TEST(Builder, AddsEmptyNonTerminals) {
    const auto zone = make_small_zone("example.", "a.b.c A 192.0.2.1\nx.*.d A 192.0.2.1\n");
    for (const char* name : {"b.c.example.", "c.example.", "*.d.example.", "d.example."}) {
        EXPECT_EQ(types_at(*zone, name), "") << name;
    }
    EXPECT_EQ(zone->node_count(), 7U);
    EXPECT_EQ(types_at(*zone, "a.c.example."), "none");
    EXPECT_TRUE(zone->find(key(support::name("d.example.")))->has_wildcard_child());
    EXPECT_FALSE(zone->find(key(support::name("c.example.")))->has_wildcard_child());
    EXPECT_FALSE(zone->find(key(support::name("*.d.example.")))->has_wildcard_child());
    EXPECT_FALSE(zone->apex_node().has_wildcard_child());
}

TEST(Builder, MarksCutsButNotTheApex) {
    const auto zone = make_small_zone("example.", "sub NS ns.sub\nns.sub A 192.0.2.1\n");
    EXPECT_TRUE(zone->find(key(support::name("sub.example.")))->is_cut());
    EXPECT_FALSE(zone->find(key(support::name("ns.sub.example.")))->is_cut());
    EXPECT_FALSE(zone->apex_node().is_cut());
}

TEST(Builder, KeepsWhatIsOccluded) {
    const auto zone = make_small_zone("example.",
                                      "sub NS ns.sub\n"
                                      "deep.sub TXT occluded\n"
                                      "*.sub CNAME x\n"
                                      "d DNAME elsewhere.\n"
                                      "below.d TXT occluded\n");
    EXPECT_EQ(types_at(*zone, "deep.sub.example."), "16");
    EXPECT_EQ(types_at(*zone, "below.d.example."), "16");
    EXPECT_TRUE(zone->find(key(support::name("sub.example.")))->has_wildcard_child());
}

TEST(Builder, RefusesFaultyAliases) {
    EXPECT_EQ(fault_of("a CNAME b\na CNAME c\n"), "more than one CNAME at a.example.");
    EXPECT_EQ(fault_of("a DNAME b\na DNAME c\n"), "more than one DNAME at a.example.");
    EXPECT_EQ(fault_of("a CNAME b\na A 192.0.2.1\n"), "a CNAME beside other records at a.example.");
    EXPECT_EQ(fault_of("a TXT x\na CNAME b\n"), "a CNAME beside other records at a.example.");
    EXPECT_EQ(fault_of("a CNAME b\na DNAME c\n"), "a CNAME beside other records at a.example.");
    EXPECT_EQ(fault_of("@ CNAME b\n"), "a CNAME beside other records at example.");
    EXPECT_EQ(fault_of("a CNAME b\na CNAME b\n"), "");
    EXPECT_EQ(fault_of("a CNAME b\na NSEC b CNAME\n"), "");
    EXPECT_EQ(fault_of("a DNAME b\na TXT x\n@ DNAME other.\n"), "");
}

TEST(Builder, WantsOneSoaAndAnNsAtTheApex) {
    const auto fault = [](std::string_view text) { return build_zone("e.", text).error().message; };
    const std::string soa = "@ SOA a b 1 2 3 4 5\n";
    EXPECT_EQ(fault(""), "the apex has 0 SOA records instead of one");
    EXPECT_EQ(fault("@ NS a\n"), "the apex has 0 SOA records instead of one");
    EXPECT_EQ(fault(soa), "the apex has no NS record");
    EXPECT_EQ(fault(soa + "@ NS a\n@ SOA a b 2 2 3 4 5\n"),
              "the apex has 2 SOA records instead of one");
    EXPECT_EQ(fault(soa + "@ NS a\nx SOA a b 1 2 3 4 5\n"), "an SOA below the apex at x.e.");
}

TEST(Builder, RefusesWhatIsNotOfTheZone) {
    SmallBuilder small;
    EXPECT_FALSE(small.add("examples.", wire::type::kA, Bytes(4)));
    EXPECT_FALSE(small.add(".", wire::type::kA, Bytes(4)));
    EXPECT_FALSE(small.add("xexample.", wire::type::kA, Bytes(4)));
    EXPECT_FALSE(small.add("example.example.net.", wire::type::kA, Bytes(4)));
    EXPECT_EQ(
        small.builder.add(support::name("b.net."), wire::type::kA, 1, Bytes(4)).error().message,
        "b.net. is not in the zone");
    EXPECT_TRUE(small.add("EXAMPLE.", wire::type::kA, Bytes(4)));
}

TEST(Builder, RefusesMetaTypesAndMalformedRdata) {
    SmallBuilder small;
    for (const unsigned type : {0U, 41U, 128U, 249U, 250U, 251U, 252U, 255U}) {
        EXPECT_FALSE(small.add("a.example.", static_cast<wire::Type>(type), {})) << type;
    }
    for (const unsigned type : {99U, 127U, 256U, 65535U}) {
        EXPECT_TRUE(small.add("a.example.", static_cast<wire::Type>(type), {})) << type;
    }
    EXPECT_FALSE(small.add("a.example.", wire::type::kA, Bytes(5)));
    EXPECT_FALSE(small.add("a.example.", wire::type::kNs, support::from_hex("c000")));
    EXPECT_EQ(small.builder.record_count(), 6U);
    EXPECT_EQ(small.builder.build().value()->record_count(), 6U);
}

TEST(Builder, TakesTheRootAsApex) {
    const auto zone = make_small_zone(".", "com NS a.com\na.com A 192.0.2.1\n*.b TXT x\n");
    EXPECT_TRUE(zone->apex().is_root());
    EXPECT_EQ(zone->apex_labels(), 0U);
    EXPECT_TRUE(zone->find(key(support::name("com.")))->is_cut());
    EXPECT_TRUE(zone->find(key(support::name("b.")))->has_wildcard_child());
}

TEST(Builder, TakesNamesOfAnyOctetsAndAnyLength) {
    SmallBuilder small;
    for (unsigned octet = 0; octet < 256; ++octet) {
        Bytes owner{1, static_cast<std::uint8_t>(octet)};
        owner.insert(owner.end(), 1, 7);
        const Bytes apex = OctetBuilder().name("example.").bytes();
        owner.pop_back();
        owner.insert(owner.end(), apex.begin(), apex.end());
        ASSERT_TRUE(small.builder.add(wire::NameView(owner), wire::type::kA, 1, Bytes(4)));
    }
    std::string deepest = "example.";
    while (deepest.size() + 2 < wire::kMaxNameOctets) {
        deepest.insert(0, "x.");
    }
    ASSERT_TRUE(small.add(deepest, wire::type::kA, Bytes(4)));
    const auto zone = small.builder.build().value();
    EXPECT_EQ(zone->node_count(), 1U + (256 - 26) + 123 - 1);  // x.example. is among both
    EXPECT_EQ(zone->lookup(key(support::name(deepest))).kind, Match::Kind::kExact);
}

TEST(Builder, KeepsTheCaseInWhichANameComesFirst) {
    const auto zone = make_zone("example.",
                                "EXample. 300 SOA Ns.EXAMPLE. b 1 2 3 4 5\n"
                                "example. NS a\n"
                                "WwW A 192.0.2.1\n"
                                "www AAAA ::1\n");
    EXPECT_EQ(zone->apex().to_text(), "EXample.");
    EXPECT_EQ(zone->find(key(support::name("WWW.EXAMPLE.")))->owner().view().to_text(),
              "WwW.example.");
    EXPECT_EQ(zone->node_count(), 2U);
}

TEST(Builder, HoldsToItsLimitOfOctets) {
    const std::size_t apex = 9 + (2 + 3 + 3 + 20) + (2 + 10);
    const Bytes rdata(4);
    // A record below the apex: 11 octets of owner, 6 of rdata.
    SmallBuilder fits(apex + 11 + 6);
    EXPECT_TRUE(fits.add("a.example.", wire::type::kA, rdata));
    EXPECT_FALSE(fits.add("a.example.", wire::type::kTxt, Bytes(1)));
    EXPECT_TRUE(fits.builder.build().has_value());
    SmallBuilder tight(apex + 11 + 5);
    EXPECT_FALSE(tight.add("a.example.", wire::type::kA, rdata));
    EXPECT_TRUE(tight.builder.build().has_value());
    // Empty non-terminals count.
    SmallBuilder deep(apex + 13 + 6);
    EXPECT_TRUE(deep.add("b.a.example.", wire::type::kA, rdata));
    EXPECT_EQ(deep.builder.build().error().message,
              "more than " + std::to_string(apex + 13 + 6) + " octets of names and rdata");
}

TEST(Builder, HoldsTheLimitOfOctetsInAnRRset) {
    constexpr std::size_t kMostAddresses = StoredRRset::kMaxOctets / 16;
    for (const std::size_t count : {kMostAddresses, kMostAddresses + 1}) {
        SmallBuilder small;
        for (std::uint32_t i = 0; i < count; ++i) {
            ASSERT_TRUE(small.add("a.example.", wire::type::kA, OctetBuilder().u32(i).bytes()));
        }
        const auto zone = small.builder.build();
        EXPECT_EQ(zone.has_value(), count == kMostAddresses);
    }
}

TEST(Builder, GrowsOverManyNames) {
    SmallBuilder small;
    constexpr std::uint32_t kNames = 20000;
    for (std::uint32_t i = 0; i < kNames; ++i) {
        ASSERT_TRUE(small.add(
            "h" + std::to_string(i) + ".example.", wire::type::kA, OctetBuilder().u32(i).bytes()));
    }
    const auto zone = small.builder.build().value();
    EXPECT_EQ(zone->node_count(), kNames + 1);
    for (std::uint32_t i = 0; i < kNames; ++i) {
        const auto node = zone->find(key(support::name("H" + std::to_string(i) + ".example.")));
        ASSERT_TRUE(node);
        const RRset addresses = *node->find(wire::type::kA);
        EXPECT_EQ(base::load_be32((*addresses.begin()).data()), i);
    }
    EXPECT_GT(zone->memory_octets(), kNames * 20);
}

TEST(Builder, ReadsTheSoa) {
    const auto zone = make_zone("e.", "@ 100 SOA a b 7 2 3 4 500\n@ NS a\n");
    EXPECT_EQ(zone->serial(), 7U);
    EXPECT_EQ(zone->soa().expire_s, 4U);
    EXPECT_EQ(zone->negative_ttl_s(), 100U);
    EXPECT_EQ(make_zone("e.", "@ 500 SOA a b 7 2 3 4 100\n@ NS a\n")->negative_ttl_s(), 100U);
}

}  // namespace
}  // namespace understudy::zone
