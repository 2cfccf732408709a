#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace understudy::wire {

inline constexpr std::size_t kMaxNameOctets = 255;  // RFC 1035 §3.1, the root's zero octet included
inline constexpr std::size_t kMaxLabelOctets = 63;
inline constexpr std::size_t kMaxLabels = 127;  // without the root's

[[nodiscard]] constexpr std::uint8_t to_lower(std::uint8_t octet) noexcept {
    return octet >= 'A' && octet <= 'Z' ? static_cast<std::uint8_t>(octet + ('a' - 'A')) : octet;
}

/// A name in uncompressed wire format that somebody else keeps: length-prefixed labels, the root's
/// zero last. Always well formed: every way to make one checks or starts from one that was checked.
/// Comparisons disregard case (RFC 4343).
class NameView {
  public:
    /// The root.
    constexpr NameView() noexcept = default;

    /// REQUIRES: `octets` is one whole well-formed name (see `name_length`).
    explicit constexpr NameView(base::Octets octets) noexcept : octets_(octets) {}

    [[nodiscard]] base::Octets octets() const noexcept { return octets_; }
    [[nodiscard]] std::size_t size() const noexcept { return octets_.size(); }
    [[nodiscard]] bool is_root() const noexcept { return octets_.size() == 1; }

    /// The leftmost label's octets, without its length. Empty for the root.
    [[nodiscard]] base::Octets first_label() const noexcept {
        return octets_.subspan(1, octets_[0]);
    }

    /// The name without its leftmost label. REQUIRES: not the root.
    [[nodiscard]] NameView parent() const noexcept {
        return NameView(octets_.subspan(1U + octets_[0]));
    }

    /// How many labels stand before the root's.
    [[nodiscard]] std::size_t label_count() const noexcept;

    /// The suffix of `count` labels. REQUIRES: count <= label_count().
    [[nodiscard]] NameView suffix(std::size_t count) const noexcept;

    [[nodiscard]] bool is_wildcard() const noexcept { return octets_[0] == 1 && octets_[1] == '*'; }

    /// This name or one of its ancestors is `ancestor`.
    [[nodiscard]] bool is_at_or_below(NameView ancestor) const noexcept;

    /// Master-file form with escapes and the final dot (RFC 1035 §5.1).
    [[nodiscard]] std::string to_text() const;

    friend bool operator==(NameView left, NameView right) noexcept;

  private:
    static constexpr std::array<std::uint8_t, 1> kRoot{0};
    base::Octets octets_{kRoot};
};

/// The order of RFC 4034 §6.1: by label from the root, without case.
[[nodiscard]] std::strong_ordering compare_canonical(NameView left, NameView right) noexcept;

/// The length in octets of the uncompressed name at the front of `octets`, or 0 where none stands
/// whole (ends early, compression pointer, longer than 255).
[[nodiscard]] std::size_t name_length(base::Octets octets) noexcept;

/// A name that keeps its octets, letter case included. The default is the root.
class Name {
  public:
    Name() : octets_(1, '\0') {}
    explicit Name(NameView view)
        : octets_(reinterpret_cast<const char*>(view.octets().data()), view.size()) {}

    /// Master-file form with its escapes (`\.` `\046`), with or without the final dot; `.` is the
    /// root.
    [[nodiscard]] static base::Expected<Name> from_text(std::string_view text);

    [[nodiscard]] NameView view() const noexcept {
        return NameView({reinterpret_cast<const std::uint8_t*>(octets_.data()), octets_.size()});
    }
    operator NameView() const noexcept {
        return view();
    }  // NOLINT(google-explicit-constructor): a view of itself

    [[nodiscard]] std::string to_text() const { return view().to_text(); }

    /// With every letter in lower case: the form of keys in tables.
    [[nodiscard]] Name lowered() const;

    friend bool operator==(const Name& left, const Name& right) noexcept {
        return left.view() == right.view();
    }
    friend std::strong_ordering operator<=>(const Name& left, const Name& right) noexcept {
        return compare_canonical(left.view(), right.view());
    }

  private:
    std::string octets_;
};

/// For tables of the control side; not keyed, so not for names that strangers choose.
struct NameHash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(NameView name) const noexcept;
};

}  // namespace understudy::wire
