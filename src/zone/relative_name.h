#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::zone {

// A name of a zone without the apex: whole labels, each with its length, no root. The apex' own is
// empty.

[[nodiscard]] inline bool same_relative(base::Octets left, base::Octets right) noexcept {
    return std::ranges::equal(left, right, {}, wire::to_lower, wire::to_lower);
}

/// REQUIRES: not the apex.
[[nodiscard]] inline base::Octets parent_of(base::Octets relative) noexcept {
    return relative.subspan(1U + relative[0]);
}

/// REQUIRES: not the apex.
[[nodiscard]] inline bool is_wildcard(base::Octets relative) noexcept {
    return relative[0] == 1 && relative[1] == '*';
}

/// Labels below the apex.
[[nodiscard]] inline std::size_t depth_of(base::Octets relative) noexcept {
    std::size_t labels = 0;
    for (; !relative.empty(); relative = parent_of(relative)) {
        ++labels;
    }
    return labels;
}

/// Such a name in lower case.
class LoweredName {
  public:
    explicit LoweredName(base::Octets relative) noexcept : size_(relative.size()) {
        std::ranges::transform(relative, octets_.begin(), wire::to_lower);
    }
    [[nodiscard]] base::Octets view() const noexcept { return {octets_.data(), size_}; }

  private:
    std::array<std::uint8_t, wire::kMaxNameOctets> octets_;
    std::size_t size_;
};

}  // namespace understudy::zone
