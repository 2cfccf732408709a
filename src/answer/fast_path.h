#pragma once

#include <understudy/answer/answer.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/snapshot.h>
#include <understudy/zone/zone.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace understudy::answer {

/// Answers the queries that need no more than the stored bodies of one node: a positive answer, a
/// referral without sibling glue, NODATA and NXDOMAIN where nothing has to be proved. It works in
/// stages over a batch, so that the cache lines which one query waits for arrive while the others
/// take their turn. What it gives is octet for octet what the general path would.
class FastPath {
  public:
    /// More at once do not fit the first-level cache, fewer do not hide a miss.
    static constexpr std::size_t kBatch = 16;

    /// Both outlive it.
    FastPath(const zone::Snapshot& snapshot, const Context& context) noexcept
        : snapshot_(snapshot), context_(context) {}

    /// Answers those of up to kBatch requests that it can. The others, whose bits are set in the
    /// result, are untouched.
    [[nodiscard]] std::uint32_t answer(std::span<Request> requests) noexcept;

  private:
    /// A query between the stages: each sets what the next ones need, and nothing is set before.
    struct Flight {
        Request* request;
        const zone::Zone* zone;
        wire::Type type;
        std::uint16_t question_end;
        std::size_t limit_octets;
        bool has_edns;
        bool dnssec_ok;
        zone::NameKey name;
        zone::ZoneSearch search;
        zone::Lookup lookup;
    };
    class Reply;

    [[nodiscard]] bool take(Request& request, Flight& flight) const noexcept;
    [[nodiscard]] bool take_edns(base::Octets message, Flight& flight) const noexcept;
    [[nodiscard]] bool finish(Flight& flight) const noexcept;

    const zone::Snapshot& snapshot_;
    const Context& context_;
    std::array<Flight, kBatch> flights_;
};

}  // namespace understudy::answer
