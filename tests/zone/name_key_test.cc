#include <gtest/gtest.h>
#include <understudy/zone/name_key.h>
#include <set>
#include <string>

#include "support/octets.h"
#include "support/zones.h"

namespace understudy::zone {
namespace {

NameKey key(std::string_view text, const HashKey& secret = support::kHashKey) {
    return {support::name(text), secret};
}

TEST(NameKey, HasEverySuffixAndItsHash) {
    const NameKey whole = key("A.b.Example.");
    EXPECT_EQ(whole.label_count(), 3U);
    EXPECT_EQ(whole.name().to_text(), "a.b.example.");
    const char* suffixes[] = {".", "example.", "b.example.", "a.b.example."};
    for (std::size_t labels = 0; labels <= 3; ++labels) {
        EXPECT_EQ(whole.suffix(labels).to_text(), suffixes[labels]);
        EXPECT_EQ(whole.hash(labels), key(suffixes[labels]).hash(labels));
    }
    EXPECT_EQ(whole.wildcard_hash(2), key("*.b.example.").hash(3));
    EXPECT_EQ(whole.wildcard_hash(0), key("*.").hash(1));
}

TEST(NameKey, TakesTheRootAndTheDeepestName) {
    EXPECT_EQ(key(".").label_count(), 0U);
    EXPECT_TRUE(key(".").suffix(0).is_root());
    std::string deepest;
    for (std::size_t i = 0; i < wire::kMaxLabels; ++i) {
        deepest += "x.";
    }
    const NameKey deep = key(deepest);
    EXPECT_EQ(deep.label_count(), wire::kMaxLabels);
    EXPECT_EQ(deep.suffix(wire::kMaxLabels).to_text(), deepest);
    EXPECT_EQ(deep.suffix(1).to_text(), "x.");
    EXPECT_TRUE(deep.suffix(0).is_root());
}

TEST(NameKey, HashesDependOnEveryOctetAndOnTheSecret) {
    // The same octets in other labels, zeros at the end of a chunk, other lengths.
    std::set<std::uint64_t> hashes;
    const char* names[] = {"ab.",
                           "a.b.",
                           "b.a.",
                           R"(a\000.)",
                           R"(a\000\000.)",
                           "a.",
                           "abcdefg.",
                           "abcdefgh.",
                           R"(abcdefg\000.)",
                           "abcdefghabcdefg.",
                           "[.",
                           "{."};
    for (const char* text : names) {
        const NameKey one = key(text);
        hashes.insert(one.hash(one.label_count()));
        const NameKey other = key(text, {1, 3});
        hashes.insert(other.hash(other.label_count()));
    }
    EXPECT_EQ(hashes.size(), 2 * std::size(names));
}

TEST(HashKey, RandomOnesDiffer) {
    const HashKey one = HashKey::random();
    EXPECT_NE(one, HashKey::random());
    EXPECT_EQ(one.second & 1U, 1U);
}

}  // namespace
}  // namespace understudy::zone
