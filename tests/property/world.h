#pragma once

#include <understudy/answer/answer.h>
#include <understudy/zone/snapshot.h>
#include <memory>
#include <string>

#include "model/zone.h"
#include "property/comparable.h"
#include "support/octets.h"

namespace understudy::property {

struct Question {
    support::Bytes name;
    wire::Type type = 0;
    bool dnssec_ok = false;
};

/// The server with one zone, beside the model with the same.
class World {
  public:
    /// `zone` has to stay.
    explicit World(const model::Zone& zone);

    /// Asks both over a stream, and for types other than ANY the server over UDP as well, with
    /// `payload_octets`: the former must be equal, the latter fit to them. The test fails where
    /// they do not, with a text that repeats it all.
    [[nodiscard]] bool agrees(const Question& question, std::uint16_t payload_octets);

    /// Asks both over a stream: but for the proofs in the authority section, which a broken chain
    /// may lack, the answers must be equal.
    [[nodiscard]] bool agrees_but_for_proofs(const Question& question);

    /// How many signed denials, wildcards and so on the answers had, for tests that want to have
    /// seen them: the records of NSEC and NSEC3 in authority sections.
    [[nodiscard]] std::size_t proofs_seen() const { return proofs_seen_; }

  private:
    World(const model::Zone& zone, const std::shared_ptr<const zone::Zone>& built);

    void expect_same_of_general_path(const support::Bytes& query, const answer::Request& answered);

    [[nodiscard]] Comparable expected(const Question& question) const;
    [[nodiscard]] std::string failure(const Question& question,
                                      const Comparable& whole,
                                      const Comparable& expected) const;
    Comparable ask(const Question& question,
                   answer::Transport transport,
                   std::uint16_t payload_octets);

    const model::Zone& zone_;
    zone::Snapshot snapshot_;
    zone::Snapshot from_image_;  // the same zone
    answer::Context context_;
    support::Bytes source_ = {192, 0, 2, 1};
    support::Bytes buffer_ = support::Bytes(65535);
    support::Bytes general_buffer_ = support::Bytes(65535);
    std::size_t proofs_seen_ = 0;
};

}  // namespace understudy::property
