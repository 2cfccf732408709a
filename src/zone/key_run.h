#pragma once

#include <understudy/base/octets.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "zone/order_node.h"

namespace understudy::zone {

/// Keys in order, on their way into nodes.
class KeyRun {
  public:
    [[nodiscard]] std::size_t size() const noexcept { return keys_.size(); }
    [[nodiscard]] bool empty() const noexcept { return keys_.empty(); }
    [[nodiscard]] base::Octets operator[](std::size_t index) const noexcept {
        return base::Octets(octets_).subspan(keys_[index].begin, keys_[index].size);
    }

    /// How many octets the key shares with the one before it.
    [[nodiscard]] std::size_t shared(std::size_t index) const noexcept {
        return keys_[index].shared;
    }

    /// The shortest octets that are not greater than the key and greater than the one before it.
    [[nodiscard]] base::Octets separator(std::size_t index) const noexcept {
        const base::Octets key = (*this)[index];
        return key.first(std::min(shared(index) + 1, key.size()));
    }

    /// How many keys are less than `key`: the place of the key itself if it is here.
    [[nodiscard]] std::size_t count_less(base::Octets key) const noexcept;

    /// REQUIRES: greater than the last one, and not in this run.
    void push_back(base::Octets key) { insert(size(), key); }

    /// REQUIRES: `index` is count_less(key), and the key is not here, nor are its octets.
    void insert(std::size_t index, base::Octets key);

    void erase(std::size_t index);

    /// Appends keys `first` to `last` of another run, the last one excluded.
    void append(const KeyRun& other, std::size_t first, std::size_t last);

  private:
    struct Key {
        std::uint32_t begin = 0;
        std::uint8_t size = 0;
        std::uint8_t shared = 0;
    };

    std::vector<std::uint8_t> octets_;
    std::vector<Key> keys_;
};

}  // namespace understudy::zone
