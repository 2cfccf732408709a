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

/// A cursor over a message from a stranger: every step is checked, and one that fails moves
/// nothing.
class Reader {
  public:
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
    /// run in circles.
    [[nodiscard]] bool name(NameBuffer& into) noexcept;

    /// An uncompressed name in place.
    [[nodiscard]] std::optional<NameView> plain_name() noexcept;

    /// Owner, type, class, TTL and rdata length of a record; the rdata is known to stand whole and
    /// is skipped.
    [[nodiscard]] bool record(RecordHead& into) noexcept;

  private:
    base::Octets message_;
    std::size_t offset_;
};

}  // namespace understudy::wire
