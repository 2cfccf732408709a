#pragma once

#include <understudy/wire/name.h>
#include <understudy/wire/reader.h>
#include <understudy/zone/octet_words.h>
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

/// The hash of the name that has `labels` (each with its length, in any case, no root) in front of
/// the name whose hash is `parent`: what NameKey gives for the whole.
[[nodiscard]] std::uint64_t hash_below(std::uint64_t parent,
                                       base::Octets labels,
                                       const HashKey& key) noexcept;

/// A name made ready for look-ups: in lower case, with the hash of every suffix. One pass from the
/// root label leftward gives all hashes; they serve the table of zones and every zone's table
/// alike.
class NameKey {
  public:
    /// Nothing may be asked of it until it is assigned a name.
    // NOLINTNEXTLINE(modernize-use-equals-default,*.UninitializedObject): unused is not touched
    NameKey() noexcept {}
    NameKey(wire::NameView name, const HashKey& key) noexcept { assign(name, key); }

    void assign(wire::NameView name, const HashKey& key) noexcept;

    /// How far behind the begin of a name `take` may read.
    static constexpr std::size_t kReadOctets = 256;

    /// Assigns it the uncompressed name that stands at `at`, at most `limit` octets of it. Returns
    /// how many octets it has; 0: none that is whole and uncompressed stands there. REQUIRES:
    /// kReadOctets are readable at `at`.
    [[nodiscard]] std::size_t take(const std::uint8_t* at,
                                   std::size_t limit,
                                   const HashKey& key) noexcept;

    [[nodiscard]] std::size_t label_count() const noexcept { return label_count_; }

    /// The whole name, in lower case.
    [[nodiscard]] wire::NameView name() const noexcept { return suffix(label_count_); }

    /// The suffix of `labels` labels, in lower case. REQUIRES: labels <= label_count().
    [[nodiscard]] wire::NameView suffix(std::size_t labels) const noexcept {
        const std::size_t start = begin(labels);
        return wire::NameView({&lowered_[start], size_ - start});
    }

    /// Where in the name the suffix of `labels` labels begins, in octets.
    [[nodiscard]] std::size_t begin(std::size_t labels) const noexcept {
        return starts_[label_count_ - labels];
    }

    /// What stands before the suffix of `apex_labels` labels in that of `labels`, in lower case:
    /// whole labels. Readable in whole words. REQUIRES: apex_labels <= labels <= label_count().
    [[nodiscard]] base::Octets between(std::size_t apex_labels, std::size_t labels) const noexcept {
        const std::size_t start = begin(labels);
        return {&lowered_[start], begin(apex_labels) - start};
    }

    [[nodiscard]] std::uint64_t hash(std::size_t labels) const noexcept { return hashes_[labels]; }

    /// The hash of the name that stands one `*` label below the suffix of `labels` labels.
    [[nodiscard]] std::uint64_t wildcard_hash(std::size_t labels) const noexcept;

  private:
    /// With the labels' starts and lowered_ set.
    void hash_labels(std::size_t count, const HashKey& key) noexcept;

    std::uint64_t multiplier_;  // of the hash key
    std::size_t size_;
    std::size_t label_count_;
    // Letters are lowered and labels hashed by whole words, which reach beyond the name's end.
    std::array<std::uint8_t, wire::kMaxNameOctets + kWordOctets> lowered_;
    std::array<std::uint8_t, wire::kMaxLabels + 1> starts_;   // of the labels, the root's the last
    std::array<std::uint64_t, wire::kMaxLabels + 1> hashes_;  // by number of labels
};

}  // namespace understudy::zone
