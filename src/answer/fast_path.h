#pragma once

#include <understudy/answer/answer.h>
#include <understudy/zone/lookup.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/node_search.h>
#include <understudy/zone/snapshot.h>
#include <understudy/zone/zone.h>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "answer/reply.h"
#include "answer/staged_proof.h"

namespace understudy::answer {

/// Answers the queries that need no more than the stored bodies of one node and, in a signed zone,
/// a proof of the usual shapes: a positive answer, an alias that leads out of the zone, a referral,
/// NODATA and NXDOMAIN without a wildcard. It works in stages over a batch,
/// so that the cache lines which one query waits for arrive while the others take their turn. What
/// it gives is octet for octet what the general path would.
class FastPath {
  public:
    /// Fewer do not hide a miss: 16 cost a seventh more at a million names.
    static constexpr std::size_t kBatch = 32;

    /// Both outlive it.
    FastPath(const zone::Snapshot& snapshot, const Context& context) noexcept;

    /// Answers those of up to kBatch requests that it can. The others, whose bits are set in the
    /// result, are untouched. REQUIRES: at least one.
    [[nodiscard]] std::uint32_t answer(std::span<Request> requests) noexcept;

  private:
    /// A query between the stages: each sets what the next ones need, and nothing is set before.
    struct Flight {
        Request* request;
        const zone::Zone* zone;
        std::uint32_t index;  // in the batch
        wire::Type type;
        std::uint16_t question_end;
        std::size_t limit_octets;  // of the response without its OPT
        bool has_edns;
        bool dnssec_ok;
        bool has_proof;
        std::uint8_t host_count;   // name servers beside the cut
        std::uint16_t first_host;  // of them
        zone::NameKey name;
        zone::ZoneSearch search;
        zone::Lookup lookup;

        /// Whether its match is a cut that it is below, or at for a type that is the child's: DS is
        /// the parent's (RFC 4035 §3.1.4.1).
        [[nodiscard]] bool is_referred() const noexcept {
            const zone::Match match = lookup.match();
            return match.kind == zone::Match::Kind::kCut &&
                   (type != wire::type::kDs || match.labels != name.label_count());
        }

        /// Behind the question, the OPT aside.
        [[nodiscard]] bool has_room_for(std::size_t octets) const noexcept {
            return question_end + octets <= limit_octets;
        }
    };
    /// What has become of a flight.
    enum class Outcome : std::uint8_t {
        kAnswered,
        kLeft,      // to the general path
        kSearches,  // answered once what it searches for has arrived
    };
    [[nodiscard]] static Outcome answered(bool is_whole) noexcept;

    /// A name server that is in the zone but not below the cut.
    struct Host {
        std::uint16_t owner;  // a pointer to its name in the response
        zone::NodeSearch search;
    };
    /// Of all flights together.
    static constexpr std::size_t kMaxHosts = 4 * kBatch;

    class Flights;
    class OwnedSection;

    [[nodiscard]] bool take(Request& request, Flight& flight) const noexcept;
    [[nodiscard]] bool take_edns(base::Octets message, Flight& flight) const noexcept;
    static void find_pages(const Flights& flights) noexcept;
    static void look_up(Flights flights) noexcept;
    [[nodiscard]] Outcome conclude(Flight& flight) noexcept;
    [[nodiscard]] Outcome refer_or_deny(Flight& flight) noexcept;
    [[nodiscard]] bool answer_positively(const Flight& flight,
                                         const zone::StoredRRset& rrset) const noexcept;
    [[nodiscard]] bool refer(const Flight& flight, const StagedProof::Nodes& proof) const noexcept;
    [[nodiscard]] bool deny(const Flight& flight, const StagedProof::Nodes& proof) const noexcept;
    // What most batches have no use for is not inlined: it would take their registers.
    [[gnu::noinline, nodiscard]] bool start_proof(const Flight& flight,
                                                  const zone::Match& match) noexcept;
    [[gnu::noinline, nodiscard]] bool start_hosts(Flight& flight, const zone::Match& cut) noexcept;
    [[gnu::noinline]] void add_hosts(const Flight& flight,
                                     std::size_t octets,
                                     Reply& reply) const noexcept;
    [[gnu::noinline, nodiscard]] std::uint32_t search(const Flights& flights) noexcept;
    [[nodiscard]] bool may_add_hosts(const Flight& flight) const noexcept;
    [[nodiscard]] std::span<const Host> hosts_of(const Flight& flight) const noexcept {
        return std::span(hosts_).subspan(flight.first_host, flight.host_count);
    }
    void finish(const Flight& flight,
                Reply& reply,
                wire::Rcode rcode,
                stats::Verdict verdict) const noexcept;

    const zone::Snapshot& snapshot_;
    const std::size_t own_payload_octets_;
    OptRecord opt_;
    std::array<Flight, kBatch> flights_;
    std::array<StagedProof, kBatch> proofs_;
    std::size_t host_count_;  // of the batch
    std::array<Host, kMaxHosts> hosts_;
};

}  // namespace understudy::answer
