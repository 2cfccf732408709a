#include "control/difference_book.h"

#include <gtest/gtest.h>
#include <memory>
#include <string>

#include "support/transfers.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

using ZonePtr = std::shared_ptr<const zone::Zone>;

ZonePtr version(std::uint32_t serial, const std::string& rest = "") {
    return support::make_zone(
        "example.", "@ SOA ns a " + std::to_string(serial) + " 1 1 1 1\n@ NS ns\n" + rest);
}

std::shared_ptr<const Difference> step(std::uint32_t from, std::uint32_t to) {
    return std::make_shared<const Difference>(Difference{from, to, std::vector<std::uint8_t>(100)});
}

TEST(Difference, LeadsFromOneVersionToTheNext) {
    const ZonePtr from = version(1, "a A 192.0.2.1\nb TXT x\nb 5 TXT y\nC.d MX 1 e\n");
    const ZonePtr to = version(2, "a A 192.0.2.2\nb 60 TXT x\nx.C.d MX 1 e\n");
    const auto difference = make_difference(*from, *to, 10000);
    ASSERT_TRUE(difference);
    EXPECT_EQ(difference->from, 1U);
    EXPECT_EQ(difference->to, 2U);
    zone::Change change(*from);
    ASSERT_TRUE(append(difference->octets, change));
    const auto made = zone::apply(*from, change);
    ASSERT_TRUE(made) << made.error().message;
    EXPECT_EQ(support::dump(**made), support::dump(*to));
}

TEST(Difference, IsNoneToAnOlderVersionOrWhereItIsTooLarge) {
    EXPECT_FALSE(make_difference(*version(2), *version(1), 10000));
    EXPECT_FALSE(make_difference(*version(2), *version(2, "a A 192.0.2.1\n"), 10000));
    EXPECT_FALSE(make_difference(*version(1), *version(2), 10));
}

/// Whatever a disk gives back is refused or a change.
TEST(Difference, IsRefusedWhereItIsDamaged) {
    const ZonePtr from = version(1, "a A 192.0.2.1\n");
    const auto whole = make_difference(*from, *version(2, "b A 192.0.2.2\n"), 10000)->octets;
    for (std::size_t size = 0; size < whole.size(); ++size) {
        zone::Change change(*from);
        const bool good = append(base::Octets(whole).first(size), change).has_value() &&
                          zone::apply(*from, change).has_value();
        // Cut between two records of what comes it is a difference still: the database keeps its
        // length.
        EXPECT_TRUE(!good || size > whole.size() - 40) << size;
    }
    for (std::size_t at = 0; at < whole.size(); ++at) {
        auto damaged = whole;
        damaged[at] ^= 0xFFU;
        zone::Change change(*from);
        static_cast<void>(append(damaged, change));
    }
}

TEST(DifferenceBook, FindsWhatLeadsFromOneSerialToAnother) {
    DifferenceBook book;
    const wire::Name apex = support::name("example.");
    book.set(apex, {step(1, 2), step(2, 5)}, 1000);
    book.add(apex, step(5, 7), 1000);
    EXPECT_EQ(book.find(apex, 1, 7).size(), 3U);
    EXPECT_EQ(book.find(support::name("EXAMPLE."), 2, 7).size(), 2U);
    EXPECT_EQ(book.find(apex, 1, 5).size(), 2U);
    EXPECT_TRUE(book.find(apex, 3, 7).empty());
    EXPECT_TRUE(book.find(apex, 1, 6).empty());
    EXPECT_TRUE(book.find(apex, 7, 5).empty());
    EXPECT_TRUE(book.find(support::name("other."), 1, 7).empty());
    book.forget(apex);
    EXPECT_TRUE(book.find(apex, 1, 7).empty());
}

TEST(DifferenceBook, LetsTheOldestGo) {
    DifferenceBook book;
    const wire::Name apex = support::name("example.");
    for (std::uint32_t serial = 1; serial < 10; ++serial) {
        book.add(apex, step(serial, serial + 1), 350);
    }
    EXPECT_TRUE(book.find(apex, 6, 10).empty());
    EXPECT_EQ(book.find(apex, 7, 10).size(), 3U);
    book.add(apex, step(20, 21), 350);  // a gap
    EXPECT_TRUE(book.find(apex, 7, 10).empty());
    EXPECT_EQ(book.find(apex, 20, 21).size(), 1U);
}

}  // namespace
}  // namespace understudy::control
