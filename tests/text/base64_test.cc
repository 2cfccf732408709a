#include <gtest/gtest.h>
#include <understudy/text/base64.h>
#include <string>

namespace understudy::text {
namespace {

std::string decoded(std::string_view text) {
    const auto octets = decode_base64(text);
    return octets ? std::string(octets->begin(), octets->end())
                  : "fault: " + octets.error().message;
}

TEST(Base64, DecodesTheExamplesOfRfc4648) {
    EXPECT_EQ(decoded(""), "");
    EXPECT_EQ(decoded("Zg=="), "f");
    EXPECT_EQ(decoded("Zm8="), "fo");
    EXPECT_EQ(decoded("Zm9v"), "foo");
    EXPECT_EQ(decoded("Zm9vYg=="), "foob");
    EXPECT_EQ(decoded("Zm9vYmE="), "fooba");
    EXPECT_EQ(decoded("Zm9vYmFy"), "foobar");
    EXPECT_EQ(decoded("+/+/"), "\xFB\xFF\xBF");
}

TEST(Base64, RefusesWhatHasAnotherSpelling) {
    for (const auto* text : {"Zg",
                             "Zg=",
                             "Zg===",
                             "Z===",
                             "====",
                             "=Zg=",
                             "Zm9=v",
                             "Zm9v Zg=",
                             "Zm9-",
                             "Zh==",
                             "Zm9="}) {
        EXPECT_FALSE(decode_base64(text)) << text;
    }
}

TEST(Base64, SaysWhatIsWrong) {
    EXPECT_EQ(decoded("Zg="), "fault: base64 comes in groups of four characters, here are 3");
    EXPECT_EQ(decoded("Z!=="), "fault: character 2 is not base64");
    EXPECT_EQ(decoded("Zh=="),
              "fault: the last character of the base64 holds bits that stand for nothing");
}

}  // namespace
}  // namespace understudy::text
