#pragma once

#include <understudy/wire/name.h>
#include <understudy/wire/reader.h>
#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::zone {

/// The secret of the tables' hash: names are chosen by strangers, who must not be able to choose
/// collisions too.
struct HashKey {
    std::uint64_t first = 0;
    std::uint64_t second = 0;

    /// A fresh one from the kernel's random source.
    [[nodiscard]] static HashKey random();

    bool operator==(const HashKey&) const = default;
};

/// A name made ready for look-ups: in lower case, with the hash of every suffix. One pass from the
/// root label leftward gives all hashes; they serve the table of zones and every zone's table
/// alike.
class NameKey {
  public:
    NameKey(wire::NameView name, const HashKey& key) noexcept;

    [[nodiscard]] std::size_t label_count() const noexcept { return label_count_; }

    /// The whole name, in lower case.
    [[nodiscard]] wire::NameView name() const noexcept { return lowered_.view(); }

    /// The suffix of `labels` labels, in lower case. REQUIRES: labels <= label_count().
    [[nodiscard]] wire::NameView suffix(std::size_t labels) const noexcept {
        return wire::NameView(lowered_.view().octets().subspan(starts_[labels]));
    }

    [[nodiscard]] std::uint64_t hash(std::size_t labels) const noexcept { return hashes_[labels]; }

    /// The hash of the name that stands one `*` label below the suffix of `labels` labels.
    [[nodiscard]] std::uint64_t wildcard_hash(std::size_t labels) const noexcept;

  private:
    HashKey key_;
    wire::NameBuffer lowered_;
    std::size_t label_count_ = 0;
    // By number of labels: where the suffix begins, and its hash. Set up to label_count_.
    std::array<std::uint8_t, wire::kMaxLabels + 1> starts_;
    std::array<std::uint64_t, wire::kMaxLabels + 1> hashes_;
};

}  // namespace understudy::zone
