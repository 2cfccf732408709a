#pragma once

#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "answer/node_set.h"
#include "answer/response.h"

namespace understudy::answer {

/// The type of a chain's records. REQUIRES: there is one.
[[nodiscard]] inline wire::Type denial_type(zone::Denial chain) noexcept {
    return chain == zone::Denial::kNsec ? wire::type::kNsec : wire::type::kNsec3;
}

/// The TTL of an NSEC or NSEC3 in an answer: no longer than a negative answer's SOA (RFC 9077 §3).
[[nodiscard]] inline std::uint32_t proof_ttl_s(const zone::Zone& zone,
                                               const zone::StoredRRset& rrset) noexcept {
    return std::min(rrset.ttl_s(), zone.negative_ttl_s());
}

/// The NSEC or NSEC3 records that prove what one response denies: collected name by name while the
/// answer section grows, written into the authority section at its end, each once.
///
/// A proof that a broken chain lacks is left out.
class Proofs {
  public:
    /// Records that an alias needs at the most, if a wildcard made it; and the name at a chain's
    /// end.
    static constexpr std::size_t kMostForAlias = 1;
    static constexpr std::size_t kMostForEnd = 3;

    /// Room for a whole chain; resolve.cc holds its length to it.
    static constexpr std::size_t kMost = 24;

    /// `wanted`: whether the client asked for them; else nothing is collected.
    Proofs(const zone::Zone& zone, bool wanted) noexcept
        : zone_(zone), chain_(wanted ? zone.denial() : zone::Denial::kNone) {}

    /// Neither the name exists nor a wildcard at its closest encloser, which has `encloser` labels
    /// (RFC 4035 §3.1.3.2, RFC 5155 §7.2.2).
    void name_error(const zone::NameKey& name, std::size_t encloser) noexcept;

    /// The suffix of `labels` labels is `node`'s name, which lacks the type (RFC 4035 §3.1.3.1, RFC
    /// 5155 §7.2.3); or it is a cut without DS (RFC 4035 §3.1.4, RFC 5155 §7.2.4, §7.2.7).
    void no_data(const zone::NameKey& name, std::size_t labels, const zone::Node& node) noexcept;

    /// The name does not exist, so that the wildcard at the closest encloser answers for it (RFC
    /// 4035 §3.1.3.3, RFC 5155 §7.2.6).
    void wildcard_answer(const zone::NameKey& name, std::size_t encloser) noexcept;

    /// The same, and `wildcard` lacks the type (RFC 4035 §3.1.3.4, RFC 5155 §7.2.5).
    void wildcard_no_data(const zone::NameKey& name,
                          std::size_t encloser,
                          const zone::Node& wildcard) noexcept;

    /// Adds what was collected, signed. `question`: the question's name. False where it does not
    /// all fit.
    [[nodiscard]] bool write(const zone::NameKey& question, Response& response) const noexcept;

  private:
    [[nodiscard]] bool match(wire::NameView name) noexcept;
    void cover(wire::NameView name) noexcept;
    [[nodiscard]] std::optional<std::size_t> closest_encloser(const zone::NameKey& name,
                                                              std::size_t most_labels) noexcept;
    void nsec_no_data(wire::NameView name, const zone::Node& node) noexcept;

    const zone::Zone& zone_;
    zone::Denial chain_;
    NodeSet<kMost> nodes_;
};

/// Whether a name of the zone stands for a hash only, and so counts as one that does not exist (RFC
/// 5155 §7.2.8): it holds NSEC3 records, none of another type, and nothing stands below it.
[[nodiscard]] bool is_only_nsec3_owner(const zone::Zone& zone,
                                       const zone::NameKey& name,
                                       const zone::Match& match) noexcept;

}  // namespace understudy::answer
