#include <understudy/load/histogram.h>

#include <gtest/gtest.h>
#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

namespace understudy::load {
namespace {

/// The least of sorted values that `share` of them do not exceed.
std::uint64_t slow_percentile(const std::vector<std::uint64_t>& sorted, double share) {
    const auto rank = std::max<double>(1, std::ceil(share * static_cast<double>(sorted.size())));
    return sorted[static_cast<std::size_t>(rank) - 1];
}

TEST(Histogram, IsEmptyAtFirst) {
    const auto histogram = std::make_unique<Histogram>();
    EXPECT_EQ(histogram->count(), 0U);
    EXPECT_EQ(histogram->least(), 0U);
    EXPECT_EQ(histogram->most(), 0U);
    EXPECT_EQ(histogram->mean(), 0);
    EXPECT_EQ(histogram->percentile(0.5), 0U);
    EXPECT_TRUE(histogram->buckets().empty());
}

TEST(Histogram, KeepsSmallValuesApart) {
    const auto histogram = std::make_unique<Histogram>();
    for (std::uint64_t value = 0; value < 256; ++value) {
        histogram->add(value);
    }
    EXPECT_EQ(histogram->percentile(0), 0U);
    EXPECT_EQ(histogram->percentile(0.5), 127U);
    EXPECT_EQ(histogram->percentile(1), 255U);
    EXPECT_EQ(histogram->buckets().size(), 256U);
    EXPECT_DOUBLE_EQ(histogram->mean(), 127.5);
}

TEST(Histogram, EveryPowerOfTwoAndItsNeighboursAreWithinAPartIn128) {
    for (unsigned bits = 0; bits <= Histogram::kMaxBits; ++bits) {
        for (const std::int64_t offset : {-1, 0, 1}) {
            const std::uint64_t value =
                (std::uint64_t{1} << bits) + static_cast<std::uint64_t>(offset);
            const auto histogram = std::make_unique<Histogram>();
            histogram->add(value);
            histogram->add(Histogram::kMost);  // so that the most does not cap the bucket's end
            const std::uint64_t found = histogram->percentile(0.5);
            EXPECT_GE(found, std::min(value, Histogram::kMost)) << value;
            EXPECT_LE(found, value + value / 128) << value;
        }
    }
}

TEST(Histogram, AgreesWithSortedValues) {
    std::mt19937_64 random(1);
    std::lognormal_distribution<double> latency(9, 2);
    const auto histogram = std::make_unique<Histogram>();
    const auto other = std::make_unique<Histogram>();
    std::vector<std::uint64_t> values;
    for (int i = 0; i < 100'000; ++i) {
        values.push_back(static_cast<std::uint64_t>(latency(random)));
        (i % 3 == 0 ? other : histogram)->add(values.back());
    }
    histogram->merge(*other);
    std::ranges::sort(values);
    EXPECT_EQ(histogram->count(), values.size());
    EXPECT_EQ(histogram->least(), values.front());
    EXPECT_EQ(histogram->most(), values.back());
    for (const double share : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0}) {
        const auto exact = static_cast<double>(slow_percentile(values, share));
        EXPECT_GE(static_cast<double>(histogram->percentile(share)), exact) << share;
        EXPECT_LE(static_cast<double>(histogram->percentile(share)), exact * (1 + 1.0 / 128))
            << share;
    }
    std::uint64_t sum = 0;
    for (const Histogram::Bucket& bucket : histogram->buckets()) {
        sum += bucket.count;
    }
    EXPECT_EQ(sum, values.size());
}

}  // namespace
}  // namespace understudy::load
