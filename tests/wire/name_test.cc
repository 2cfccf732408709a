#include <gtest/gtest.h>

#include <understudy/wire/name.h>
#include <string>
#include <vector>

namespace understudy::wire {
namespace {

Name name(std::string_view text) { return Name::from_text(text).value(); }

std::string labels(std::size_t count, std::size_t octets) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
        text += std::string(octets, 'a') + ".";
    }
    return text;
}

TEST(Name, TextGoesBothWays) {
    for (const char* text : {".",
                             "example.",
                             "a.b.example.",
                             "*.example.",
                             R"(a\.b.example.)",
                             R"(\000\255.example.)",
                             R"(\@\\\"\(\)\;\$.)"}) {
        EXPECT_EQ(name(text).to_text(), text);
    }
    EXPECT_EQ(name("example").to_text(), "example.");
    EXPECT_EQ(name(R"(\065\b.x)").to_text(), "Ab.x.");
}

TEST(Name, RefusesMalformedText) {
    for (const std::string& text : {std::string(),
                                    std::string(".."),
                                    std::string(".a"),
                                    std::string("a..b"),
                                    std::string("a\\"),
                                    std::string("a\\25"),
                                    std::string("a\\256"),
                                    std::string("a\\2x5"),
                                    labels(1, 64),
                                    labels(4, 63)}) {
        EXPECT_FALSE(Name::from_text(text)) << text;
    }
}

TEST(Name, TakesTheLongestOnes) {
    EXPECT_EQ(name(labels(3, 63) + std::string(61, 'b')).view().size(), kMaxNameOctets);
    EXPECT_FALSE(Name::from_text(labels(3, 63) + std::string(62, 'b')));
    EXPECT_EQ(name(labels(127, 1)).view().label_count(), kMaxLabels);
    EXPECT_FALSE(Name::from_text(labels(128, 1)));
}

TEST(NameView, ComparesWithoutCaseAndKeepsIt) {
    EXPECT_EQ(name("WwW.Example."), name("www.eXAMPLE."));
    EXPECT_NE(name("[.example."), name("{.example."));  // 0x5B and 0x7B are no letters
    EXPECT_EQ(name("WwW.Example.").to_text(), "WwW.Example.");
    EXPECT_EQ(name("WwW.Example.").lowered().to_text(), "www.example.");
    EXPECT_EQ(NameHash{}(name("WwW.Example.")), NameHash{}(name("www.example.")));
}

TEST(NameView, KnowsItsAncestors) {
    const Name owner = name("a.b.Example.");
    for (const char* ancestor : {".", "example.", "B.example.", "a.b.example."}) {
        EXPECT_TRUE(owner.view().is_at_or_below(name(ancestor))) << ancestor;
    }
    for (const char* other : {"c.a.b.example.", "x.example.", "xample.", "net."}) {
        EXPECT_FALSE(owner.view().is_at_or_below(name(other))) << other;
    }
    // The octets of the shorter name stand at the end, but not where a label begins.
    EXPECT_FALSE(name(R"(x\007example.)").view().is_at_or_below(name("example.")));
    EXPECT_EQ(owner.view().suffix(1).to_text(), "Example.");
    EXPECT_EQ(owner.view().suffix(0).to_text(), ".");
    EXPECT_EQ(owner.view().parent().to_text(), "b.Example.");
}

TEST(NameView, SortsInCanonicalOrder) {
    // The example of RFC 4034 §6.1.
    const std::vector<const char*> sorted = {"example.",
                                             "a.example.",
                                             "yljkjljk.a.example.",
                                             "Z.a.example.",
                                             "zABC.a.EXAMPLE.",
                                             "z.example.",
                                             R"(\001.z.example.)",
                                             "*.z.example.",
                                             R"(\200.z.example.)"};
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        for (std::size_t j = 0; j < sorted.size(); ++j) {
            EXPECT_EQ(compare_canonical(name(sorted[i]), name(sorted[j])), i <=> j)
                << sorted[i] << " " << sorted[j];
        }
    }
}

TEST(NameLength, RefusesWhatIsNotWhole) {
    const std::vector<std::uint8_t> whole = {1, 'a', 0, 9};
    EXPECT_EQ(name_length(whole), 3U);
    EXPECT_EQ(name_length(base::Octets(whole).first(2)), 0U);
    EXPECT_EQ(name_length({}), 0U);
    EXPECT_EQ(name_length(std::vector<std::uint8_t>{0xC0, 12}), 0U);
    EXPECT_EQ(name_length(std::vector<std::uint8_t>(300, 1)), 0U);
}

}  // namespace
}  // namespace understudy::wire
