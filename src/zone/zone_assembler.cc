#include "zone/zone_assembler.h"

#include <algorithm>
#include <utility>

#include "zone/lineage.h"
#include "zone/node_records.h"
#include "zone/order_tree_edit.h"
#include "zone/relative_name.h"
#include "zone/table_builder.h"
#include "zone/table_edit.h"

namespace understudy::zone {
ZoneAssembler::ZoneAssembler(const RecordParts& records, DraftNodes& nodes)
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
    const base::Octets owner = host.octets().first(host.size() - records_.apex().size());
    const std::uint64_t hash = hash_below(zone_->apex_hash_, owner, zone_->key_);
    if (records_.part_of(hash) < built_.size()) {
        const auto node = find_built(owner, hash);
        if (node) {
            append_addresses(NodeRecords(*node).normalised(), into);
        }
        return node.has_value();
    }
    const auto runs = nodes_.find(owner, hash);
    if (runs) {
        append_addresses(DraftNode{.runs = *runs}.records(), into);
    }
    return runs.has_value();
}

std::optional<Node> ZoneAssembler::find_built(base::Octets owner, std::uint64_t hash) const {
    const BlockRef page = NameTable::page(built_[records_.part_of(hash)], RecordParts::kBits, hash);
    const LoweredName lowered(owner);
    const std::uint8_t* const found =
        NameTable::find_in(page, hash, [name = lowered.view(), hash](const std::uint8_t* node) {
            return StoredNode(node).is(name, hash);
        });
    return found != nullptr ? std::optional(Node(*zone_, StoredNode(found))) : std::nullopt;
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

NameTable ZoneAssembler::make_table() {
    std::vector<std::uint64_t> hashes;
    std::span<const DraftNode> nodes;
    const auto load = [this, &nodes, &hashes](std::size_t part) {
        nodes = nodes_.load(part);
        hashes.resize(nodes.size());
        std::ranges::transform(nodes, hashes.begin(), &DraftNode::hash);
    };
    const auto encode = [this, &nodes](std::size_t index, std::vector<std::uint8_t>& octets) {
        const std::size_t ahead = std::min(index + RecordRuns::kAhead, nodes.size() - 1);
        __builtin_prefetch(nodes[ahead].owner.data());
        const std::vector<RecordRef> records = nodes[index].records();
        writer_.append(draft(nodes[index], records), octets);
    };
    if (records_.count() == 1) {
        load(0);
        return TableBuilder(hashes, kFirstVersion, encode).build();
    }
    for (std::size_t part = 0; part < records_.count(); ++part) {
        load(part);
        built_.push_back(TableBuilder(hashes, kFirstVersion, encode)
                             .make(RecordParts::kBits, RecordParts::kBits));
        nodes_.release(part);
    }
    return TableBuilder::join(built_, kFirstVersion);
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
    zone_->table_ = make_table();
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
