#pragma once

#include <understudy/base/octets.h>
#include <understudy/wire/constants.h>
#include <understudy/wire/name.h>
#include <understudy/zone/wire_record.h>
#include <array>
#include <cstddef>
#include <cstdint>

namespace understudy::zone {

/// Where a stored RRset's owner keeps its name, in two parts: relative to the apex, and the apex.
struct OwnerParts {
    base::Octets relative;
    wire::NameView apex;

    [[nodiscard]] std::size_t size() const noexcept { return relative.size() + apex.size(); }
};

/// The most that rdata has whose names are stored compressed, written out: such types have two
/// names and 20 octets at most.
inline constexpr std::size_t kMaxExpandedOctets = 2 * wire::kMaxNameOctets + 20;

/// The records of one type at one name, or the RRSIGs there that cover one type. A view into its
/// zone: stored as they stand in an answer whose question is the owner.
class RRset {
  public:
    /// `records`: at least one whole record.
    RRset(wire::Type type, std::size_t count, base::Octets records, OwnerParts owner) noexcept
        : type_(type), count_(count), records_(records), owner_(owner) {}

    [[nodiscard]] wire::Type type() const noexcept { return type_; }
    [[nodiscard]] std::uint32_t ttl_s() const noexcept {
        return WireRecord(records_.data()).ttl_s();
    }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Whole records, their compression pointers aiming at the owner as the question or into these
    /// octets, which stand right behind it.
    [[nodiscard]] base::Octets records() const noexcept { return records_; }

    /// Walks the rdata, uncompressed: `for (base::Octets rdata : rrset)`. What `*` gives is good
    /// until the iterator moves or ends.
    class Iterator {
      public:
        Iterator(const RRset& rrset, const std::uint8_t* at) noexcept : rrset_(&rrset), at_(at) {}
        [[nodiscard]] base::Octets operator*() const noexcept;

        /// The rdata as it is stored, among records().
        [[nodiscard]] base::Octets stored() const noexcept { return WireRecord(at_).rdata(); }

        Iterator& operator++() noexcept {
            at_ = WireRecord(at_).end();
            return *this;
        }
        bool operator==(const Iterator& other) const noexcept { return at_ == other.at_; }

      private:
        const RRset* rrset_;
        const std::uint8_t* at_;
        mutable std::array<std::uint8_t, kMaxExpandedOctets> expanded_;
    };
    [[nodiscard]] Iterator begin() const noexcept { return {*this, records_.data()}; }
    [[nodiscard]] Iterator end() const noexcept {
        return {*this, records_.data() + records_.size()};
    }

  private:
    [[nodiscard]] base::Octets expand(base::Octets rdata, base::MutableOctets into) const noexcept;
    [[nodiscard]] std::size_t expand_name(const std::uint8_t*& at,
                                          base::MutableOctets into) const noexcept;

    wire::Type type_;
    std::size_t count_;
    base::Octets records_;
    OwnerParts owner_;
};

}  // namespace understudy::zone
