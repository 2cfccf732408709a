#include <gtest/gtest.h>
#include <understudy/zone/order_tree.h>
#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/octets.h"
#include "zone/lineage.h"
#include "zone/order_node.h"
#include "zone/order_tree_builder.h"
#include "zone/order_tree_edit.h"

namespace understudy::zone {
namespace {

using support::Bytes;
using Keys = std::set<Bytes>;
using MakeKey = std::function<Bytes(std::mt19937&)>;

Bytes bytes(base::Octets octets) { return {octets.begin(), octets.end()}; }
Bytes bytes(const KeyBuffer& key) { return bytes(key.view()); }

OrderTree build(const Keys& keys, Version birth = 1) {
    OrderTreeBuilder builder(birth);
    for (const Bytes& key : keys) {
        builder.add(key);
    }
    return builder.build();
}

/// Walks all nodes: sizes, births, and whether separators lie between what they separate.
class Checker {
  public:
    explicit Checker(OrderTree tree) {
        if (!tree.is_empty()) {
            check(tree.root(), ~Version{0});
        }
    }
    [[nodiscard]] std::size_t nodes() const { return nodes_; }

  private:
    void check(BlockRef node, Version newest) {
        ++nodes_;
        const OrderHeader& header = OrderNode(node).header();
        EXPECT_LE(header.octets, kMaxOrderNodeOctets);
        EXPECT_LE(header.birth, newest);
        EXPECT_GT(header.count, 0U);
        if (node.tag() == kOrderLeaf) {
            OrderLeaf(node).for_each_key([this](base::Octets key) {
                EXPECT_TRUE(is_first_ || compare_keys(last_, key) < 0);
                EXPECT_TRUE(is_first_ || !has_bound_ || compare_keys(bound_, key) <= 0);
                last_ = bytes(key);
                is_first_ = false;
            });
            return;
        }
        const OrderInner inner(node);
        for (std::size_t i = 0; i < inner.children().size(); ++i) {
            if (i > 0) {
                KeyBuffer separator;
                inner.separator(i - 1, separator);
                EXPECT_LT(compare_keys(last_, separator.view()), 0);
                bound_ = bytes(separator);
                has_bound_ = true;
            }
            check(inner.children()[i], header.birth);
        }
    }

    std::size_t nodes_ = 0;
    Bytes last_;
    Bytes bound_;
    bool is_first_ = true;
    bool has_bound_ = false;
};

void expect_look_up(OrderTree tree, const Keys& keys, const Bytes& key) {
    KeyBuffer found;
    const bool is_found = tree.at_or_before(key, found);
    const auto after = keys.upper_bound(key);
    ASSERT_EQ(is_found, after != keys.begin());
    if (is_found) {
        ASSERT_EQ(bytes(found), *std::prev(after));
    }
}

/// A key next to `key`: longer, shorter or other in an octet.
Bytes neighbour(Bytes key, std::mt19937& random) {
    const auto octet = static_cast<std::uint8_t>(random() % 4 - 2);  // 0xFE, 0xFF, 0, 1
    switch (key.empty() ? 0 : random() % 4) {
        case 0:
            if (key.size() < kMaxKeyOctets) {
                key.push_back(octet);
            }
            break;
        case 1:
            key.pop_back();
            break;
        case 2:
            key[random() % key.size()] = octet;
            break;
        default:
            ++key[random() % key.size()];
            break;
    }
    return key;
}

/// The whole content, the ends, and look-ups of every `stride`th key and beside it.
void expect_content(OrderTree tree,
                    const Keys& keys,
                    std::mt19937& random,
                    std::size_t stride = 1) {
    ASSERT_EQ(tree.key_count(), keys.size());
    ASSERT_EQ(tree.is_empty(), keys.empty());
    auto expected = keys.begin();
    tree.for_each_key([&](base::Octets key) {
        ASSERT_NE(expected, keys.end());
        ASSERT_EQ(bytes(key), *expected);
        ++expected;
    });
    ASSERT_EQ(expected, keys.end());
    KeyBuffer found;
    ASSERT_EQ(tree.first(found), !keys.empty());
    if (!keys.empty()) {
        ASSERT_EQ(bytes(found), *keys.begin());
        ASSERT_TRUE(tree.last(found));
        ASSERT_EQ(bytes(found), *keys.rbegin());
    }
    ASSERT_NO_FATAL_FAILURE(expect_look_up(tree, keys, {}));
    ASSERT_NO_FATAL_FAILURE(expect_look_up(tree, keys, Bytes(kMaxKeyOctets, 0xFF)));
    std::size_t number = 0;
    for (const Bytes& key : keys) {
        if (number++ % stride == 0) {
            ASSERT_NO_FATAL_FAILURE(expect_look_up(tree, keys, key));
            ASSERT_NO_FATAL_FAILURE(expect_look_up(tree, keys, neighbour(key, random)));
        }
    }
}

Bytes random_octets(std::mt19937& random, std::size_t size) {
    Bytes octets(size);
    std::ranges::generate(octets, [&random] { return static_cast<std::uint8_t>(random()); });
    return octets;
}

/// An NSEC3 owner's.
Bytes hash_key(std::mt19937& random) { return random_octets(random, 20); }

Bytes short_name(std::mt19937& random) {
    Bytes key(1 + random() % 12);
    std::ranges::generate(key, [&random] { return static_cast<std::uint8_t>('a' + random() % 5); });
    return key;
}

/// Many keys that begin one another, at both ends of the octets' range.
Bytes of_few_octets(std::mt19937& random) {
    static constexpr std::array<std::uint8_t, 4> kOctets{0, 1, 0xFE, 0xFF};
    Bytes key(random() % 9);
    std::ranges::generate(key, [&random] { return kOctets[random() % kOctets.size()]; });
    return key;
}

Bytes longest(std::mt19937& random) { return random_octets(random, kMaxKeyOctets); }

/// Keys that share 250 octets with some others, which makes separators and tails long.
Bytes of_long_prefix(std::mt19937& random) {
    Bytes key(250, static_cast<std::uint8_t>(random() % 40));
    const Bytes rest = random_octets(random, random() % 6);
    key.insert(key.end(), rest.begin(), rest.end());
    return key;
}

/// All 250 octets alike, in all keys.
Bytes of_one_prefix(std::mt19937& random) {
    Bytes key(250, 0xFF);
    const Bytes rest = random_octets(random, random() % 6);
    key.insert(key.end(), rest.begin(), rest.end());
    return key;
}

/// Only zeros, or only 0xFF: each begins the next.
Bytes of_one_octet(std::mt19937& random) {
    const std::size_t size = random() % (kMaxKeyOctets + 1);
    Bytes key(size, random() % 2 == 0 ? 0 : 0xFF);
    return key;
}

Bytes of_any_length(std::mt19937& random) {
    return random_octets(random, random() % (kMaxKeyOctets + 1));
}

struct KindOfKeys {
    const char* name;
    MakeKey make;
};

class OrderTreeOf : public testing::TestWithParam<KindOfKeys> {
  protected:
    std::mt19937 random_{20};
};

TEST_P(OrderTreeOf, IsBuiltOfKeysInOrder) {
    const std::size_t before = BlockStore::process().usage().live_octets;
    for (const std::size_t count : {0U, 1U, 2U, 8U, 9U, 256U, 257U, 20000U}) {
        Keys keys;
        for (std::size_t i = 0; i < count; ++i) {
            keys.insert(GetParam().make(random_));
        }
        const OrderTree tree = build(keys);
        const Checker checked(tree);
        ASSERT_NO_FATAL_FAILURE(expect_content(tree, keys, random_, 1 + count / 4000));
        release_order_tree(tree, 0);
        ASSERT_EQ(BlockStore::process().usage().live_octets, before);
    }
}

/// A zone's versions of a tree, with what each has to say.
class Versions {
  public:
    struct One {
        OrderTree tree;
        Keys keys;
    };

    [[nodiscard]] const std::map<Version, One>& living() const { return living_; }

    /// Makes a version by `steps` changes, each of which inserts in `insert_percent` of all cases.
    void change(std::mt19937& random,
                std::size_t steps,
                unsigned insert_percent,
                const MakeKey& make) {
        const Version version = lineage_.next();
        std::vector<Retired> retired;
        OrderTreeEdit edit(newest_.tree, version, retired);
        for (; steps > 0; --steps) {
            if (random() % 100 < insert_percent) {
                const Bytes key = make(random);
                ASSERT_EQ(edit.insert(key), newest_.keys.insert(key).second);
            } else {
                erase_one(edit, make(random));
            }
        }
        newest_.tree = edit.tree();
        living_[version] = newest_;
        lineage_.commit(version, std::move(retired));
    }

    /// REQUIRES: not the newest while others live.
    void drop(Version version) {
        const OrderTree tree = living_.at(version).tree;
        living_.erase(version);
        const auto heir = lineage_.drop(version);
        if (!heir.has_successor) {
            release_order_tree(tree, heir.predecessor);
            newest_ = living_.empty() ? One() : living_.rbegin()->second;
        }
    }

  private:
    /// The key itself if it is there, now and then; else the next one.
    void erase_one(OrderTreeEdit& edit, const Bytes& key) {
        auto victim = newest_.keys.lower_bound(key);
        if (victim == newest_.keys.end() || *victim != key) {
            ASSERT_FALSE(edit.erase(key));
        }
        if (victim != newest_.keys.end()) {
            ASSERT_TRUE(edit.erase(*victim));
            newest_.keys.erase(victim);
        }
    }

    Lineage lineage_;
    One newest_;
    std::map<Version, One> living_;
};

TEST_P(OrderTreeOf, KeepsOldVersionsWhileItChanges) {
    const BlockStore::Usage before = BlockStore::process().usage();
    Versions versions;
    // Grows, wanders, shrinks to nothing, grows again.
    const std::vector<std::pair<unsigned, int>> phases{{95, 10}, {50, 6}, {3, 26}, {70, 3}};
    for (const auto& [insert_percent, rounds] : phases) {
        for (int round = 0; round < rounds; ++round) {
            const std::size_t steps = random_() % 3 == 0 ? 1 : random_() % 900;
            ASSERT_NO_FATAL_FAILURE(
                versions.change(random_, steps, insert_percent, GetParam().make));
            const Checker checked(versions.living().rbegin()->second.tree);
            for (const auto& [version, one] : versions.living()) {
                ASSERT_NO_FATAL_FAILURE(expect_content(one.tree, one.keys, random_, 97));
            }
            while (versions.living().size() > 1 + random_() % 6) {
                auto victim = versions.living().begin();
                std::advance(victim, random_() % versions.living().size());
                versions.drop(victim->first);
            }
        }
    }
    while (versions.living().size() > 1) {
        versions.drop(versions.living().begin()->first);
    }
    EXPECT_EQ(Lineage::retired_octets(), 0U);
    versions.drop(versions.living().begin()->first);
    const BlockStore::Usage after = BlockStore::process().usage();
    EXPECT_EQ(after.live_octets, before.live_octets);
    EXPECT_EQ(after.reserved_octets, before.reserved_octets);
}

TEST_P(OrderTreeOf, ShrinksAgainToOneLeaf) {
    Keys keys;
    for (int i = 0; i < 4000; ++i) {
        keys.insert(GetParam().make(random_));
    }
    std::vector<Bytes> order(keys.begin(), keys.end());
    std::ranges::shuffle(order, random_);
    std::vector<Retired> retired;
    OrderTreeEdit edit(build(keys), 1, retired);
    const std::size_t full = Checker(edit.tree()).nodes();
    while (order.size() > 4) {
        ASSERT_TRUE(edit.erase(order.back()));
        keys.erase(order.back());
        order.pop_back();
        if (order.size() == keys.size() / 2) {
            ASSERT_NO_FATAL_FAILURE(expect_content(edit.tree(), keys, random_));
        }
    }
    EXPECT_GT(full, 1U);
    EXPECT_EQ(Checker(edit.tree()).nodes(), 1U);
    ASSERT_NO_FATAL_FAILURE(expect_content(edit.tree(), keys, random_));
    for (const Bytes& key : order) {
        ASSERT_TRUE(edit.erase(key));
    }
    EXPECT_TRUE(edit.tree().is_empty());
    EXPECT_TRUE(retired.empty());
}

INSTANTIATE_TEST_SUITE_P(Kinds,
                         OrderTreeOf,
                         testing::Values(KindOfKeys{"Hashes", hash_key},
                                         KindOfKeys{"ShortNames", short_name},
                                         KindOfKeys{"FewOctets", of_few_octets},
                                         KindOfKeys{"Longest", longest},
                                         KindOfKeys{"LongPrefixes", of_long_prefix},
                                         KindOfKeys{"OneLongPrefix", of_one_prefix},
                                         KindOfKeys{"OneOctet", of_one_octet},
                                         KindOfKeys{"AnyLength", of_any_length}),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(OrderTree, OfNothingFindsNothing) {
    const OrderTree tree;
    KeyBuffer found;
    EXPECT_FALSE(tree.at_or_before(Bytes{1}, found));
    EXPECT_FALSE(tree.first(found));
    EXPECT_FALSE(tree.last(found));
    EXPECT_EQ(tree.key_count(), 0U);
}

TEST(OrderTree, ChangeOfOneKeyCopiesOnePath) {
    std::mt19937 random(7);
    Keys keys;
    while (keys.size() < 30000) {
        keys.insert(hash_key(random));
    }
    const OrderTree old = build(keys, 1);
    std::vector<Retired> retired;
    OrderTreeEdit edit(old, 2, retired);
    const Bytes key = hash_key(random);
    ASSERT_TRUE(edit.insert(key));
    EXPECT_EQ(retired.size(), 3U);  // levels
    EXPECT_FALSE(edit.insert(key));
    ASSERT_TRUE(edit.erase(key));
    EXPECT_FALSE(edit.erase(key));
    EXPECT_EQ(retired.size(), 3U);  // the rest was the version's own
    ASSERT_NO_FATAL_FAILURE(expect_content(old, keys, random, 100));
    ASSERT_NO_FATAL_FAILURE(expect_content(edit.tree(), keys, random, 100));
    release_order_tree(edit.tree(), 1);
    ASSERT_NO_FATAL_FAILURE(expect_content(old, keys, random, 100));
    release_order_tree(old, 0);
}

TEST(OrderTree, TakesAboutAsManyOctetsAsThereIsToKnow) {
    std::mt19937 random(9);
    Keys keys;
    while (keys.size() < 50000) {
        keys.insert(hash_key(random));
    }
    const std::size_t before = BlockStore::process().usage().live_octets;
    const OrderTree tree = build(keys);
    const std::size_t octets = BlockStore::process().usage().live_octets - before;
    EXPECT_LT(octets, keys.size() * 24);  // a hash has 20
    release_order_tree(tree, 0);
}

}  // namespace
}  // namespace understudy::zone
