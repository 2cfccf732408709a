#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace understudy::wire {

/// Room for one uncompressed name, for parsing without allocation.
class NameBuffer {
  public:
    NameBuffer() noexcept = default;

    [[nodiscard]] NameView view() const noexcept {
        return NameView(base::Octets(octets_).first(size_));
    }

    operator NameView() const noexcept {
        return view();
    }  // NOLINT(google-explicit-constructor): a view of itself

    void assign(NameView name) noexcept;

    /// Copies `name` with its letters in lower case.
    void assign_lowered(NameView name) noexcept;

  private:
    friend class Reader;

    std::array<std::uint8_t, kMaxNameOctets> octets_{};
    std::size_t size_ = 1;
};

/// A record's fields before its rdata, and where that stands in the message.
struct RecordHead {
    NameBuffer owner;
    Type type = 0;
    Class klass = 0;
    std::uint32_t ttl_s = 0;
    std::size_t rdata_offset = 0;
    std::size_t rdata_octets = 0;
};

/// Pointers followed for one name. A name of 127 labels needs no more; a stranger's message that
/// aims thousands of records at one long chain of pointers would cost their product.
inline constexpr std::size_t kMaxPointers = kMaxLabels;

/// A cursor over a message from a stranger: every step is checked, and one that fails moves
/// nothing.
class Reader {
  public:
    /// REQUIRES: offset <= message.size().
    explicit Reader(base::Octets message, std::size_t offset = 0) noexcept
        : message_(message), offset_(offset) {}

    [[nodiscard]] base::Octets message() const noexcept { return message_; }
    [[nodiscard]] std::size_t offset() const noexcept { return offset_; }
    [[nodiscard]] std::size_t remaining() const noexcept { return message_.size() - offset_; }

    [[nodiscard]] std::optional<std::uint16_t> u16() noexcept;
    [[nodiscard]] std::optional<std::uint32_t> u32() noexcept;

    /// The next `count` octets in place.
    [[nodiscard]] std::optional<base::Octets> octets(std::size_t count) noexcept;

    /// A name, compression pointers followed. Each pointer must aim before the one that was
    /// followed to reach it (RFC 1035 §4.1.4: "a prior occurrence"), so that no chain of them can
    /// run in circles, and there may be kMaxPointers. False leaves the root in `into`.
    [[nodiscard]] bool name(NameBuffer& into) noexcept;

    /// An uncompressed name in place.
    [[nodiscard]] std::optional<NameView> plain_name() noexcept;

    /// Owner, type, class, TTL and rdata length of a record; the rdata is known to stand whole and
    /// is skipped.
    [[nodiscard]] bool record(RecordHead& into) noexcept;

  private:
    /// Where the name that was put into `into` ends in place, or 0 where it is malformed.
    [[nodiscard]] std::size_t expand(NameBuffer& into) const noexcept;

    base::Octets message_;
    std::size_t offset_;
};

}  // namespace understudy::wire
