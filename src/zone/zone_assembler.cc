#include "zone/zone_assembler.h"

#include <algorithm>
#include <array>
#include <utility>

#include "zone/lineage.h"
#include "zone/order_tree_edit.h"
#include "zone/table_builder.h"
#include "zone/table_edit.h"

namespace understudy::zone {
namespace {

constexpr Version kFirstVersion = 1;

bool may_stand_beside_cname(const RecordRef& record) noexcept {
    return record.type == wire::type::kCname || record.type == wire::type::kRrsig ||
           record.type == wire::type::kNsec;
}

/// What is wrong with a node's records: RFC 1034 §3.6.2, RFC 6672 §2.4.
const char* fault_of(std::span<const RecordRef> records, bool is_apex) noexcept {
    const std::size_t cnames = records_of(records, wire::type::kCname).size();
    if (cnames > 1) {
        return "more than one CNAME at ";
    }
    if (records_of(records, wire::type::kDname).size() > 1) {
        return "more than one DNAME at ";
    }
    if (cnames == 1 && !std::ranges::all_of(records, may_stand_beside_cname)) {
        return "a CNAME beside other records at ";
    }
    if (!is_apex && !records_of(records, wire::type::kSoa).empty()) {
        return "an SOA below the apex at ";
    }
    return nullptr;
}

}  // namespace

ZoneAssembler::ZoneAssembler(RecordRuns& records, DraftNodes& nodes)
    : records_(records), nodes_(nodes), zone_(new Zone) {}

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

void ZoneAssembler::fail(std::string fault) {
    if (fault_.empty()) {
        fault_ = std::move(fault);
    }
}

wire::NameView ZoneAssembler::name_of(const DraftNode& node) {
    std::array<std::uint8_t, wire::kMaxNameOctets> octets;
    const base::Octets apex = node.own_apex().empty() ? records_.apex().octets() : node.own_apex();
    std::ranges::copy(node.owner, octets.begin());
    std::ranges::copy(apex, &octets[node.owner.size()]);
    name_.assign(wire::NameView(base::Octets(octets).first(node.owner.size() + apex.size())));
    return name_.view();
}

std::vector<Glue> ZoneAssembler::glue_below(wire::NameView cut,
                                            std::span<const RecordRef> ns,
                                            bool& may_have_siblings) {
    std::vector<Glue> glue;
    for (const RecordRef& record : ns) {
        const wire::NameView host(record.rdata);
        if (!host.is_at_or_below(records_.apex())) {
            continue;
        }
        if (!host.is_at_or_below(cut)) {
            may_have_siblings = true;
            continue;
        }
        if (const DraftNode* node = nodes_.find(host); node != nullptr) {
            const std::vector<RecordRef> records = node->records();
            Glue& of_host = glue.emplace_back(Glue{host, {}});
            for (const wire::Type type : {wire::type::kA, wire::type::kAaaa}) {
                const auto addresses = records_of(records, type);
                of_host.records.insert(of_host.records.end(), addresses.begin(), addresses.end());
            }
        }
    }
    return glue;
}

void ZoneAssembler::count(const DraftNode& node, bool interrupts) {
    const std::size_t depth = node.depth();
    if (zone_->nodes_by_depth_.size() <= depth) {
        zone_->nodes_by_depth_.resize(depth + 1);
        zone_->interrupts_by_depth_.resize(depth + 1);
    }
    ++zone_->nodes_by_depth_[depth];
    zone_->interrupts_by_depth_[depth] += interrupts ? 1U : 0U;
}

void ZoneAssembler::append(const DraftNode& node, std::vector<std::uint8_t>& into) {
    const wire::NameView name = name_of(node);
    const std::vector<RecordRef> records = node.records();
    const bool is_apex = node.owner.empty();
    if (const char* fault = fault_of(records, is_apex); fault != nullptr) {
        fail(fault + name.to_text());
    }
    const auto ns = records_of(records, wire::type::kNs);
    const bool is_cut = !is_apex && !ns.empty();
    const bool has_dname = !records_of(records, wire::type::kDname).empty();
    RRsetEncoder::Cut cut;
    if (is_cut) {
        cut.glue = glue_below(name, ns, cut.may_have_siblings);
    }
    rrsets_.clear();
    if (auto good = encoder_.encode(name, records, is_cut ? &cut : nullptr, rrsets_); !good) {
        fail(good.error().message);
        rrsets_.assign(1, 0);
    }
    const unsigned flags = (is_cut ? unsigned{StoredNode::kCut} : 0U) |
                           (has_dname ? unsigned{StoredNode::kDname} : 0U) |
                           (node.has_wildcard_child ? unsigned{StoredNode::kWildcardChild} : 0U);
    append_node({.flags = static_cast<std::uint8_t>(flags),
                 .owner = node.owner,
                 .own_apex = node.own_apex(),
                 .hash = node.hash,
                 .children = node.children,
                 .rrsets = rrsets_},
                is_apex,
                kFirstVersion,
                into);
    zone_->record_count_ += records.size();
    count(node, is_cut || has_dname);
}

base::Expected<void> ZoneAssembler::assemble_apex() {
    const std::vector<RecordRef> records = nodes_.apex().records();
    const auto soa = records_of(records, wire::type::kSoa);
    if (soa.size() != 1) {
        return base::fail("the apex has " + std::to_string(soa.size()) +
                          " SOA records instead of one");
    }
    if (records_of(records, wire::type::kNs).empty()) {
        return base::fail("the apex has no NS record");
    }
    std::vector<std::uint8_t> octets;
    append(nodes_.apex(), octets);
    zone_->apex_node_ = make_block(octets, kFirstVersion);
    zone_->soa_ = wire::Soa::from_rdata(soa.front().rdata);
    zone_->negative_ttl_s_ = std::min(soa.front().ttl_s, zone_->soa_.minimum_s);
    const auto last =
        std::ranges::find_if(soa.data(), &*records.end(), [](const RecordRef& record) {
            return record.covered != wire::type::kSoa;
        });
    encoder_.encode_negative(
        records_.apex(), {soa.data(), last}, zone_->negative_ttl_s_, zone_->negative_body_);
    return {};
}

base::Expected<std::unique_ptr<const Zone>> ZoneAssembler::assemble() {
    zone_->key_ = records_.hash_key();
    zone_->apex_ = wire::Name(records_.apex());
    zone_->apex_labels_ = records_.apex().label_count();
    zone_->apex_hash_ = records_.apex_hash();
    if (auto good = assemble_apex(); !good) {
        return base::fail(good.error().message);
    }
    const std::span<const DraftNode> nodes = nodes_.below_apex();
    zone_->node_count_ = nodes.size() + 1;
    std::vector<std::uint64_t> hashes(nodes.size());
    std::ranges::transform(nodes, hashes.begin(), &DraftNode::hash);
    TableBuilder table(
        hashes, kFirstVersion, [this, nodes](std::size_t index, std::vector<std::uint8_t>& octets) {
            const std::size_t ahead = std::min(index + RecordRuns::kAhead, nodes.size() - 1);
            __builtin_prefetch(nodes[ahead].owner.data());
            append(nodes[index], octets);
        });
    zone_->table_ = table.build();
    if (!fault_.empty()) {
        return base::fail(std::move(fault_));
    }
    for (std::size_t depth = 1; depth < zone_->interrupts_by_depth_.size(); ++depth) {
        if (zone_->interrupts_by_depth_[depth] != 0) {
            zone_->interrupt_depths_.push_back(static_cast<std::uint8_t>(depth));
        }
    }
    zone_->chain_ = zone_->choose_chain();
    zone_->order_chain(kFirstVersion);
    zone_->lineage_ = std::make_shared<Lineage>();
    zone_->version_ = kFirstVersion;
    zone_->lineage_->commit(kFirstVersion, {});
    return std::unique_ptr<const Zone>(zone_.release());
}

}  // namespace understudy::zone
