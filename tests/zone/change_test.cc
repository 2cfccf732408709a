#include <gtest/gtest.h>
#include <understudy/zone/builder.h>
#include <understudy/zone/change.h>
#include <understudy/zone/memory_usage.h>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "support/octets.h"
#include "support/transfers.h"
#include "support/zone_views.h"
#include "support/zones.h"

namespace understudy::zone {
namespace {

using support::make_small_zone;
using support::Record;

constexpr std::string_view kApex = "example.";

/// A change in master-file text.
Change change_of(const Zone& base, std::string_view removed, std::string_view added) {
    Change change(base);
    for (const Record& record : support::records_of(kApex, removed)) {
        EXPECT_TRUE(change.remove(record.owner, record.type, record.ttl_s, record.rdata));
    }
    for (const Record& record : support::records_of(kApex, added)) {
        EXPECT_TRUE(change.add(record.owner, record.type, record.ttl_s, record.rdata));
    }
    return change;
}

std::unique_ptr<const Zone> applied(const Zone& base,
                                    std::string_view removed,
                                    std::string_view added) {
    auto zone = apply(base, change_of(base, removed, added));
    EXPECT_TRUE(zone) << (zone ? "" : zone.error().message);
    return zone ? *std::move(zone) : nullptr;
}

/// Why a change is refused; the base must be what it was, and no block be left.
std::string fault_of(std::string_view zone_text, std::string_view removed, std::string_view added) {
    const auto base = make_small_zone(kApex, zone_text);
    const auto before = support::dump(*base);
    const std::size_t octets = BlockStore::process().usage().live_octets;
    const auto zone = apply(*base, change_of(*base, removed, added));
    EXPECT_EQ(BlockStore::process().usage().live_octets, octets);
    EXPECT_EQ(support::dump(*base), before);
    return zone ? "none" : zone.error().message;
}

std::string view(const Zone& zone, std::string_view name) {
    return support::view_of(zone, support::name(name));
}

/// That a change of one zone's text gives what another's is.
void expect_changed(std::string_view from,
                    std::string_view removed,
                    std::string_view added,
                    std::string_view to,
                    std::initializer_list<std::string_view> names) {
    const auto base = make_small_zone(kApex, from);
    const auto zone = applied(*base, removed, added);
    ASSERT_TRUE(zone);
    const auto expected = make_small_zone(kApex, to);
    EXPECT_EQ(support::dump(*zone), support::dump(*expected));
    EXPECT_EQ(support::view_of(*zone), support::view_of(*expected));
    for (const std::string_view name : names) {
        EXPECT_EQ(view(*zone, name), view(*expected, name));
    }
}

TEST(Apply, AddsAndRemovesRecordsAndNames) {
    expect_changed("a A 192.0.2.1\nb A 192.0.2.2\n",
                   "b A 192.0.2.2\n",
                   "a A 192.0.2.3\nc TXT x\n",
                   "a A 192.0.2.1\na A 192.0.2.3\nc TXT x\n",
                   {"a.example.", "b.example.", "c.example.", "d.example."});
}

TEST(Apply, ChangesTheLongestName) {
    std::string longest(53, 'x');
    for (int labels = 0; labels < 3; ++labels) {
        longest += "." + std::string(wire::kMaxLabelOctets, 'y');
    }
    const std::string whole = longest + "." + std::string(kApex);
    ASSERT_EQ(support::name(whole).view().size(), wire::kMaxNameOctets);
    expect_changed(longest + " A 192.0.2.1\n",
                   longest + " A 192.0.2.1\n",
                   longest + " AAAA 2001:db8::1\n",
                   longest + " AAAA 2001:db8::1\n",
                   {whole, std::string_view(whole).substr(54)});
}

TEST(Apply, FindsNamesWhosePagesHoldFew) {
    // Few nodes to a page: those of one page often agree in the next bit of their hashes as well.
    constexpr int kNames = 250;
    const auto name = [](int number) { return "n" + std::to_string(number); };
    const std::string text = " TXT " + std::string(240, 'x') + " " + std::string(240, 'y') + "\n";
    std::shared_ptr<const Zone> zone = make_small_zone(kApex, "");
    for (int i = 0; i < kNames; ++i) {
        zone = applied(*zone, "", name(i) + text);
    }
    for (int i = 0; i < kNames; ++i) {
        EXPECT_TRUE(zone->find(NameKey(support::name(name(i) + ".example."), support::kHashKey)))
            << i;
    }
}

TEST(Apply, LetsEmptyNonTerminalsAppearAndVanish) {
    expect_changed(
        "", "", "a.b.c A 192.0.2.1\n", "a.b.c A 192.0.2.1\n", {"b.c.example.", "c.example."});
    expect_changed(
        "a.b.c A 192.0.2.1\n", "a.b.c A 192.0.2.1\n", "", "", {"b.c.example.", "c.example."});
    expect_changed("a.c A 192.0.2.1\nc TXT x\n",
                   "c TXT x\n",
                   "",
                   "a.c A 192.0.2.1\n",
                   {"c.example.", "a.c.example."});
    expect_changed("a.c A 192.0.2.1\nb.c TXT x\n",
                   "a.c A 192.0.2.1\n",
                   "c TXT y\n",
                   "b.c TXT x\nc TXT y\n",
                   {"c.example.", "a.c.example."});
}

TEST(Apply, MarksWhatIsAboveAWildcard) {
    expect_changed("w TXT x\n", "", "*.w TXT y\n", "w TXT x\n*.w TXT y\n", {"w.example."});
    expect_changed("w TXT x\n*.w TXT y\n", "*.w TXT y\n", "", "w TXT x\n", {"w.example."});
    // Empty, but there.
    expect_changed("*.w TXT y\na.*.w TXT y\n",
                   "*.w TXT y\n",
                   "",
                   "a.*.w TXT y\n",
                   {"w.example.", "*.w.example."});
    expect_changed("", "", "* TXT y\n", "* TXT y\n", {"example.", "a.example."});
}

TEST(Apply, OccludesAndReveals) {
    expect_changed("a.s A 192.0.2.1\n",
                   "",
                   "s NS ns.other.\n",
                   "a.s A 192.0.2.1\ns NS ns.other.\n",
                   {"a.s.example.", "s.example.", "b.a.s.example."});
    expect_changed("a.s A 192.0.2.1\ns NS ns.other.\n",
                   "s NS ns.other.\n",
                   "",
                   "a.s A 192.0.2.1\n",
                   {"a.s.example.", "s.example.", "b.a.s.example."});
    expect_changed("a.s A 192.0.2.1\ns NS ns.other.\n",
                   "s NS ns.other.\n",
                   "s DNAME t\n@ DNAME u\n",
                   "a.s A 192.0.2.1\ns DNAME t\n@ DNAME u\n",
                   {"example.", "s.example.", "a.s.example."});
}

/// How many labels names may have below the apex before none can be found that no cut is above.
unsigned open_depth_end(const Zone& zone) { return zone.outline().open_depth_end; }

TEST(Apply, KnowsHowDeepItNeedsToLook) {
    constexpr std::string_view kZone = "sub NS ns.sub\nns.sub A 192.0.2.1\na.b.sub A 192.0.2.2\n";
    const auto zone = make_small_zone(kApex, kZone);
    EXPECT_EQ(open_depth_end(*zone), 2U);  // below the cut nothing counts

    constexpr std::string_view kDeeper = "x.y.z A 192.0.2.3\n";
    const auto deeper = applied(*zone, "", kDeeper);
    EXPECT_EQ(open_depth_end(*deeper), 4U);
    EXPECT_EQ(open_depth_end(*make_small_zone(kApex, std::string(kZone) + std::string(kDeeper))),
              4U);
    const auto same = applied(*deeper, "", "u.v.w.sub A 192.0.2.4\n");
    EXPECT_EQ(open_depth_end(*same), 4U);

    const auto revealed = applied(*same, "sub NS ns.sub\n", "");
    EXPECT_EQ(open_depth_end(*revealed), 5U);
    EXPECT_EQ(view(*revealed, "u.v.w.sub.example."),
              view(*make_small_zone(kApex, "u.v.w.sub A 192.0.2.4\n"), "u.v.w.sub.example."));
}

TEST(Apply, WritesReferralsAnewWhereGlueChanges) {
    const std::string cut = "s NS ns.s\ns NS s\ns NS sibling\nd.s NS ns.s\n";
    expect_changed(cut + "ns.s A 192.0.2.1\n",
                   "ns.s A 192.0.2.1\n",
                   "ns.s A 192.0.2.2\nns.s AAAA ::1\ns A 192.0.2.3\n",
                   cut + "ns.s A 192.0.2.2\nns.s AAAA ::1\ns A 192.0.2.3\n",
                   {"s.example.", "d.s.example.", "ns.s.example."});
    expect_changed(cut + "ns.s A 192.0.2.1\n",
                   "s NS sibling\n",
                   "s NS b.s\n",
                   "s NS ns.s\ns NS s\ns NS b.s\nd.s NS ns.s\nns.s A 192.0.2.1\n",
                   {"s.example.", "d.s.example."});
}

TEST(Apply, MovesNsecOwnersWithCutsAndDnames) {
    const std::string zone = "@ NSEC a A\na NSEC s A\ns NSEC @ A\nx.s NSEC @ A\n";
    const auto names = {"x.s.example.", "y.s.example.", "s.example.", "b.example.", "example."};
    for (const std::string cut : {"s NS ns.other.\n", "s DNAME other.\n", "@ DNAME other.\n"}) {
        const auto base = make_small_zone(kApex, zone);
        const auto occluded = applied(*base, "", cut);
        const auto revealed = applied(*occluded, cut, "");
        const auto expected = make_small_zone(kApex, zone + cut);
        for (const std::string_view name : names) {
            EXPECT_EQ(view(*occluded, name), view(*expected, name)) << cut;
            EXPECT_EQ(view(*revealed, name), view(*base, name)) << cut;
        }
    }
}

TEST(Apply, GoesFromChainToChain) {
    const std::string hash(32, '0');
    const std::string other(32, '1');
    const auto base =
        make_small_zone(kApex,
                        "@ NSEC @ A\na A 192.0.2.1\na NSEC @ A\n" + hash + " NSEC3 1 0 0 - " +
                            hash + "\n" + other + " NSEC3 1 0 1 aa " + hash + "\n");
    const auto denial = [&](const Zone& zone, Denial kind, std::string_view owner) {
        EXPECT_EQ(zone.denial(), kind);
        if (kind == Denial::kNsec) {
            const auto node = zone.nsec_at_or_before(support::name("b.example."));
            EXPECT_EQ(node->owner().view().to_text(), owner);
        } else if (kind == Denial::kNsec3) {
            EXPECT_EQ(zone.nsec3_at_or_before({})->node.owner().view().to_text().substr(0, 1),
                      owner);
        }
    };
    denial(*base, Denial::kNsec, "a.example.");
    const auto nsec3 = applied(*base, "", "@ NSEC3PARAM 1 0 0 -\n");
    denial(*nsec3, Denial::kNsec3, "0");
    const auto salted = applied(*nsec3, "@ NSEC3PARAM 1 0 0 -\n", "@ NSEC3PARAM 1 0 1 aa\n");
    denial(*salted, Denial::kNsec3, "1");
    const auto none = applied(*salted, "@ NSEC3PARAM 1 0 1 aa\n@ NSEC @ A\n", "");
    denial(*none, Denial::kNone, "");
    denial(*base, Denial::kNsec, "a.example.");
}

TEST(Apply, GivesAnRRsetTheTtlOfTheRecordAddedLast) {
    const auto base = make_small_zone(
        kApex,
        "a 100 A 192.0.2.1\na 100 RRSIG A 8 2 100 20300101000000 20200101000000 1 example. AAAA\n"
        "a 100 TXT x\n");
    const auto zone = applied(*base, "", "a 200 A 192.0.2.2\na 300 A 192.0.2.3\n");
    const auto node = zone->find(NameKey(support::name("a.example."), support::kHashKey));
    EXPECT_EQ(node->find(wire::type::kA)->ttl_s(), 300U);
    EXPECT_EQ(node->find(wire::type::kA)->count(), 3U);
    EXPECT_EQ(node->signatures(wire::type::kA)->ttl_s(), 300U);
    EXPECT_EQ(node->find(wire::type::kTxt)->ttl_s(), 100U);
}

TEST(Apply, TakesStepsInTheirOrder) {
    const auto base = make_small_zone(kApex, "a A 192.0.2.1\n");
    Change change(*base);
    const auto put = [&](bool removes, std::string_view text) {
        for (const Record& record : support::records_of(kApex, text)) {
            EXPECT_TRUE(removes
                            ? change.remove(record.owner, record.type, 0, record.rdata)
                            : change.add(record.owner, record.type, record.ttl_s, record.rdata));
        }
    };
    put(true, "a A 192.0.2.1\n");
    put(false, "a A 192.0.2.2\n");
    put(true, "a A 192.0.2.2\n");
    put(false, "a A 192.0.2.1\nb A 192.0.2.3\n");
    put(true, "b A 192.0.2.3\n");
    EXPECT_EQ(change.removed_count(), 3U);
    EXPECT_EQ(change.added_count(), 3U);
    std::string steps;
    change.for_each([&steps](const Change::Step& step) {
        steps += (step.removes ? "-" : "+") + step.owner.to_text().substr(0, 1) +
                 std::to_string(step.rdata[3]) + " ";
    });
    EXPECT_EQ(steps, "-a1 +a2 -a2 +a1 +b3 -b3 ");
    const auto zone = apply(*base, change);
    ASSERT_TRUE(zone) << zone.error().message;
    EXPECT_EQ(support::dump(**zone), support::dump(*base));
}

TEST(Apply, KeepsTheLettersOfNames) {
    const auto base = make_small_zone(kApex, "AbC.EXAMPLE. A 192.0.2.1\n");
    const auto zone = applied(*base, "abc A 192.0.2.1\n", "abC A 192.0.2.2\nNew.eXample. TXT x\n");
    const auto text = [&zone](std::string_view name) {
        return zone->find(NameKey(support::name(name), support::kHashKey))
            ->owner()
            .view()
            .to_text();
    };
    EXPECT_EQ(text("abc.example."), "AbC.EXAMPLE.");
    EXPECT_EQ(text("new.example."), "New.eXample.");
}

TEST(Apply, RefusesWhatIsNotStrict) {
    const std::string_view zone = "a A 192.0.2.1\n";
    EXPECT_EQ(fault_of(zone, "b A 192.0.2.1\n", ""), "no record to remove of type 1 at b.example.");
    EXPECT_EQ(fault_of(zone, "a A 192.0.2.2\n", "c A 192.0.2.1\n"),
              "no record to remove of type 1 at a.example.");
    EXPECT_EQ(fault_of(zone, "", "a 7 A 192.0.2.1\n"),
              "a record to add is there already, of type 1 at a.example.");
    EXPECT_EQ(fault_of(zone, "", "c A 192.0.2.1\nc A 192.0.2.1\n"),
              "a record to add is there already, of type 1 at c.example.");
}

TEST(Apply, PassesOverThatWhereItIsLenient) {
    const auto base = make_small_zone(kApex, "a 100 A 192.0.2.1\na 100 A 192.0.2.2\n");
    const auto zone = apply(*base,
                            change_of(*base, "b A 192.0.2.1\na TXT x\n", "a 200 A 192.0.2.1\n"),
                            Strictness::kLenient);
    ASSERT_TRUE(zone) << zone.error().message;
    const auto expected = make_small_zone(kApex, "a 200 A 192.0.2.1\na 200 A 192.0.2.2\n");
    EXPECT_EQ(support::dump(**zone), support::dump(*expected));
    EXPECT_EQ(support::view_of(**zone), support::view_of(*expected));
}

TEST(Apply, RefusesWhatABuilderWould) {
    const std::string_view zone = "a A 192.0.2.1\nc CNAME a\nd DNAME e\n";
    EXPECT_EQ(fault_of(zone, "", "c CNAME b\n"), "more than one CNAME at c.example.");
    EXPECT_EQ(fault_of(zone, "", "d DNAME f\n"), "more than one DNAME at d.example.");
    EXPECT_EQ(fault_of(zone, "", "x.y.z A 192.0.2.1\na CNAME b\n"),
              "a CNAME beside other records at a.example.");
    EXPECT_EQ(fault_of(zone, "", "a SOA a b 1 2 3 4 5\n"), "an SOA below the apex at a.example.");
    EXPECT_EQ(fault_of(zone, "@ NS ns\n", "b A 192.0.2.1\n"), "the apex has no NS record");
    EXPECT_EQ(fault_of(zone, "@ SOA ns admin 1 7200 3600 1209600 60\n", ""),
              "the apex has 0 SOA records instead of one");
    EXPECT_EQ(fault_of(zone, "", "@ SOA ns admin 2 7200 3600 1209600 60\n"),
              "the apex has 2 SOA records instead of one");
    std::string many;
    for (int i = 0; i < 256; ++i) {
        many += "b TYPE" + std::to_string(1000 + i) + " \\# 0\n";
    }
    EXPECT_EQ(fault_of(zone, "", many), "more than 255 types at b.example.");
    std::string large;
    for (int i = 0; i < 3; ++i) {
        large += "b TYPE1000 \\# 30000 0" + std::to_string(i) + std::string(59998, '0') + "\n";
    }
    EXPECT_EQ(fault_of(zone, "", large),
              "more than 65535 octets of records of one type at b.example.");
}

TEST(Change, RefusesWhatCannotStandInTheZone) {
    const auto base = make_small_zone(kApex, "");
    Change change(*base, 30);
    const wire::Name a = support::name("a.example.");
    const auto fault = [](const base::Expected<void>& good) {
        return good ? "none" : good.error().message;
    };
    EXPECT_EQ(fault(change.add(support::name("a.test."), wire::type::kA, 1, support::Bytes(4))),
              "a.test. is not in the zone");
    EXPECT_EQ(fault(change.add(a, wire::type::kA, 1, support::Bytes(5))),
              "malformed rdata of type 1 at a.example.");
    EXPECT_EQ(fault(change.remove(a, wire::type::kAny, 1, {})),
              "a record of the meta type 255 at a.example.");
    EXPECT_TRUE(change.is_empty());
    EXPECT_EQ(fault(change.add(a, wire::type::kA, 1, support::Bytes(4))), "none");
    EXPECT_EQ(fault(change.remove(a, wire::type::kA, 1, support::Bytes(4))),
              "a change of too many octets of names and rdata");
}

TEST(Versions, LiveAsLongAsTheyAreHeld) {
    const std::size_t before = BlockStore::process().usage().live_octets;
    auto first = make_small_zone(kApex, "a A 192.0.2.1\nb A 192.0.2.1\n");
    const auto lines = support::dump(*first);
    auto second = applied(*first, "a A 192.0.2.1\n", "a A 192.0.2.2\n");
    // A version that comes to nothing: the next one is made of the one before it.
    static_cast<void>(applied(*second, "a A 192.0.2.2\n", ""));
    auto third = applied(*second, "a A 192.0.2.2\n", "a A 192.0.2.3\n");
    second.reset();
    EXPECT_EQ(support::dump(*first), lines);
    EXPECT_GT(memory_usage().retired, 0U);
    EXPECT_LT(memory_usage().retired, memory_usage().live);
    EXPECT_EQ(support::dump(*third),
              support::dump(*make_small_zone(kApex, "a A 192.0.2.3\nb A 192.0.2.1\n")));
    first.reset();
    EXPECT_EQ(memory_usage().retired, 0U);
    third.reset();
    EXPECT_EQ(BlockStore::process().usage().live_octets, before);
}

TEST(Versions, OnlyTheNewestIsChanged) {
    const auto first = make_small_zone(kApex, "");
    const auto second = applied(*first, "", "a A 192.0.2.1\n");
    const Change change(*first);
    EXPECT_DEATH(static_cast<void>(apply(*first, change)), "newest_living");
}

TEST(Diff, IsWhatWasChanged) {
    const auto base = make_small_zone(kApex, "a A 192.0.2.1\na A 192.0.2.2\nb TXT x\nc TXT x\n");
    const auto zone =
        applied(*base, "a A 192.0.2.1\nb TXT x\n", "d 7 TXT x\nc 9 TXT y\n@ DS 1 8 2 00\n");
    const auto lines = [](const Change& change) {
        std::vector<std::string> found;
        change.for_each([&found](const Change::Step& step) {
            found.push_back((step.removes ? "-" : "+") + step.owner.to_text() + " " +
                            std::to_string(step.ttl_s) + " " + std::to_string(step.type));
        });
        std::ranges::sort(found);
        return found;
    };
    using Lines = std::vector<std::string>;
    // All of an RRset whose TTL is another one.
    EXPECT_EQ(lines(diff(*base, *zone)),
              (Lines{"+c.example. 9 16",
                     "+c.example. 9 16",
                     "+d.example. 7 16",
                     "+example. 3600 43",
                     "-a.example. 3600 1",
                     "-b.example. 3600 16",
                     "-c.example. 3600 16"}));
    EXPECT_TRUE(diff(*zone, *zone).is_empty());
}

TEST(Diff, IsFoundBetweenZonesOfOtherKeys) {
    const auto from = make_small_zone(kApex, "a.b A 192.0.2.1\nc TXT x\n");
    Builder builder(support::name(kApex), {7, 9});
    for (const Record& record :
         support::records_of(kApex, std::string(support::kApexRecords) + "c TXT y\nd TXT z\n")) {
        ASSERT_TRUE(builder.add(record.owner, record.type, record.ttl_s, record.rdata));
    }
    const auto to = builder.build();
    ASSERT_TRUE(to);
    const auto zone = apply(*from, diff(*from, **to));
    ASSERT_TRUE(zone) << zone.error().message;
    EXPECT_EQ(support::dump(**zone), support::dump(**to));
}

// ---- Cost

/// A zone of so many hosts, signed where `chain` is not empty: with owners that a letter sorts.
std::unique_ptr<const Zone> make_hosts(std::size_t count, Denial chain) {
    Builder builder(support::name(kApex), support::kHashKey);
    const auto add = [&builder](std::string_view text) {
        for (const Record& record : support::records_of(kApex, text)) {
            EXPECT_TRUE(builder.add(record.owner, record.type, record.ttl_s, record.rdata));
        }
    };
    add(support::kApexRecords);
    if (chain == Denial::kNsec) {
        add("@ NSEC @ A\n");
    } else if (chain == Denial::kNsec3) {
        add("@ NSEC3PARAM 1 0 0 -\n");
    }
    const support::Bytes nsec = support::OctetBuilder().name(kApex).u16(0).bytes();
    const support::Bytes nsec3 =
        support::OctetBuilder().u32(0x01000000).u16(20).raw(support::Bytes(20)).bytes();
    for (std::size_t i = 0; i < count; ++i) {
        const std::string number = std::to_string(1000000 + i * 9);
        const wire::Name host = support::name("h" + number + ".example.");
        EXPECT_TRUE(builder.add(host, wire::type::kA, 60, support::Bytes(4)));
        if (chain == Denial::kNsec) {
            EXPECT_TRUE(builder.add(host, wire::type::kNsec, 60, nsec));
        } else if (chain == Denial::kNsec3) {
            const wire::Name owner = support::name(number + std::string(25, '0') + ".example.");
            EXPECT_TRUE(builder.add(owner, wire::type::kNsec3, 60, nsec3));
        }
    }
    auto zone = builder.build();
    EXPECT_TRUE(zone);
    return *std::move(zone);
}

/// One more record for a zone of hosts: an address, or a part of its chain.
std::string added_record(const std::string& number, Denial chain) {
    if (chain == Denial::kNsec) {
        return "h" + number + " NSEC @ A\n";
    }
    if (chain == Denial::kNsec3) {
        return number + std::string(25, '0') + " NSEC3 1 0 0 - " + std::string(32, '0') + "\n";
    }
    return "h" + number + " A 192.0.2.1\n";
}

/// Octets of blocks that a version with one more record has of its own, on average.
std::size_t mean_cost(std::size_t hosts, Denial chain) {
    constexpr std::size_t kChanges = 64;
    std::unique_ptr<const Zone> zone = make_hosts(hosts, chain);
    std::size_t octets = 0;
    for (std::size_t i = 0; i < kChanges; ++i) {
        const std::size_t before = BlockStore::process().usage().live_octets;
        const std::string number = std::to_string(1000000 + i * 7919 % hosts * 9 + 1 + i % 8);
        auto next = applied(*zone, "", added_record(number, chain));
        octets += BlockStore::process().usage().live_octets - before;
        zone = std::move(next);
    }
    return octets / kChanges;
}

TEST(Cost, OfOneRecordDoesNotGrowWithTheZone) {
    constexpr std::size_t kMostOctets = 16384;
    for (const Denial chain : {Denial::kNone, Denial::kNsec, Denial::kNsec3}) {
        for (const std::size_t hosts : {1000U, 100000U}) {
            const std::size_t octets = mean_cost(hosts, chain);
            RecordProperty(
                "octets_" + std::to_string(static_cast<int>(chain)) + "_" + std::to_string(hosts),
                std::to_string(octets));
            EXPECT_GT(octets, 0U);
            EXPECT_LE(octets, kMostOctets) << hosts;
        }
    }
}

}  // namespace
}  // namespace understudy::zone
