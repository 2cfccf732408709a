#pragma once

#include <understudy/base/expected.h>
#include <understudy/zone/zone.h>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "zone/draft_nodes.h"
#include "zone/node_writer.h"
#include "zone/record_parts.h"

namespace understudy::zone {

/// Makes a zone's first version of drafted names: their nodes, and what the zone as a whole knows.
class ZoneAssembler {
  public:
    ZoneAssembler(const RecordParts& records, DraftNodes& nodes);
    ~ZoneAssembler();
    ZoneAssembler(const ZoneAssembler&) = delete;
    ZoneAssembler& operator=(const ZoneAssembler&) = delete;

    [[nodiscard]] base::Expected<std::unique_ptr<const Zone>> assemble();

  private:
    /// What the writer needs of a name; counts it.
    [[nodiscard]] NodeDraft draft(const DraftNode& node, std::span<const RecordRef> records);
    [[nodiscard]] bool find_addresses(wire::NameView host, std::vector<RecordRef>& into);
    [[nodiscard]] std::optional<Node> find_built(base::Octets owner, std::uint64_t hash) const;
    [[nodiscard]] NameTable make_table();

    const RecordParts& records_;
    DraftNodes& nodes_;
    std::unique_ptr<Zone> zone_;
    NodeWriter writer_;
    std::vector<BlockRef> built_;  // of the parts whose pages are written and records gone
};

}  // namespace understudy::zone
