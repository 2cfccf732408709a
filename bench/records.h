#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace understudy::bench {

/// Takes the records of a zone as they are made: zones of a hundred million names stand nowhere
/// but where a sink puts them. Owner and rdata (uncompressed) are gone after the call.
class RecordSink {
  public:
    virtual ~RecordSink() = default;
    virtual void add(wire::NameView owner,
                     wire::Type type,
                     std::uint32_t ttl_s,
                     base::Octets rdata) = 0;

  protected:
    RecordSink() = default;
    RecordSink(const RecordSink&) = default;
    RecordSink& operator=(const RecordSink&) = default;
};

/// 64 bits that look random, others for each input (the finalizer of splitmix64).
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EB;
    return value ^ (value >> 31U);
}

/// The most names that Label tells apart.
inline constexpr std::size_t kMostNumbers = std::size_t{1} << 30U;

/// Six to nine letters and digits that no other number has; close numbers get labels far apart.
class Label {
  public:
    /// REQUIRES: number < kMostNumbers.
    explicit Label(std::size_t number) noexcept;

    operator std::string_view() const noexcept {  // NOLINT(google-explicit-constructor): a view
        return {letters_.data(), size_};
    }

  private:
    static constexpr std::size_t kFewest = 6;  // 5 bits each
    static constexpr std::size_t kMost = 9;

    std::array<char, kMost> letters_;
    std::size_t size_;
};

/// A name put together from its leftmost label on. REQUIRES: it stays within kMaxNameOctets.
class NameMaker {
  public:
    NameMaker& label(std::string_view text) noexcept;

    /// `count` labels of one hexadecimal digit, the lowest digit of `value` first (RFC 3596 §2.5).
    NameMaker& nibbles(std::uint64_t value, unsigned count) noexcept;

    /// The whole name, its last labels being `ancestor`. Valid while this object is.
    [[nodiscard]] wire::NameView below(wire::NameView ancestor) noexcept;

  private:
    std::array<std::uint8_t, wire::kMaxNameOctets> octets_;
    std::size_t size_ = 0;
};

}  // namespace understudy::bench
