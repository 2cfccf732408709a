#include <gtest/gtest.h>

#include <understudy/crypto/random.h>
#include <algorithm>
#include <array>
#include <cstdint>

namespace understudy::crypto {
namespace {

TEST(RandomOctets, FillsEveryOctetWithSomethingElseEachTime) {
    std::array<bool, 64> changed{};
    std::array<std::uint8_t, 64> last{};
    for (int i = 0; i < 16; ++i) {  // an octet stays the same 16 times with odds of 2^-128
        std::array<std::uint8_t, 64> now = last;
        ASSERT_TRUE(random_octets(now));
        for (std::size_t at = 0; at < now.size(); ++at) {
            changed[at] = changed[at] || now[at] != last[at];
        }
        EXPECT_NE(now, last);
        last = now;
    }
    EXPECT_TRUE(std::ranges::all_of(changed, [](bool each) { return each; }));
}

TEST(RandomOctets, StaysWithinItsSpan) {
    std::array<std::uint8_t, 10> octets{};
    ASSERT_TRUE(random_octets(base::MutableOctets(octets).subspan(2, 6)));
    EXPECT_EQ(octets[1], 0);
    EXPECT_EQ(octets[8], 0);
    EXPECT_TRUE(random_octets({}));
}

}  // namespace
}  // namespace understudy::crypto
