#include "control/publisher.h"

#include <gtest/gtest.h>
#include <understudy/rcu/published.h>
#include <understudy/rcu/reclaimer.h>
#include <string>

#include "support/octets.h"
#include "support/zones.h"

namespace understudy::control {
namespace {

class PublisherTest : public testing::Test {
  protected:
    [[nodiscard]] const zone::ServedZone* find(const char* apex) const {
        return publisher_.newest().find_exact({support::name(apex), support::kHashKey});
    }

    void set(const char* apex, const char* records = nullptr) {
        publisher_.set(
            {.apex = support::name(apex),
             .zone = records == nullptr ? nullptr : support::make_small_zone(apex, records),
             .access = nullptr});
    }

    rcu::Reclaimer reclaimer_;
    rcu::Published<zone::Snapshot> published_{reclaimer_};
    Publisher publisher_{published_, support::kHashKey};
};

TEST_F(PublisherTest, PublishesAnEmptySnapshotToo) {
    publisher_.publish();
    EXPECT_TRUE(publisher_.newest().size() == 0);
    EXPECT_EQ(publisher_.newest().hash_key(), support::kHashKey);
}

TEST_F(PublisherTest, ShowsNothingBeforeItIsPublished) {
    publisher_.publish();
    set("example.");
    EXPECT_EQ(find("example."), nullptr);
    publisher_.publish();
    EXPECT_NE(find("example."), nullptr);
}

TEST_F(PublisherTest, PutsAllChangesIntoOneSnapshot) {
    publisher_.publish();
    const auto* before = &publisher_.newest();
    set("one.", "a A 192.0.2.1\n");
    set("two.");
    set("one.", "a A 192.0.2.2\nb A 192.0.2.3\n");
    EXPECT_EQ(&publisher_.newest(), before);
    publisher_.publish();
    ASSERT_EQ(publisher_.newest().size(), 2U);
    EXPECT_EQ(find("one.")->zone->record_count(), 4U);
    EXPECT_EQ(find("two.")->zone, nullptr);
}

TEST_F(PublisherTest, KeepsTheSnapshotWhereNothingChanged) {
    set("one.");
    publisher_.publish();
    const auto* before = &publisher_.newest();
    publisher_.publish();
    publisher_.remove(support::name("other."));
    publisher_.publish();
    EXPECT_EQ(&publisher_.newest(), before);
}

TEST_F(PublisherTest, RemovesAndReplacesWithoutRegardToCase) {
    set("one.");
    set("two.");
    set("ONE.", "a A 192.0.2.1\n");
    publisher_.publish();
    ASSERT_EQ(publisher_.newest().size(), 2U);
    EXPECT_NE(find("one.")->zone, nullptr);
    publisher_.remove(support::name("Two."));
    publisher_.publish();
    EXPECT_EQ(find("two."), nullptr);
    EXPECT_NE(find("one."), nullptr);
}

TEST_F(PublisherTest, RemembersARemovalAmongOthersThatAreNone) {
    set("one.");
    publisher_.publish();
    publisher_.remove(support::name("one."));
    publisher_.remove(support::name("one."));
    publisher_.publish();
    EXPECT_EQ(find("one."), nullptr);
}

}  // namespace
}  // namespace understudy::control
