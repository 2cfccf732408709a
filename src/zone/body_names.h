#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/name.h>
#include <understudy/zone/rrset.h>
#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::zone {

/// Rdata of a type whose names may be compressed, or a name, written out.
struct ExpandedRdata {
    std::array<std::uint8_t, kMaxExpandedOctets> octets;
    std::size_t size = 0;

    [[nodiscard]] base::Octets view() const noexcept { return {octets.data(), size}; }

    /// False where it would have more than `limit` octets, at most kMaxExpandedOctets.
    [[nodiscard]] bool append(base::Octets more, std::size_t limit = kMaxExpandedOctets) noexcept;
};

/// Reads the names in a stored body, none of which is trusted: the counterpart of what RRset does
/// with those that were checked.
class BodyNames {
  public:
    /// `second` stands right behind `first`, which stands right behind the question.
    BodyNames(wire::NameView question, base::Octets first, base::Octets second = {}) noexcept
        : question_(question), first_(first), second_(second) {}

    /// Appends the name that begins at `at`, counted from the start of the body, and returns where
    /// it ends there. 0 where it does not stand whole before `end` and, where it points
    /// elsewhere, before that: a pointer leads to a label, of the question or further ahead in the
    /// body than it came from.
    [[nodiscard]] std::size_t read(std::size_t at,
                                   std::size_t end,
                                   ExpandedRdata& into) const noexcept;

  private:
    [[nodiscard]] std::size_t size() const noexcept { return first_.size() + second_.size(); }
    [[nodiscard]] std::uint8_t operator[](std::size_t at) const noexcept {
        return at < first_.size() ? first_[at] : second_[at - first_.size()];
    }
    [[nodiscard]] bool append_label(std::size_t at,
                                    ExpandedRdata& into,
                                    std::size_t limit) const noexcept;
    [[nodiscard]] bool append_suffix(std::size_t of_question,
                                     ExpandedRdata& into,
                                     std::size_t limit) const noexcept;

    wire::NameView question_;
    base::Octets first_;
    base::Octets second_;
};

}  // namespace understudy::zone
