#include "zone/key_run.h"

namespace understudy::zone {

std::size_t KeyRun::count_less(base::Octets key) const noexcept {
    const auto place = std::ranges::partition_point(keys_, [this, key](const Key& one) {
        return compare_keys(base::Octets(octets_).subspan(one.begin, one.size), key) < 0;
    });
    return static_cast<std::size_t>(place - keys_.begin());
}

void KeyRun::insert(std::size_t index, base::Octets key) {
    const std::size_t shared = index > 0 ? common_octets((*this)[index - 1], key) : 0;
    if (index < size()) {
        keys_[index].shared = static_cast<std::uint8_t>(common_octets((*this)[index], key));
    }
    keys_.insert(keys_.begin() + static_cast<std::ptrdiff_t>(index),
                 {static_cast<std::uint32_t>(octets_.size()),
                  static_cast<std::uint8_t>(key.size()),
                  static_cast<std::uint8_t>(shared)});
    octets_.insert(octets_.end(), key.begin(), key.end());
}

void KeyRun::erase(std::size_t index) {
    const std::uint8_t shared = keys_[index].shared;
    keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(index));
    if (index < size()) {
        keys_[index].shared = std::min(keys_[index].shared, shared);
    }
}

void KeyRun::append(const KeyRun& other, std::size_t first, std::size_t last) {
    for (std::size_t i = first; i < last; ++i) {
        push_back(other[i]);
    }
}

}  // namespace understudy::zone
