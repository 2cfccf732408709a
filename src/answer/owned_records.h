#pragma once

#include <understudy/zone/name_key.h>
#include <understudy/zone/stored_node.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>

namespace understudy::answer {

/// An RRset with its signatures as they stand behind a question for another name: the first owner
/// has those of its labels that the question lacks and a pointer to the others in the question, the
/// further records point at the first owner. For types whose rdata has no compressed names.
class OwnedRecords {
  public:
    /// Nothing may be asked of it.
    // NOLINTNEXTLINE(modernize-use-equals-default,*.UninitializedObject): unused is not touched
    OwnedRecords() noexcept {}

    /// `rrset` is one of `node`'s and not empty; `question` is in the node's zone, whose apex has
    /// `apex_labels`; `offset` is where in the message the first record will stand.
    OwnedRecords(const zone::Node& node,
                 const zone::StoredRRset& rrset,
                 const zone::NameKey& question,
                 std::size_t apex_labels,
                 std::size_t offset) noexcept;

    /// Under an owner that stands in the message already; `owner` points at it.
    OwnedRecords(const zone::StoredRRset& rrset, std::uint16_t owner) noexcept;

    [[nodiscard]] std::size_t octets() const noexcept { return octets_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

    /// Writes octets() octets to `at`, with this TTL in each record.
    void write(std::uint8_t* at, std::uint32_t ttl_s) const noexcept;

  private:
    void measure() noexcept;

    /// How the name of a record ends: in a pointer, or in the root.
    struct End {
        std::uint16_t pointer;  // as it goes on the wire; 0: the root

        [[nodiscard]] std::size_t octets() const noexcept { return pointer != 0 ? 2 : 1; }
        std::uint8_t* write(std::uint8_t* at) const noexcept;
    };

    [[nodiscard]] bool repeats_labels() const noexcept { return next_end_.pointer == end_.pointer; }

    zone::StoredRRset rrset_;
    base::Octets labels_;  // of the owner, that the question lacks
    End end_;              // of the first owner, behind the labels
    End next_end_;         // of the others; end_ again: behind the labels again
    std::size_t count_;
    std::size_t octets_;
};

}  // namespace understudy::answer
