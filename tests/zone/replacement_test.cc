#include <gtest/gtest.h>
#include <understudy/zone/change.h>
#include <understudy/zone/replacement.h>
#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/transfers.h"
#include "support/zone_views.h"
#include "support/zones.h"

namespace understudy::zone {
namespace {

using support::make_small_zone;
using support::Record;

constexpr std::string_view kApex = "example.";

/// The records of a whole zone, the SOA once.
std::vector<Record> stream_of(const Zone& zone) {
    auto records = support::records_of(zone);
    records.pop_back();
    return records;
}

Change replaced(const Zone& base, const std::vector<Record>& stream) {
    Replacement replacement(base);
    for (const Record& record : stream) {
        const auto good = replacement.add(record.owner, record.type, record.ttl_s, record.rdata);
        EXPECT_TRUE(good) << good.error().message;
    }
    EXPECT_EQ(replacement.record_count(), stream.size());
    return replacement.finish();
}

/// That the stream of one zone's text over another's gives the former, in so many steps.
void expect_steps(std::string_view from, std::string_view to, std::size_t gone, std::size_t come) {
    const auto base = make_small_zone(kApex, from);
    const auto wanted = make_small_zone(kApex, to);
    const Change change = replaced(*base, stream_of(*wanted));
    EXPECT_EQ(change.removed_count(), gone);
    EXPECT_EQ(change.added_count(), come);
    const auto made = apply(*base, change, Strictness::kLenient);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(support::dump(**made), support::dump(*wanted));
    EXPECT_EQ(support::view_of(**made), support::view_of(*wanted));
}

TEST(Replacement, OfTheSameRecordsIsEmpty) {
    expect_steps("", "", 0, 0);
    expect_steps("a A 192.0.2.1\nb.c MX 1 a\n", "a A 192.0.2.1\nb.c MX 1 a\n", 0, 0);
}

TEST(Replacement, HoldsWhatDiffers) {
    expect_steps("a A 192.0.2.1\n", "a A 192.0.2.2\n", 1, 1);
    expect_steps("a A 192.0.2.1\na A 192.0.2.2\n", "a A 192.0.2.2\n", 1, 0);
    expect_steps("a A 192.0.2.1\nd.e TXT x\n", "b CNAME ns\n", 2, 1);
    expect_steps("a CNAME ns\n", "a A 192.0.2.2\n", 1, 1);
    expect_steps("a NS b.a\nb.a A 192.0.2.7\n", "a NS b.a\nb.a A 192.0.2.8\n", 1, 1);
}

TEST(Replacement, TakesANewTtl) {
    expect_steps(
        "a 60 A 192.0.2.1\na 60 A 192.0.2.2\n", "a 90 A 192.0.2.1\na 90 A 192.0.2.2\n", 2, 2);
}

TEST(Replacement, KeepsSignaturesApartByWhatTheyCover) {
    const std::string rest = " 8 2 60 20300101000000 20200101000000 1 example. AAAA\n";
    expect_steps("a 60 A 192.0.2.1\na 60 RRSIG A" + rest + "a 60 TXT x\na 60 RRSIG TXT" + rest,
                 "a 60 A 192.0.2.1\na 60 RRSIG A" + rest + "a 60 TXT x\n",
                 1,
                 0);
}

TEST(Replacement, ReplacesTheSoa) {
    const auto base = support::make_zone(kApex, "@ 60 SOA ns a 1 1 1 1 1\n@ NS ns\n");
    const auto wanted = support::make_zone(kApex, "@ 60 SOA ns a 2 1 1 1 1\n@ NS ns\n");
    const Change change = replaced(*base, stream_of(*wanted));
    EXPECT_EQ(change.removed_count(), 1U);
    const auto made = apply(*base, change, Strictness::kLenient);
    ASSERT_TRUE(made);
    EXPECT_EQ((*made)->serial(), 2U);
}

TEST(Replacement, CountsWhatComesTwiceOnce) {
    const auto base = make_small_zone(kApex, "a A 192.0.2.1\n");
    const auto wanted = make_small_zone(kApex, "a A 192.0.2.1\nb A 192.0.2.2\n");
    auto stream = stream_of(*wanted);
    const auto once = stream;
    stream.insert(stream.end(), once.begin() + 1, once.end());
    const auto made = apply(*base, replaced(*base, stream), Strictness::kLenient);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(support::dump(**made), support::dump(*wanted));
}

TEST(Replacement, RefusesWhatCannotStandInTheZone) {
    const auto base = make_small_zone(kApex, "");
    Replacement replacement(*base);
    const std::vector<std::uint8_t> address(4);
    EXPECT_FALSE(replacement.add(support::name("a.example.net."), wire::type::kA, 1, address));
    EXPECT_FALSE(replacement.add(support::name("a.example."), wire::type::kA, 1, {}));
    EXPECT_FALSE(replacement.add(support::name("a.example."), wire::type::kAxfr, 1, address));
    Replacement small(*base, 30);
    EXPECT_TRUE(small.add(support::name("a.example."), wire::type::kA, 1, address));
    EXPECT_FALSE(small.add(support::name("b.example."), wire::type::kA, 1, address));
}

/// Many pages, large nodes, and every order of the stream.
TEST(Replacement, OfRandomZonesGivesTheOther) {
    std::mt19937 random(7);
    const auto some_text = [&random] {
        std::string text;
        for (int i = 0; i < 600; ++i) {
            const std::string name = "n" + std::to_string(random() % 400);
            const std::string number = std::to_string(random() % 3);
            text += name + " A 192.0.2." + number + "\n";
            if (random() % 16 == 0) {
                text += "x." + name + " TXT " + std::string(200, 'a') + " " +
                        std::string(200, 'b') + " " + std::string(200, 'c') + number + "\n";
            }
        }
        return text;
    };
    std::shared_ptr<const Zone> base = make_small_zone(kApex, some_text());
    for (int round = 0; round < 6; ++round) {
        const auto wanted = make_small_zone(kApex, some_text());
        auto stream = stream_of(*wanted);
        std::shuffle(stream.begin(), stream.end(), random);
        auto made = apply(*base, replaced(*base, stream), Strictness::kLenient);
        ASSERT_TRUE(made) << made.error().message;
        EXPECT_EQ(support::dump(**made), support::dump(*wanted));
        base = *std::move(made);
    }
}

}  // namespace
}  // namespace understudy::zone
