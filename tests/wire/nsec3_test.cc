#include <gtest/gtest.h>
#include <understudy/wire/name.h>
#include <understudy/wire/nsec3.h>
#include <algorithm>
#include <string>

#include "support/octets.h"

namespace understudy::wire {
namespace {

using support::Bytes;

TEST(Nsec3Head, IsReadFromBothTypesRdata) {
    const Bytes rdata = support::from_hex("01 80 0102 03 aabbcc 14 00");
    const auto head = Nsec3Head::from_rdata(rdata);
    ASSERT_TRUE(head);
    EXPECT_EQ(head->algorithm, 1);
    EXPECT_EQ(head->flags, 0x80);
    EXPECT_EQ(head->iterations, 258);
    EXPECT_TRUE(std::ranges::equal(head->salt, support::from_hex("aabbcc")));
}

TEST(Nsec3Head, IsNothingWhereItEndsEarly) {
    const Bytes rdata = support::from_hex("01 00 0000 02 aabb");
    for (std::size_t size = 0; size < rdata.size(); ++size) {
        EXPECT_FALSE(Nsec3Head::from_rdata(support::head_of(rdata, size)));
    }
    EXPECT_TRUE(Nsec3Head::from_rdata(rdata));
    EXPECT_TRUE(Nsec3Head::from_rdata(support::from_hex("01 00 0000 00"))->salt.empty());
}

/// "-" where the label is none of a hash.
std::string hash_of(std::string_view label) {
    const auto hash = nsec3_label_hash(support::OctetBuilder().text(label).bytes());
    std::string text;
    for (const std::uint8_t octet : hash.value_or(std::array<std::uint8_t, 20>{})) {
        text += "0123456789abcdef"[octet >> 4U];
        text += "0123456789abcdef"[octet & 15U];
    }
    return hash ? text : "-";
}

TEST(Nsec3Label, IsBase32HexInEitherCase) {
    const std::string hash = "065368abeed7ec6e9feba96b8c8bc3e8b791f716";
    EXPECT_EQ(hash_of("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"), hash);
    EXPECT_EQ(hash_of("0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM"), hash);
    EXPECT_EQ(hash_of(std::string(32, 'v')), std::string(40, 'f'));
    EXPECT_EQ(hash_of(std::string(32, '0')), std::string(40, '0'));
}

TEST(Nsec3Label, ComesBackInLowerCase) {
    for (const char* text : {"0p9mhaveqvm6t7vbl5lop2u3t2rp3tom",
                             "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv",
                             "00000000000000000000000000000000",
                             "0123456789ABCDEFGHIJKLMNOPQRSTUV"}) {
        Bytes label = support::OctetBuilder().text(text).bytes();
        const auto hash = nsec3_label_hash(label);
        ASSERT_TRUE(hash);
        std::ranges::transform(label, label.begin(), to_lower);
        EXPECT_TRUE(std::ranges::equal(nsec3_hash_label(*hash), label)) << text;
    }
}

TEST(Nsec3Label, OfAnotherFormIsNone) {
    EXPECT_EQ(hash_of(""), "-");
    EXPECT_EQ(hash_of(std::string(31, '0')), "-");
    EXPECT_EQ(hash_of(std::string(33, '0')), "-");
    for (const char other : {'w', 'W', 'z', '/', ':', '@', '`', '{', '=', '\0', '\xC0'}) {
        EXPECT_EQ(hash_of(std::string(31, '0') + other), "-") << other;
    }
}

}  // namespace
}  // namespace understudy::wire
