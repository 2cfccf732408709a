#include <gtest/gtest.h>
#include <understudy/wire/name.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/octet_words.h>
#include <understudy/zone/page.h>
#include <algorithm>
#include <array>
#include <random>
#include <string>

#include "support/octets.h"
#include "support/zones.h"

// What works on many octets at once, held to what takes them one by one.
namespace understudy::zone {
namespace {

using support::Bytes;

std::mt19937_64 random_source(1);

std::uint8_t random_octet() { return static_cast<std::uint8_t>(random_source()); }

Bytes random_octets(std::size_t count) {
    Bytes octets(count);
    std::ranges::generate(octets, random_octet);
    return octets;
}

TEST(OctetWord, IsLoweredAsEachOctetIs) {
    for (unsigned first = 0; first < 256; first += kWordOctets) {
        std::array<std::uint8_t, kWordOctets> octets;
        for (std::size_t i = 0; i < kWordOctets; ++i) {
            octets[i] = static_cast<std::uint8_t>(first + i);
        }
        const OctetWord word = lowered(load_word(octets.data()));
        for (std::size_t i = 0; i < kWordOctets; ++i) {
            EXPECT_EQ(word[i], wire::to_lower(octets[i]));
        }
    }
}

TEST(OctetWord, DiffersWhereItsOctetsDo) {
    for (int round = 0; round < 1000; ++round) {
        const Bytes left = random_octets(kWordOctets);
        Bytes right = left;
        for (int changes = round % 5; changes > 0; --changes) {
            right[random_source() % kWordOctets] = random_octet();
        }
        const OctetWord a = load_word(left.data());
        const OctetWord b = load_word(right.data());
        EXPECT_EQ(differing(a, b), differing_one_by_one(a, b));
    }
}

TEST(Octets, AreEqualAsOneByOne) {
    for (std::size_t size = 0; size <= 260; ++size) {
        Bytes left = random_octets(size + kWordOctets);
        Bytes right = left;
        std::ranges::transform(right, right.begin(), wire::to_lower);
        EXPECT_TRUE(equal_lowered(left.data(), right.data(), size));
        EXPECT_TRUE(equal_octets(left.data(), left.data(), size));
        right[size] ^= 1U;  // behind the end
        EXPECT_TRUE(equal_lowered(left.data(), right.data(), size));
        if (size > 0) {
            const std::size_t at = random_source() % size;
            right[at] ^= 1U;
            EXPECT_FALSE(equal_lowered(left.data(), right.data(), size));
            Bytes other = left;
            other[at] ^= 0x20U;
            EXPECT_FALSE(equal_octets(left.data(), other.data(), size));
        }
    }
}

TEST(Line, MatchesAsSlotBySlot) {
    for (int round = 0; round < 1000; ++round) {
        Line line{};
        for (std::size_t i = 0; i < Line::kSlots; ++i) {
            line.fingerprints[i] = static_cast<std::uint16_t>(random_source() % 4);
            line.offsets[i] = static_cast<std::uint16_t>(random_source() % 4);
        }
        for (std::uint16_t fingerprint = 0; fingerprint < 5; ++fingerprint) {
            EXPECT_EQ(line.match(fingerprint), line.match_one_by_one(fingerprint));
        }
    }
}

/// What NameKey::take makes of `octets`, of which it may use `limit`.
std::string taken(const Bytes& octets, std::size_t limit) {
    Bytes readable = octets;
    readable.resize(std::max(octets.size(), NameKey::kReadOctets), 0xFF);
    NameKey key;
    const std::size_t size = key.take(readable.data(), limit, support::kHashKey);
    if (size == 0) {
        return "none";
    }
    const NameKey whole(wire::NameView(base::Octets(readable).first(size)), support::kHashKey);
    EXPECT_EQ(key.label_count(), whole.label_count());
    for (std::size_t labels = 0; labels <= whole.label_count(); ++labels) {
        EXPECT_EQ(key.hash(labels), whole.hash(labels));
        EXPECT_EQ(key.suffix(labels), whole.suffix(labels));
    }
    return key.name().to_text();
}

TEST(NameKey, TakesAWholeNameFromAMessage) {
    const Bytes name = support::OctetBuilder().name("Ab.cD.").bytes();
    EXPECT_EQ(taken(name, name.size()), "ab.cd.");
    EXPECT_EQ(taken(name, 300), "ab.cd.");
    for (std::size_t limit = 0; limit < name.size(); ++limit) {
        EXPECT_EQ(taken(name, limit), "none");
    }
    EXPECT_EQ(taken({0}, 1), ".");
}

TEST(NameKey, TakesNoOthers) {
    EXPECT_EQ(taken({1, 'a', 0xC0, 12}, 200), "none");  // compressed
    EXPECT_EQ(taken({64}, 200), "none");                // no length of a label
    // 255 octets are a name, 256 are not.
    Bytes longest;
    for (const std::size_t label : {63U, 63U, 63U, 61U}) {
        longest.push_back(static_cast<std::uint8_t>(label));
        longest.insert(longest.end(), label, 'x');
    }
    longest.push_back(0);
    ASSERT_EQ(longest.size(), wire::kMaxNameOctets);
    EXPECT_NE(taken(longest, 400), "none");
    ++longest[192];
    longest.insert(longest.end() - 1, 'x');
    EXPECT_EQ(taken(longest, 400), "none");
}

}  // namespace
}  // namespace understudy::zone
