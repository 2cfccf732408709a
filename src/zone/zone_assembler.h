#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "zone/draft_nodes.h"
#include "zone/record_runs.h"
#include "zone/rrset_encoder.h"

namespace understudy::zone {

/// Makes a zone's first version of drafted names: their nodes, and what the zone as a whole knows.
class ZoneAssembler {
  public:
    ZoneAssembler(RecordRuns& records, DraftNodes& nodes);
    ~ZoneAssembler();
    ZoneAssembler(const ZoneAssembler&) = delete;
    ZoneAssembler& operator=(const ZoneAssembler&) = delete;

    [[nodiscard]] base::Expected<std::unique_ptr<const Zone>> assemble();

  private:
    [[nodiscard]] base::Expected<void> assemble_apex();
    void append(const DraftNode& node, std::vector<std::uint8_t>& into);
    void fail(std::string fault);
    [[nodiscard]] wire::NameView name_of(const DraftNode& node);
    [[nodiscard]] std::vector<Glue> glue_below(wire::NameView cut,
                                               std::span<const RecordRef> ns,
                                               bool& may_have_siblings);
    void count(const DraftNode& node, bool interrupts);

    RecordRuns& records_;
    DraftNodes& nodes_;
    RRsetEncoder encoder_;
    std::unique_ptr<Zone> zone_;
    std::vector<std::uint8_t> rrsets_;  // of the node at hand
    wire::NameBuffer name_;             // likewise
    std::string fault_;                 // the first
};

}  // namespace understudy::zone
