#pragma once

#include <understudy/base/octets.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "workload.h"

namespace understudy::bench {

/// How many questions ask for names that do not exist.
enum class Mix : std::uint8_t { kHits, kMixed, kMisses };  // none, one in ten, all

/// Queries for names of a workload drawn uniformly, letters in either case at random, EDNS; with DO
/// where the zone is signed. The same ones for the same arguments.
///
/// They stand in whole cache lines, all in as many, so that putting one where it is to be answered
/// is a copy of fixed length.
class Questions {
  public:
    static constexpr std::size_t kLineOctets = 64;

    Questions(const Workload& workload, Mix mix, std::size_t count);

    [[nodiscard]] std::size_t size() const noexcept { return lengths_.size(); }

    /// The query's message.
    [[nodiscard]] base::Octets operator[](std::size_t index) const noexcept {
        return {lines_[index * lines_each_].data(), lengths_[index]};
    }

    /// Copies the query and what is left of its last line; returns its length in octets.
    std::size_t copy(std::size_t index, std::uint8_t* into) const noexcept {
        for (std::size_t i = 0; i < lines_each_; ++i) {
            std::memcpy(
                into + i * kLineOctets, lines_[index * lines_each_ + i].data(), kLineOctets);
        }
        return lengths_[index];
    }

    /// What is wrong with an answer; empty: it says what the zone does, and nothing else.
    [[nodiscard]] std::string fault(std::size_t index, base::Octets answer) const;

    /// Keeps the questions for which `index` says true.
    template <typename Keep>
    void keep_if(Keep keep) {
        std::size_t kept = 0;
        for (std::size_t i = 0; i < size(); ++i) {
            if (!keep(i)) {
                continue;
            }
            for (std::size_t line = 0; line < lines_each_; ++line) {
                lines_[kept * lines_each_ + line] = lines_[i * lines_each_ + line];
            }
            lengths_[kept] = lengths_[i];
            numbers_[kept++] = numbers_[i];
        }
        lines_.resize(kept * lines_each_);
        lengths_.resize(kept);
        numbers_.resize(kept);
    }

  private:
    struct alignas(kLineOctets) Line : std::array<std::uint8_t, kLineOctets> {};

    const Workload& workload_;
    std::size_t lines_each_ = 1;
    std::vector<Line> lines_;
    std::vector<std::uint16_t> lengths_;
    std::vector<std::uint32_t> numbers_;
};

}  // namespace understudy::bench
