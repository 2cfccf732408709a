#include "zone/node_writer.h"

#include <algorithm>
#include <utility>

#include "zone/relative_name.h"

namespace understudy::zone {
namespace {

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

std::uint8_t flags_of(std::span<const RecordRef> records, bool is_apex) noexcept {
    const bool is_cut = !is_apex && !records_of(records, wire::type::kNs).empty();
    const bool has_dname = !records_of(records, wire::type::kDname).empty();
    return static_cast<std::uint8_t>((is_cut ? StoredNode::kCut : 0) |
                                     (has_dname ? StoredNode::kDname : 0));
}

void NodeWriter::fail(std::string fault) {
    if (fault_.empty()) {
        fault_ = std::move(fault);
    }
}

wire::NameView NodeWriter::name_of(const NodeDraft& draft) {
    name_ =
        whole_name(draft.owner, draft.own_apex.empty() ? zone_.apex().octets() : draft.own_apex);
    return name_.view();
}

RRsetEncoder::Cut NodeWriter::cut_at(wire::NameView name, std::span<const RecordRef> ns) {
    RRsetEncoder::Cut cut;
    for (const RecordRef& record : ns) {
        const wire::NameView host(record.rdata);
        if (!host.is_at_or_below(zone_.apex())) {
            continue;
        }
        if (!host.is_at_or_below(name)) {
            cut.may_have_siblings = true;
            continue;
        }
        Glue glue{host, {}};
        if (find_addresses_(host, glue.records)) {
            cut.glue.push_back(std::move(glue));
        }
    }
    return cut;
}

void NodeWriter::append(const NodeDraft& draft, std::vector<std::uint8_t>& into) {
    const wire::NameView name = name_of(draft);
    const bool is_apex = draft.owner.empty();
    if (const char* fault = fault_of(draft.records, is_apex); fault != nullptr) {
        fail(fault + name.to_text());
    }
    const unsigned flags = flags_of(draft.records, is_apex) |
                           (draft.has_wildcard_child ? unsigned{StoredNode::kWildcardChild} : 0U);
    RRsetEncoder::Cut cut;
    const bool is_cut = (flags & StoredNode::kCut) != 0;
    if (is_cut) {
        cut = cut_at(name, records_of(draft.records, wire::type::kNs));
    }
    rrsets_.clear();
    if (auto good = encoder_.encode(name, draft.records, is_cut ? &cut : nullptr, rrsets_); !good) {
        fail(good.error().message);
        rrsets_.assign(1, 0);
    }
    append_node({.flags = static_cast<std::uint8_t>(flags),
                 .owner = draft.owner,
                 .own_apex = draft.own_apex,
                 .hash = draft.hash,
                 .children = draft.children,
                 .rrsets = rrsets_},
                is_apex,
                birth_,
                into);
}

base::Expected<void> NodeWriter::write_apex(const NodeDraft& apex) {
    const auto soa = records_of(apex.records, wire::type::kSoa);
    if (soa.size() != 1) {
        return base::fail("the apex has " + std::to_string(soa.size()) +
                          " SOA records instead of one");
    }
    if (records_of(apex.records, wire::type::kNs).empty()) {
        return base::fail("the apex has no NS record");
    }
    std::vector<std::uint8_t> octets;
    append(apex, octets);
    if (!fault_.empty()) {
        return base::fail(fault_);
    }
    zone_.apex_node_ = make_block(octets, birth_);
    take_authority(apex.records);
    return {};
}

void NodeWriter::take_authority(std::span<const RecordRef> records) {
    const auto soa = records_of(records, wire::type::kSoa);
    zone_.soa_ = wire::Soa::from_rdata(soa.front().rdata);
    zone_.negative_ttl_s_ = std::min(soa.front().ttl_s, zone_.soa_.minimum_s);
    const RecordRef* const end = records.data() + records.size();
    const auto* const last = std::find_if(soa.data(), end, [](const RecordRef& record) {
        return record.covered != wire::type::kSoa;
    });
    zone_.negative_body_.clear();
    encoder_.encode_negative(
        zone_.apex(), {soa.data(), last}, zone_.negative_ttl_s_, zone_.negative_body_);
}

}  // namespace understudy::zone
