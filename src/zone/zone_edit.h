#pragma once

#include <understudy/base/expected.h>
#include <understudy/zone/change.h>
#include <understudy/zone/zone.h>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "zone/lineage.h"
#include "zone/node_records.h"
#include "zone/node_writer.h"
#include "zone/record_runs.h"
#include "zone/table_edit.h"
#include "zone/touched_nodes.h"

namespace understudy::zone {

/// Makes the next version of a zone, in passes over the names that the change touches:
///
/// 1. records: each touched name's, checked against the base version;
/// 2. existence: who has records or children, from the deepest names up, with the counts of
///    children and the wildcard flags of those above;
/// 3. cuts: which names are cuts or have a DNAME, and how many at each depth;
/// 4. glue: the cuts above addresses that change, whose referrals are written anew;
/// 5. nodes: into the table, the faults of their records found on the way;
/// 6. apex: SOA, negative answers;
/// 7. denial links: the names that belong to the chain (denial_links.h).
class ZoneEdit {
  public:
    ZoneEdit(const Zone& base, const Change& change, Strictness strictness);
    /// What was made for a version that did not come to be is released.
    ~ZoneEdit();
    ZoneEdit(const ZoneEdit&) = delete;
    ZoneEdit& operator=(const ZoneEdit&) = delete;

    [[nodiscard]] base::Expected<std::unique_ptr<const Zone>> run();

  private:
    void copy_base();
    [[nodiscard]] base::Expected<void> change_records();
    [[nodiscard]] base::Expected<void> change_records_of(TouchedNode& node);
    void settle_existence();
    void count_cuts();
    void touch_referrals();
    void touch_cuts_above(const TouchedNode& node);
    void write_nodes();
    void write(const TouchedNode& node);
    [[nodiscard]] base::Expected<void> write_apex();
    void link_denial();
    void settle_open_depth();
    [[nodiscard]] std::unique_ptr<const Zone> finish();

    [[nodiscard]] NodeRecords records_before(const TouchedNode& node) const;
    /// Fails at the first step that cannot be taken.
    [[nodiscard]] base::Expected<void> take_steps(const TouchedNode& node,
                                                  NodeRecords& records) const;
    /// REQUIRES: its steps can be taken.
    [[nodiscard]] NodeRecords records_after(const TouchedNode& node) const;
    /// Its octets with the RRsets that it has.
    void append_rewritten(const TouchedNode& node, std::vector<std::uint8_t>& into) const;
    [[nodiscard]] bool find_addresses(wire::NameView host, std::vector<RecordRef>& into);

    const Zone& base_;
    Strictness strictness_;
    Version version_;
    std::vector<RecordRuns::Run> apex_runs_;
    std::vector<RecordRuns::Run> runs_;  // by hash
    TouchedNodes touched_;
    std::vector<Retired> retired_;
    NodeHasher hasher_;
    TableEdit table_;
    std::unique_ptr<Zone> next_;
    NodeWriter writer_;
    std::vector<std::uint8_t> octets_;  // of the node at hand
};

}  // namespace understudy::zone
