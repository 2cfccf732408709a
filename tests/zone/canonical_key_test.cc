#include <gtest/gtest.h>
#include <understudy/zone/canonical_key.h>
#include <algorithm>
#include <array>
#include <compare>
#include <random>
#include <string>
#include <vector>

#include "support/octets.h"

namespace understudy::zone {
namespace {

using support::Bytes;

/// What stands before the root's octet.
base::Octets labels_of(wire::NameView name) { return name.octets().first(name.size() - 1); }

Bytes key_of(wire::NameView name) {
    KeyBuffer key;
    to_canonical_key(labels_of(name), key);
    return {key.view().begin(), key.view().end()};
}

Bytes key_of(std::string_view text) { return key_of(support::name(text)); }

wire::Name name_of(base::Octets key) {
    std::array<std::uint8_t, wire::kMaxNameOctets> octets{};
    const std::size_t size = from_canonical_key(key, octets);
    return wire::Name(wire::NameView(base::Octets(octets).first(size + 1)));
}

/// One that strangers choose: few octets next to each other's bounds, so that many names are alike.
wire::Name random_name(std::mt19937& random) {
    constexpr std::array<std::uint8_t, 12> kOctets{
        0, 1, 2, '@', 'A', 'B', 'Z', '[', 'a', 'z', 0xFE, 0xFF};
    Bytes octets;
    for (std::size_t labels = random() % 4; labels > 0; --labels) {
        const std::size_t size = 1 + random() % 3;
        octets.push_back(static_cast<std::uint8_t>(size));
        for (std::size_t i = 0; i < size; ++i) {
            octets.push_back(kOctets[random() % kOctets.size()]);
        }
    }
    octets.push_back(0);
    return wire::Name(wire::NameView(octets));
}

TEST(CanonicalKey, PutsTheRfcsExampleInOrder) {
    // RFC 4034 §6.1.
    const std::vector<std::string> names{"example.",
                                         "a.example.",
                                         "yljkjljk.a.example.",
                                         "Z.a.example.",
                                         "zABC.a.EXAMPLE.",
                                         "z.example.",
                                         R"(\001.z.example.)",
                                         "*.z.example.",
                                         R"(\200.z.example.)"};
    for (std::size_t i = 1; i < names.size(); ++i) {
        EXPECT_LT(key_of(names[i - 1]), key_of(names[i])) << names[i];
    }
}

TEST(CanonicalKey, OrdersAsNamesAreOrdered) {
    std::mt19937 random(4034);
    for (int i = 0; i < 200000; ++i) {
        const wire::Name left = random_name(random);
        const wire::Name right = random_name(random);
        const Bytes left_key = key_of(left);
        const Bytes right_key = key_of(right);
        const auto order = std::lexicographical_compare_three_way(
            left_key.begin(), left_key.end(), right_key.begin(), right_key.end());
        ASSERT_EQ(order, wire::compare_canonical(left, right))
            << left.to_text() << ' ' << right.to_text();
    }
}

TEST(CanonicalKey, GivesEveryOctetBackInLowerCase) {
    for (unsigned octet = 0; octet < 256; ++octet) {
        const Bytes octets{1, static_cast<std::uint8_t>(octet), 1, 'x', 0};
        const wire::Name name{wire::NameView(octets)};
        EXPECT_EQ(name_of(key_of(name)).to_text(), name.lowered().to_text());
    }
    std::mt19937 random(4343);
    for (int i = 0; i < 20000; ++i) {
        const wire::Name name = random_name(random);
        ASSERT_EQ(name_of(key_of(name)).to_text(), name.lowered().to_text());
    }
}

TEST(CanonicalKey, TakesTheApexTheLongestAndTheDeepestName) {
    EXPECT_TRUE(key_of(".").empty());
    EXPECT_TRUE(name_of({}).view().is_root());
    Bytes longest;
    for (const std::size_t size : {63U, 63U, 63U, 61U}) {
        longest.push_back(static_cast<std::uint8_t>(size));
        longest.insert(longest.end(), size, 0);
    }
    longest.push_back(0);
    ASSERT_EQ(longest.size(), wire::kMaxNameOctets);
    const wire::Name name{wire::NameView(longest)};
    EXPECT_EQ(key_of(name).size(), 253U);
    EXPECT_EQ(name_of(key_of(name)), name);

    std::string deepest;
    for (std::size_t i = 0; i < wire::kMaxLabels; ++i) {
        deepest += "x.";
    }
    EXPECT_EQ(key_of(deepest).size(), 253U);
    EXPECT_EQ(name_of(key_of(deepest)).to_text(), deepest);
}

}  // namespace
}  // namespace understudy::zone
