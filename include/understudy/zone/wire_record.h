#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <cstddef>
#include <cstdint>

namespace understudy::zone {

/// A record of a stored body. Its owner is a compression pointer, to the question at first, or the
/// root's single octet.
class WireRecord {
  public:
    static constexpr std::size_t kFixedOctets = 10;  // type, class, TTL, length of the rdata

    explicit WireRecord(const std::uint8_t* at) noexcept : fixed_(at + owner_octets(*at)) {}

    /// One whose owner, of any form, ends at `fixed`.
    [[nodiscard]] static WireRecord behind_owner(const std::uint8_t* fixed) noexcept {
        return {fixed, 0};
    }

    [[nodiscard]] static constexpr std::size_t owner_octets(std::uint8_t first) noexcept {
        return first == 0 ? 1 : 2;
    }

    [[nodiscard]] wire::Type type() const noexcept { return base::load_be16(fixed_); }
    [[nodiscard]] wire::Class klass() const noexcept { return base::load_be16(fixed_ + 2); }
    [[nodiscard]] std::uint32_t ttl_s() const noexcept { return base::load_be32(fixed_ + 4); }
    [[nodiscard]] base::Octets rdata() const noexcept {
        return {fixed_ + kFixedOctets, base::load_be16(fixed_ + 8)};
    }
    [[nodiscard]] const std::uint8_t* end() const noexcept {
        return fixed_ + kFixedOctets + base::load_be16(fixed_ + 8);
    }

  private:
    WireRecord(const std::uint8_t* at, std::size_t owner_octets) noexcept
        : fixed_(at + owner_octets) {}

    const std::uint8_t* fixed_;
};

/// How many whole records these are.
[[nodiscard]] inline std::size_t count_records(base::Octets records) noexcept {
    std::size_t count = 0;
    const std::uint8_t* const end = records.data() + records.size();
    for (const std::uint8_t* at = records.data(); at != end; at = WireRecord(at).end()) {
        ++count;
    }
    return count;
}

}  // namespace understudy::zone
