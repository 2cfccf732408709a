#include <gtest/gtest.h>
#include <understudy/zone/block_store.h>
#include <understudy/zone/snapshot.h>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
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
    EXPECT_TRUE(empty.size() == 0);
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
    EXPECT_EQ(zones.size(), apexes.size());
}

TEST(SnapshotDeathTest, HasOneSuccessor) {
    const Snapshot first = snapshot({"example."});
    const Snapshot second = first.next({});
    EXPECT_DEATH(static_cast<void>(first.next({})), "invariant broken");
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

/// A row of versions, each beside what it must hold: apex in lower case -> `expired`, which stands
/// for the zone's data.
class SnapshotVersions : public testing::Test {
  protected:
    using Oracle = std::map<std::string, bool>;

    explicit SnapshotVersions(const HashKey& key = support::kHashKey) : key_(key) {
        versions_.push_back(std::make_unique<Snapshot>(std::vector<ServedZone>(), key));
        oracles_.emplace_back();
    }

    /// The next version. `expired`: of all `set`.
    void change(const std::vector<std::string>& set,
                bool expired,
                const std::vector<std::string>& removed = {}) {
        std::vector<ServedZone> zones;
        Oracle oracle = oracles_.back();
        std::vector<wire::Name> gone;
        for (const std::string& apex : removed) {
            gone.push_back(support::name(apex));
            oracle.erase(apex);
        }
        for (const std::string& apex : set) {
            zones.push_back({support::name(apex), nullptr, nullptr, expired});
            oracle[apex] = expired;
        }
        versions_.push_back(
            std::make_unique<Snapshot>(versions_.back()->next(std::move(zones), gone)));
        oracles_.push_back(std::move(oracle));
    }

    /// What the oracle says of the longest match, by taking labels off.
    static std::string expected(const Oracle& oracle, wire::NameView name) {
        while (true) {
            if (const auto found = oracle.find(name.to_text()); found != oracle.end()) {
                return found->first + (found->second ? " expired" : "");
            }
            if (name.is_root()) {
                return "none";
            }
            name = name.parent();
        }
    }

    void check(std::size_t version, const std::vector<std::string>& names) const {
        const Snapshot& snapshot = *versions_[version];
        const Oracle& oracle = oracles_[version];
        Oracle seen;
        snapshot.for_each(
            [&seen](const ServedZone& zone) { seen.emplace(zone.apex.to_text(), zone.expired); });
        ASSERT_EQ(seen, oracle);
        ASSERT_EQ(snapshot.size(), oracle.size());
        for (const std::string& text : names) {
            const wire::Name name = support::name(text);
            const NameKey key(name, key_);
            const ServedZone* zone = snapshot.find(key, key.label_count());
            EXPECT_EQ(
                zone == nullptr ? "none" : zone->apex.to_text() + (zone->expired ? " expired" : ""),
                expected(oracle, name));
            EXPECT_EQ(snapshot.find_exact(key) != nullptr, oracle.contains(text));
        }
    }

    HashKey key_;
    std::vector<std::unique_ptr<Snapshot>> versions_;
    std::vector<Oracle> oracles_;
};

TEST_F(SnapshotVersions, AddsReplacesAndRemoves) {
    change({"example.", "sub.example."}, false);
    change({"SUB.example."}, true, {"example.", "other."});
    ASSERT_EQ(versions_.back()->size(), 1U);
    EXPECT_EQ(find(*versions_.back(), "a.sub.example."), "SUB.example.");
    EXPECT_EQ(find(*versions_.back(), "example."), "none");
    EXPECT_EQ(find(*versions_[1], "a.sub.example."), "sub.example.");
    EXPECT_EQ(find(*versions_[1], "a.example."), "example.");
    EXPECT_EQ(versions_[0]->size(), 0U);
}

TEST_F(SnapshotVersions, ARemovedApexMayComeBackInTheSameChange) {
    change({"example."}, false);
    change({"example."}, true, {"example."});
    check(2, {"example."});
}

TEST_F(SnapshotVersions, FindsApexesOfManyDepths) {
    std::vector<std::string> apexes{"."};
    std::vector<std::string> names;
    for (std::string name = "x."; name.size() < 250; name.insert(0, "x.")) {
        if (name.size() % 6 == 0) {
            apexes.push_back(name);
        }
        names.push_back(name);
    }
    change(apexes, false);
    check(1, names);
    change({}, false, apexes);
    check(2, names);
}

/// Random changes of names at several depths; the versions of every step are kept for a while and
/// go in no order.
void churn(std::mt19937& random,
           std::size_t names,
           std::size_t steps,
           const std::function<std::string(std::size_t)>& name,
           const std::function<void(const std::vector<std::string>& set,
                                    bool expired,
                                    const std::vector<std::string>& removed)>& change) {
    for (std::size_t step = 0; step < steps; ++step) {
        std::set<std::string> set;
        std::set<std::string> removed;
        for (std::size_t i = random() % 40; i > 0; --i) {
            (random() % 100 < 60 ? set : removed).insert(name(random() % names));
        }
        change({set.begin(), set.end()}, random() % 2 == 0, {removed.begin(), removed.end()});
    }
}

std::string name_at_some_depth(std::size_t number) {
    std::string name = "z" + std::to_string(number) + ".";
    for (std::size_t parent = number; parent > 0 && parent % 3 == 0;) {
        parent /= 3;
        name += "z" + std::to_string(parent) + ".";
    }
    return number == 0 ? "." : name;
}

std::vector<std::string> names_at_some_depth(std::size_t count) {
    std::vector<std::string> names(count);
    for (std::size_t i = 0; i < count; ++i) {
        names[i] = name_at_some_depth(i);
    }
    return names;
}

TEST_F(SnapshotVersions, HoldWhatAMapHoldsThroughRandomChanges) {
    constexpr std::size_t kNames = 2000;
    constexpr std::size_t kKept = 8;
    std::mt19937 random(1);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same ones each time
    std::vector<std::string> asked;
    for (std::size_t i = 7; i < kNames; i += 70) {
        asked.push_back(name_at_some_depth(i));
        asked.push_back("www." + name_at_some_depth(i));
    }
    const std::vector<std::string> all = names_at_some_depth(kNames);
    change(all, false);
    churn(random,
          kNames,
          100,
          name_at_some_depth,
          [&](const auto& set, bool expired, const auto& removed) {
              change(set, expired, removed);
              check(versions_.size() - 1, asked);
              if (versions_.size() > kKept) {
                  const std::size_t gone = random() % (versions_.size() - 1);
                  if (gone > 0) {
                      check(gone - 1, asked);
                  }
                  const auto at = static_cast<std::ptrdiff_t>(gone);
                  versions_.erase(versions_.begin() + at);
                  oracles_.erase(oracles_.begin() + at);
              }
          });
    change({}, false, all);
    check(versions_.size() - 1, asked);
}

/// With this key all names but the root have one hash.
class CollidingVersions : public SnapshotVersions {
  protected:
    CollidingVersions() : SnapshotVersions(HashKey{.first = 1, .second = 0}) {}
};

TEST_F(CollidingVersions, AreToldApartByName) {
    constexpr std::size_t kNames = 40;
    std::mt19937 random(2);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same ones each time
    const std::vector<std::string> all = names_at_some_depth(kNames);
    ASSERT_EQ(NameKey(support::name("a."), key_).hash(1),
              NameKey(support::name("b."), key_).hash(1));
    churn(random,
          kNames,
          100,
          name_at_some_depth,
          [&](const auto& set, bool expired, const auto& removed) {
              change(set, expired, removed);
              check(versions_.size() - 1, all);
              check(versions_.size() - 2, all);
          });
    change({}, false, all);
    check(versions_.size() - 1, all);
}

TEST_F(SnapshotVersions, FreeWhatNoneOfThemServes) {
    const std::shared_ptr<const Zone> zone = support::make_small_zone("example.", "");
    const std::size_t before = BlockStore::process().usage().live_octets;
    const ServedZone served{support::name("example."), zone, nullptr, false};
    auto first = std::make_unique<Snapshot>(std::vector{served}, key_);
    auto second = std::make_unique<Snapshot>(first->next({}, std::vector{served.apex}));
    EXPECT_EQ(zone.use_count(), 3);
    auto third = std::make_unique<Snapshot>(second->next({served}));
    EXPECT_EQ(zone.use_count(), 4);
    second.reset();
    EXPECT_EQ(zone.use_count(), 4) << "the first still has it";
    first.reset();
    EXPECT_EQ(zone.use_count(), 3);
    third.reset();
    EXPECT_EQ(zone.use_count(), 2);
    EXPECT_EQ(BlockStore::process().usage().live_octets, before);
}

TEST_F(SnapshotVersions, ALongRowGoesAtOnce) {
    for (int i = 0; i < 100'000; ++i) {
        auto next = std::make_unique<Snapshot>(versions_.back()->next({}));
        if (i > 0) {
            versions_.back() = std::move(next);  // but the first, which they wait for
        } else {
            versions_.push_back(std::move(next));
        }
    }
    versions_.clear();
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
