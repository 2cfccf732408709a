#include "app/quantity.h"

#include <gtest/gtest.h>
#include <limits>

namespace understudy::app {
namespace {

TEST(Quantity, DurationsHaveTheirTwoLargestUnits) {
    EXPECT_EQ(duration_text(0), "0s");
    EXPECT_EQ(duration_text(42), "42s");
    EXPECT_EQ(duration_text(59), "59s");
    EXPECT_EQ(duration_text(60), "1m");
    EXPECT_EQ(duration_text(125), "2m 5s");
    EXPECT_EQ(duration_text(3600), "1h");
    EXPECT_EQ(duration_text(3601), "1h");
    EXPECT_EQ(duration_text(2 * 3600 + 13 * 60 + 59), "2h 13m");
    EXPECT_EQ(duration_text(86400), "1d");
    EXPECT_EQ(duration_text(3 * 86400 + 4 * 3600), "3d 4h");
    EXPECT_EQ(duration_text(-5), "-5s");
    EXPECT_EQ(duration_text(std::numeric_limits<std::int64_t>::min()), "-106751991167300d 15h");
}

TEST(Quantity, MillisecondsBecomeSecondsWhereTheyNoLongerMatter) {
    EXPECT_EQ(milliseconds_text(0), "0 ms");
    EXPECT_EQ(milliseconds_text(9999), "9999 ms");
    EXPECT_EQ(milliseconds_text(10000), "10s");
    EXPECT_EQ(milliseconds_text(125999), "2m 5s");
}

TEST(Quantity, OctetsHaveThreeDigitsAtTheMostAndAUnit) {
    EXPECT_EQ(octets_text(0), "0 B");
    EXPECT_EQ(octets_text(1023), "1023 B");
    EXPECT_EQ(octets_text(1024), "1.0 KiB");
    EXPECT_EQ(octets_text(1536), "1.5 KiB");
    EXPECT_EQ(octets_text(20U << 20U), "20 MiB");
    EXPECT_EQ(octets_text(10188), "9.9 KiB");
    EXPECT_EQ(octets_text(10200), "10 KiB");
    EXPECT_EQ(octets_text(1024 * 1024 - 1), "1.0 MiB");
    EXPECT_EQ(octets_text(std::numeric_limits<std::uint64_t>::max()), "16 EiB");
}

TEST(Quantity, CountsAreGrouped) {
    EXPECT_EQ(count_text(0), "0");
    EXPECT_EQ(count_text(999), "999");
    EXPECT_EQ(count_text(1000), "1,000");
    EXPECT_EQ(count_text(123456), "123,456");
    EXPECT_EQ(count_text(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

}  // namespace
}  // namespace understudy::app
