#include "zone/zone_assembler.h"

#include <algorithm>
#include <utility>

#include "zone/lineage.h"
#include "zone/order_tree_edit.h"
#include "zone/table_builder.h"
#include "zone/table_edit.h"

namespace understudy::zone {
ZoneAssembler::ZoneAssembler(RecordRuns& records, DraftNodes& nodes)
    : records_(records),
      nodes_(nodes),
      zone_(new Zone),
      writer_(*zone_, kFirstVersion, [this](wire::NameView host, std::vector<RecordRef>& into) {
          return find_addresses(host, into);
      }) {}

/// What was made for a zone that did not come to be.
ZoneAssembler::~ZoneAssembler() {
    if (!zone_) {
        return;
    }
    release_table(zone_->table_, 0);
    release_order_tree(zone_->chain_.order, 0);
    if (!zone_->apex_node_.is_null()) {
        BlockStore::process().release(zone_->apex_node_, BlockHeader::of(zone_->apex_node_).octets);
    }
}

bool ZoneAssembler::find_addresses(wire::NameView host, std::vector<RecordRef>& into) {
    const DraftNode* node = nodes_.find(host);
    if (node == nullptr) {
        return false;
    }
    append_addresses(node->records(), into);
    return true;
}

NodeDraft ZoneAssembler::draft(const DraftNode& node, std::span<const RecordRef> records) {
    zone_->record_count_ += records.size();
    zone_->count_node(depth_of(node.owner), interrupts(flags_of(records, node.owner.empty())), 1);
    return {.owner = node.owner,
            .own_apex = node.own_apex(),
            .hash = node.hash,
            .children = node.children,
            .has_wildcard_child = node.has_wildcard_child,
            .records = records};
}

base::Expected<std::unique_ptr<const Zone>> ZoneAssembler::assemble() {
    zone_->key_ = records_.hash_key();
    zone_->apex_ = wire::Name(records_.apex());
    zone_->apex_labels_ = records_.apex().label_count();
    zone_->apex_hash_ = records_.apex_hash();
    const std::vector<RecordRef> of_apex = nodes_.apex().records();
    if (auto good = writer_.write_apex(draft(nodes_.apex(), of_apex)); !good) {
        return base::fail(good.error().message);
    }
    const std::span<const DraftNode> nodes = nodes_.below_apex();
    std::vector<std::uint64_t> hashes(nodes.size());
    std::ranges::transform(nodes, hashes.begin(), &DraftNode::hash);
    TableBuilder table(
        hashes, kFirstVersion, [this, nodes](std::size_t index, std::vector<std::uint8_t>& octets) {
            const std::size_t ahead = std::min(index + RecordRuns::kAhead, nodes.size() - 1);
            __builtin_prefetch(nodes[ahead].owner.data());
            const std::vector<RecordRef> records = nodes[index].records();
            writer_.append(draft(nodes[index], records), octets);
        });
    zone_->table_ = table.build();
    if (!writer_.fault().empty()) {
        return base::fail(writer_.fault());
    }
    zone_->settle_depths();
    zone_->chain_ = zone_->choose_chain();
    zone_->order_chain(kFirstVersion);
    zone_->find_apex_proofs();
    zone_->find_open_depth();
    zone_->lineage_ = std::make_shared<Lineage>();
    zone_->version_ = kFirstVersion;
    zone_->lineage_->commit(kFirstVersion, {});
    return std::unique_ptr<const Zone>(zone_.release());
}

}  // namespace understudy::zone
