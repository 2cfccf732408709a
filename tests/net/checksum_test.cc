#include <gtest/gtest.h>

#include <understudy/net/checksum.h>
#include <memory>
#include <random>

#include "support/frames.h"

namespace understudy::net {
namespace {

using support::Bytes;
using support::slow_sum;

Bytes random_octets(std::mt19937& random, std::size_t octets) {
    Bytes bytes(octets);
    for (std::uint8_t& octet : bytes) {
        octet = static_cast<std::uint8_t>(random());
    }
    return bytes;
}

/// The same residue: 0 and 0xFFFF are two names of zero.
void expect_same(std::uint16_t sum, std::uint16_t slow) { EXPECT_EQ(sum % 0xFFFF, slow % 0xFFFF); }

TEST(InternetSum, AgreesWithTheWordByWordSumAtEveryLength) {
    std::mt19937 random(1);
    for (std::size_t octets = 0; octets <= 300; ++octets) {
        const Bytes bytes = random_octets(random, octets);
        const auto exact = std::make_unique<std::uint8_t[]>(octets);
        std::ranges::copy(bytes, exact.get());
        EXPECT_EQ(InternetSum::of({exact.get(), octets}).folded(), slow_sum(bytes)) << octets;
    }
}

TEST(InternetSum, OfAFixedLengthIsTheSame) {
    std::mt19937 random(5);
    const Bytes bytes = random_octets(random, 40);
    const auto slow = [&bytes](std::size_t octets) {
        return slow_sum(base::Octets(bytes).first(octets));
    };
    EXPECT_EQ(InternetSum::of_fixed<4>(bytes.data()).folded(), slow(4));
    EXPECT_EQ(InternetSum::of_fixed<8>(bytes.data()).folded(), slow(8));
    EXPECT_EQ(InternetSum::of_fixed<20>(bytes.data()).folded(), slow(20));
    EXPECT_EQ(InternetSum::of_fixed<40>(bytes.data()).folded(), slow(40));
}

TEST(InternetSum, NeverOverflows) {
    for (const unsigned octet : {0x00U, 0x01U, 0x7FU, 0x80U, 0xFEU, 0xFFU}) {
        const Bytes bytes(65535, static_cast<std::uint8_t>(octet));
        EXPECT_EQ(InternetSum::of(bytes).folded(), slow_sum(bytes)) << octet;
    }
}

TEST(InternetSum, IsTheExampleOfRfc1071) {
    const Bytes bytes{0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7};
    EXPECT_EQ(InternetSum::of(bytes).folded(), 0xDDF2);
    EXPECT_EQ(InternetSum::of(bytes).checksum(), 0x220D);
}

TEST(InternetSum, OfAWholeIsTheSumOfItsPieces) {
    std::mt19937 random(2);
    const Bytes bytes = random_octets(random, 97);
    const base::Octets whole(bytes);
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        const InternetSum tail = InternetSum::of(whole.subspan(cut));
        const InternetSum sum =
            InternetSum::of(whole.first(cut)) + (cut % 2 == 0 ? tail : tail.swapped());
        expect_same(sum.folded(), slow_sum(bytes));
    }
}

TEST(InternetSum, OfAWordIsThatWord) {
    for (const unsigned word : {0U, 1U, 0x00FFU, 0x0100U, 0x1234U, 0xFFFFU}) {
        EXPECT_EQ(InternetSum::of_word(static_cast<std::uint16_t>(word)).folded(), word);
    }
}

TEST(InternetSum, KnowsIntactOctets) {
    std::mt19937 random(3);
    for (int i = 0; i < 1000; ++i) {
        Bytes bytes = random_octets(random, 40);
        bytes[10] = bytes[11] = 0;
        const std::uint16_t checksum = InternetSum::of(bytes).checksum();
        base::store_be16(&bytes[10], checksum);
        EXPECT_TRUE(InternetSum::of(bytes).is_intact());
        bytes[random() % bytes.size()] ^= static_cast<std::uint8_t>(1 + random() % 254);
        EXPECT_FALSE(InternetSum::of(bytes).is_intact());
    }
    EXPECT_FALSE(InternetSum::of(Bytes(40, 0)).is_intact());
}

TEST(UpdatedChecksum, FollowsAChangedWord) {
    std::mt19937 random(4);
    for (int i = 0; i < 10'000; ++i) {
        Bytes bytes = random_octets(random, 40);
        const std::uint16_t before = base::load_be16(&bytes[8]);
        const std::uint16_t checksum = InternetSum::of(bytes).checksum();
        const auto after = static_cast<std::uint16_t>(random());
        base::store_be16(&bytes[8], after);
        EXPECT_EQ(updated_checksum(checksum, before, after), InternetSum::of(bytes).checksum());
    }
}

/// The example of RFC 1624, section 4, with which the equation before it went wrong.
TEST(UpdatedChecksum, IsTheExampleOfRfc1624) {
    EXPECT_EQ(updated_checksum(0xDD2F, 0x5555, 0x3285), 0x0000);
}

TEST(PseudoHeaderSum, AgreesWithTheSlowOneForBothFamilies) {
    for (const auto& [source, destination] :
         {std::pair{"198.51.100.7", "192.0.2.53"}, std::pair{"2001:db8:1::7", "2001:db8::53"}}) {
        const base::IpAddress from = support::ip(source);
        const base::IpAddress to = support::ip(destination);
        const Bytes addresses = support::join({{from.octets().begin(), from.octets().end()},
                                               {to.octets().begin(), to.octets().end()}});
        const InternetSum sum = from.is_v6() ? pseudo_header_sum_v6(addresses.data(), 17, 1234)
                                             : pseudo_header_sum_v4(addresses.data(), 17, 1234);
        expect_same(sum.folded(), slow_sum(support::pseudo_header(from, to, 17, 1234)));
    }
}

}  // namespace
}  // namespace understudy::net
