#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <understudy/wire/reader.h>
#include <understudy/zone/octet_words.h>
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

/// The whole name that `relative` is of. REQUIRES: not longer than a name may be.
[[nodiscard]] inline wire::NameBuffer whole_name(base::Octets relative,
                                                 base::Octets apex) noexcept {
    std::array<std::uint8_t, wire::kMaxNameOctets> octets;
    std::ranges::copy(relative, octets.begin());
    std::ranges::copy(apex, octets.begin() + static_cast<std::ptrdiff_t>(relative.size()));
    wire::NameBuffer name;
    name.assign(wire::NameView(base::Octets(octets).first(relative.size() + apex.size())));
    return name;
}

/// Such a name in lower case, readable in whole words.
class LoweredName {
  public:
    explicit LoweredName(base::Octets relative) noexcept : size_(relative.size()) {
        std::ranges::transform(relative, octets_.begin(), wire::to_lower);
    }
    [[nodiscard]] base::Octets view() const noexcept { return {octets_.data(), size_}; }

  private:
    std::array<std::uint8_t, wire::kMaxNameOctets + kWordOctets> octets_;
    std::size_t size_;
};

}  // namespace understudy::zone
