#include <understudy/load/histogram.h>

#include <algorithm>
#include <cmath>

namespace understudy::load {

void Histogram::merge(const Histogram& other) noexcept {
    for (std::size_t i = 0; i < kBuckets; ++i) {
        counts_[i] += other.counts_[i];
    }
    count_ += other.count_;
    sum_ += other.sum_;
    most_ = std::max(most_, other.most_);
    least_ = std::min(least_, other.least_);
}

std::uint64_t Histogram::most_of(std::size_t bucket) noexcept {
    if (bucket < 2 * kSteps) {
        return bucket;
    }
    const std::size_t shift = bucket / kSteps - 1;
    const std::uint64_t step = bucket % kSteps + kSteps;
    return ((step + 1) << shift) - 1;
}

std::uint64_t Histogram::percentile(double share) const noexcept {
    const auto wanted = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < kBuckets; ++i) {
        seen += counts_[i];
        if (seen >= wanted) {
            return std::min(most_of(i), most_);
        }
    }
    return most_;
}

std::vector<Histogram::Bucket> Histogram::buckets() const {
    std::vector<Bucket> filled;
    for (std::size_t i = 0; i < kBuckets; ++i) {
        if (counts_[i] > 0) {
            filled.push_back({std::min(most_of(i), most_), counts_[i]});
        }
    }
    return filled;
}

}  // namespace understudy::load
