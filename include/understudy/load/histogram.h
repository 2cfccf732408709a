#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace understudy::load {

/// Counts values in buckets that are as wide as 1/128 of what they hold, whatever its size (the
/// idea of HdrHistogram): a percentile is exact to 0.8 %, values below 256 altogether, and adding
/// one costs a few instructions. Values above kMost count as kMost.
///
/// One thread adds; merge and percentiles are for when it is done.
class Histogram {
  public:
    static constexpr unsigned kPrecisionBits = 7;
    static constexpr unsigned kMaxBits = 44;  // an hour and a half in cycles of 3 GHz
    static constexpr std::uint64_t kMost = (std::uint64_t{1} << kMaxBits) - 1;

    void add(std::uint64_t value) noexcept {
        value = value < kMost ? value : kMost;
        ++counts_[bucket(value)];
        ++count_;
        most_ = value > most_ ? value : most_;
        least_ = value < least_ ? value : least_;
        sum_ += value;
    }

    void merge(const Histogram& other) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
    [[nodiscard]] std::uint64_t least() const noexcept { return count_ == 0 ? 0 : least_; }
    [[nodiscard]] double mean() const noexcept {
        return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
    }

    /// The least value that `share` (0 to 1) of all values do not exceed, as its bucket's upper
    /// end; 0 where there are none. REQUIRES: 0 <= share <= 1.
    [[nodiscard]] std::uint64_t percentile(double share) const noexcept;

    /// What a bucket holds at the most, and how many values are in it.
    struct Bucket {
        std::uint64_t most;
        std::uint64_t count;
    };

    /// Those that are not empty, ascending.
    [[nodiscard]] std::vector<Bucket> buckets() const;

  private:
    static constexpr std::size_t kSteps = std::size_t{1} << kPrecisionBits;
    static constexpr std::size_t kBuckets = (kMaxBits - kPrecisionBits + 1) * kSteps;

    /// Values below 2 * kSteps have buckets of their own; each further power of two has kSteps.
    [[nodiscard]] static std::size_t bucket(std::uint64_t value) noexcept {
        const auto width = static_cast<unsigned>(std::bit_width(value | kSteps));
        const unsigned shift = width - kPrecisionBits - 1;
        return shift * kSteps + (value >> shift);
    }
    [[nodiscard]] static std::uint64_t most_of(std::size_t bucket) noexcept;

    std::array<std::uint64_t, kBuckets> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t most_ = 0;
    std::uint64_t least_ = kMost;
};

}  // namespace understudy::load
