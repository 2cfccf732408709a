#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/wire/query.h>
#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::wire {

/// Whether a compression pointer may replace a name that differs in letter case. Answers may (RFC
/// 4343), transfers may not: a secondary gets the octets that we hold.
enum class CompressionCase : std::uint8_t { kFold, kExact };

enum class Section : std::uint8_t { kAnswer, kAuthority, kAdditional };

/// Writes a message into somebody's buffer: questions first, then records section by section, with
/// names compressed (RFC 1035 §4.1.4). A step that does not fit returns false and leaves the
/// message as it was. Allocates nothing.
class MessageWriter {
  public:
    /// The sections as they stand, to go back to.
    struct Mark {
        std::size_t size_octets = 0;
        std::size_t names = 0;
        std::array<std::uint16_t, 3> counts{};
    };

    /// Starts behind `question_end` octets of `buffer`, which hold a header and at most one
    /// question; that question's name is there to be pointed at. At most `limit_octets` will be
    /// used. REQUIRES: question_end <= limit_octets <= buffer.size(); one uncompressed question, or
    /// none and question_end == kHeaderOctets.
    MessageWriter(base::MutableOctets buffer,
                  std::size_t question_end,
                  std::size_t limit_octets,
                  CompressionCase compression = CompressionCase::kFold) noexcept;

    /// Keeps `octets` of the limit back, for the OPT or TSIG record that comes last; giving 0
    /// releases them.
    void reserve(std::size_t octets) noexcept { reserved_ = octets; }

    [[nodiscard]] bool record(Section section,
                              NameView owner,
                              Type type,
                              Class klass,
                              std::uint32_t ttl_s,
                              base::Octets rdata) noexcept;

    /// Room for `count` whole records of so many octets together, to be written by the caller.
    /// Their names are not pointed at by what follows. Returns where it is, or null.
    [[nodiscard]] std::uint8_t* append(Section section,
                                       std::size_t octets,
                                       std::size_t count) noexcept;

    /// The same for records that are at hand as they go on the wire.
    [[nodiscard]] std::uint8_t* records(Section section,
                                        base::Octets octets,
                                        std::size_t count) noexcept;

    /// An OPT record (RFC 6891 §6.1.2), `options` being whole options.
    [[nodiscard]] bool opt(std::uint16_t payload_octets,
                           Rcode rcode,
                           bool dnssec_ok,
                           base::Octets options) noexcept;

    [[nodiscard]] Mark mark() const noexcept { return {size_, name_count_, counts_}; }
    void rollback(const Mark& mark) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    [[nodiscard]] std::uint16_t count(Section section) const noexcept {
        return counts_[static_cast<std::size_t>(section)];
    }

    /// Writes the header with `flags` and the section counts, and returns the message's length.
    std::size_t finish(std::uint16_t id, std::uint16_t flags) noexcept;

  private:
    /// A name that stands in the message from `offset` on; the hash is a hint.
    struct Known {
        std::uint16_t offset;
        std::uint16_t hash;
    };

    [[nodiscard]] bool put(base::Octets octets) noexcept;
    [[nodiscard]] bool put_name(NameView name, bool compress) noexcept;
    [[nodiscard]] bool put_rdata(Type type, base::Octets rdata) noexcept;
    [[nodiscard]] std::size_t find(NameView name, std::uint16_t hash) const noexcept;
    [[nodiscard]] bool stands_at(std::size_t offset, NameView name) const noexcept;
    void learn(NameView name, std::size_t offset) noexcept;
    [[nodiscard]] std::size_t room() const noexcept {
        return limit_ > size_ + reserved_ ? limit_ - size_ - reserved_ : 0;
    }

    static constexpr std::size_t kMaxKnownNames =
        128;  // further names are written but not pointed at

    base::MutableOctets buffer_;
    std::size_t size_;
    std::size_t limit_;
    std::size_t reserved_ = 0;
    CompressionCase compression_;
    bool has_question_;
    std::array<std::uint16_t, 3> counts_{};
    std::size_t name_count_ = 0;
    std::array<Known, kMaxKnownNames> names_;
};

}  // namespace understudy::wire
