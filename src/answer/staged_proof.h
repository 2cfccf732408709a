#pragma once

#include <understudy/zone/denial_search.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>

#include "answer/node_set.h"

namespace understudy::answer {

/// What Proofs collects for one name, in the steps of a DenialSearch. It covers the shapes that
/// take one search beside what the zone keeps at hand; the others are left to Proofs.
class StagedProof {
  public:
    /// Records of a proof at the most.
    static constexpr std::size_t kMost = 3;
    using Nodes = NodeSet<kMost>;

    /// Nothing may be asked of it but to begin.
    // NOLINTNEXTLINE(modernize-use-equals-default,*.UninitializedObject): unused is not touched
    StagedProof() noexcept {}

    // As the functions of Proofs. False: it is left to them. REQUIRES: the zone has a chain; what
    // is passed outlives it.

    [[nodiscard]] bool name_error(const zone::Zone& zone,
                                  const zone::NameKey& name,
                                  std::size_t encloser) noexcept;
    [[nodiscard]] bool no_data(const zone::Zone& zone,
                               const zone::NameKey& name,
                               std::size_t labels,
                               const zone::Node& node) noexcept;

    /// Whose steps are to be taken before `collect`; null: none.
    [[nodiscard]] zone::DenialSearch* search() noexcept {
        return shape_ == Shape::kOwn ? nullptr : &search_;
    }

    /// The nodes whose NSEC or NSEC3 records are the proof, in the order of Proofs. False: it is
    /// left to Proofs.
    [[nodiscard]] bool collect(const zone::Node& own, Nodes& nodes) const noexcept;

  private:
    enum class Shape : std::uint8_t {
        kOwn,          // NSEC: the node's own record lacks the type
        kCover,        // NSEC: an empty non-terminal
        kNameError,    // NSEC: neither the name nor a wildcard
        kHashedError,  // NSEC3: the same
        kHashedData,   // NSEC3: the name lacks the type, or is a delegation that opts out
    };

    Shape shape_;
    bool is_below_apex_;  // by one label
    const zone::Zone* zone_;
    zone::DenialSearch search_;
};

}  // namespace understudy::answer
