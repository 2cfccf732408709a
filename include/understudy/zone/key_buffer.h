#pragma once

#include <understudy/base/octets.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace understudy::zone {

/// The longest key of an OrderTree. A name's has at most 253 octets (canonical_key.h).
inline constexpr std::size_t kMaxKeyOctets = 255;

/// What is read and written at once where octets behind a key's end do no harm.
inline constexpr std::size_t kKeyChunkOctets = 32;

/// A key that keeps its octets, without allocation, and kKeyChunkOctets behind them that may be
/// read. The default is the empty key.
class KeyBuffer {
  public:
    // NOLINTNEXTLINE(modernize-use-equals-default): what is not used is not touched
    KeyBuffer() noexcept {}

    [[nodiscard]] base::Octets view() const noexcept { return {octets_.data(), size_}; }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    void clear() noexcept { size_ = 0; }

    /// REQUIRES: less than kMaxKeyOctets so far.
    void push_back(std::uint8_t octet) noexcept { octets_[size_++] = octet; }

    /// Keeps the first `kept` octets and puts `rest` behind them. REQUIRES: kept <= size(), both
    /// together at most kMaxKeyOctets.
    void splice(std::size_t kept, base::Octets rest) noexcept {
        if (!rest.empty()) {
            std::memcpy(octets_.data() + kept, rest.data(), rest.size());
        }
        size_ = static_cast<std::uint8_t>(kept + rest.size());
    }

    /// As `splice`, without a call where `rest` is short. REQUIRES: kKeyChunkOctets are readable
    /// from its begin on.
    void splice_chunk(std::size_t kept, base::Octets rest) noexcept {
        if (rest.size() > kKeyChunkOctets) [[unlikely]] {
            splice(kept, rest);
            return;
        }
        std::memcpy(octets_.data() + kept, rest.data(), kKeyChunkOctets);
        size_ = static_cast<std::uint8_t>(kept + rest.size());
    }

    /// REQUIRES: at most kMaxKeyOctets.
    void assign(base::Octets key) noexcept { splice(0, key); }

  private:
    std::array<std::uint8_t, kMaxKeyOctets + kKeyChunkOctets> octets_;
    std::uint8_t size_ = 0;
};

}  // namespace understudy::zone
