#include <understudy/base/check.h>
#include <understudy/wire/rdata.h>
#include <understudy/zone/builder.h>
#include <algorithm>
#include <limits>
#include <string>

namespace understudy::zone {
namespace {

constexpr std::size_t kFirstSlots = 16;
constexpr std::size_t kMaxRRsetRecords = std::numeric_limits<std::uint16_t>::max();

bool is_meta(wire::Type type) noexcept {
    return type == 0 || type == wire::type::kOpt ||
           (type >= wire::type::kFirstMeta && type <= wire::type::kLastMeta);
}

bool may_stand_beside_cname(wire::Type type) noexcept {
    return type == wire::type::kCname || type == wire::type::kRrsig || type == wire::type::kNsec;
}

base::Expected<void> check_aliases(const Node& node) {
    const auto cname = node.find(wire::type::kCname);
    const auto dname = node.find(wire::type::kDname);
    if (cname && cname->count() > 1) {
        return base::fail("more than one CNAME at " + node.owner().to_text());
    }
    if (dname && dname->count() > 1) {
        return base::fail("more than one DNAME at " + node.owner().to_text());
    }
    for (std::size_t i = 0; cname && i < node.rrset_count(); ++i) {
        if (!may_stand_beside_cname(node.rrset(i).type())) {
            return base::fail("a CNAME beside other records at " + node.owner().to_text());
        }
    }
    return {};
}

std::string too_many_octets(std::size_t most) {
    return "more than " + std::to_string(most) + " octets of names and rdata";
}

}  // namespace

Builder::Builder(wire::NameView apex, const HashKey& key, std::size_t most_octets)
    : zone_(new Zone), most_octets_(most_octets), last_owner_(apex) {
    UNDERSTUDY_CHECK(most_octets <= kMaxZoneOctets);
    zone_->key_ = key;
    zone_->slots_.resize(kFirstSlots);
    const NameKey apex_key(apex, key);
    zone_->apex_labels_ = apex_key.label_count();
    UNDERSTUDY_CHECK(node_of(apex_key, apex, apex_key.label_count()) == 0);
}

void Builder::grow_table() {
    const std::size_t mask = zone_->slots_.size() * 2 - 1;
    std::vector<Zone::Slot> slots(mask + 1);
    for (std::uint32_t node = 0; node < zone_->nodes_.size(); ++node) {
        const NameKey key(zone_->node(node).owner(), zone_->key_);
        const std::uint64_t hash = key.hash(key.label_count());
        std::size_t i = hash & mask;
        while (slots[i].node != 0) {
            i = (i + 1) & mask;
        }
        slots[i] = {static_cast<std::uint32_t>(hash >> 32U), node + 1};
    }
    zone_->slots_ = std::move(slots);
}

std::uint32_t Builder::node_of(const NameKey& name, wire::NameView owner, std::size_t labels) {
    if (const auto found = zone_->find(name, labels)) {
        return found->index_;
    }
    if ((zone_->nodes_.size() + 1) * 2 > zone_->slots_.size()) {
        grow_table();
    }
    const auto index = static_cast<std::uint32_t>(zone_->nodes_.size());
    zone_->nodes_.push_back({.owner_offset = static_cast<std::uint32_t>(zone_->octets_.size())});
    zone_->octets_.insert(zone_->octets_.end(), owner.octets().begin(), owner.octets().end());
    first_record_.push_back(0);
    const std::uint64_t hash = name.hash(labels);
    const std::size_t mask = zone_->slots_.size() - 1;
    std::size_t i = hash & mask;
    while (zone_->slots_[i].node != 0) {
        i = (i + 1) & mask;
    }
    zone_->slots_[i] = {static_cast<std::uint32_t>(hash >> 32U), index + 1};
    return index;
}

base::Expected<void> Builder::add(wire::NameView owner,
                                  wire::Type type,
                                  std::uint32_t ttl_s,
                                  base::Octets rdata) {
    if (is_meta(type)) {
        return base::fail("a record of the meta type " + std::to_string(type) + " at " +
                          owner.to_text());
    }
    if (!wire::is_valid_rdata(type, rdata)) {
        return base::fail("malformed rdata of type " + std::to_string(type) + " at " +
                          owner.to_text());
    }
    if (zone_->octets_.size() + owner.size() + 2 + rdata.size() > most_octets_) {
        return base::fail(too_many_octets(most_octets_));
    }
    if (!std::ranges::equal(owner.octets(), last_owner_.view().octets())) {
        if (!owner.is_at_or_below(zone_->apex())) {
            return base::fail(owner.to_text() + " is not in the zone");
        }
        const NameKey key(owner, zone_->key_);
        last_node_ = node_of(key, owner, key.label_count());
        last_owner_ = wire::Name(owner);
        if (last_node_ == 0 && first_record_[0] == 0) {
            // Until now the apex was written as it is configured.
            std::ranges::copy(owner.octets(), zone_->octets_.begin());
        }
    }
    records_.push_back({.next = first_record_[last_node_],
                        .ttl_s = ttl_s <= kMaxTtl ? ttl_s : 0,
                        .rdata_offset = static_cast<std::uint32_t>(zone_->octets_.size()),
                        .type = type});
    first_record_[last_node_] = static_cast<std::uint32_t>(records_.size());
    std::array<std::uint8_t, 2> length;
    base::store_be16(length.data(), static_cast<std::uint16_t>(rdata.size()));
    zone_->octets_.insert(zone_->octets_.end(), length.begin(), length.end());
    zone_->octets_.insert(zone_->octets_.end(), rdata.begin(), rdata.end());
    return {};
}

base::Expected<void> Builder::add_empty_non_terminals() {
    // Nodes that are added on the way come at the end and get their parents in turn.
    for (std::uint32_t node = 1; node < zone_->nodes_.size(); ++node) {
        const wire::Name owner(zone_->node(node).owner());  // the octets may move below
        const wire::NameView parent = owner.view().parent();
        const NameKey key(parent, zone_->key_);
        const std::uint32_t above = node_of(key, parent, key.label_count());
        if (owner.view().is_wildcard()) {
            zone_->nodes_[above].has_wildcard_child = true;
        }
        if (zone_->octets_.size() > most_octets_) {
            return base::fail(too_many_octets(most_octets_));
        }
    }
    return {};
}

bool Builder::collect_node(Zone::NodeEntry& entry,
                           std::uint32_t first_record,
                           std::vector<std::uint8_t>& into) {
    const auto rdata_of = [this](const Record& record) {
        const std::uint8_t* at = &zone_->octets_[record.rdata_offset];
        return base::Octets(at, 2U + base::load_be16(at));
    };
    std::vector<Record> records;
    for (std::uint32_t at = first_record; at != 0; at = records_[at - 1].next) {
        records.push_back(records_[at - 1]);
    }
    std::ranges::sort(records, [&rdata_of](const Record& left, const Record& right) {
        if (left.type != right.type) {
            return left.type < right.type;
        }
        return std::ranges::lexicographical_compare(rdata_of(left).subspan(2),
                                                    rdata_of(right).subspan(2));
    });
    entry.first_rrset = static_cast<std::uint32_t>(zone_->rrsets_.size());
    base::Octets previous;
    for (const Record& record : records) {
        const base::Octets rdata = rdata_of(record);
        if (entry.rrset_count == 0 || zone_->rrsets_.back().type != record.type) {
            zone_->rrsets_.push_back({.rdata_offset = static_cast<std::uint32_t>(into.size()),
                                      .ttl_s = record.ttl_s,
                                      .type = record.type});
            ++entry.rrset_count;
            previous = {};
        }
        Zone::RRsetEntry& rrset = zone_->rrsets_.back();
        rrset.ttl_s = std::min(rrset.ttl_s, record.ttl_s);
        if (std::ranges::equal(previous, rdata)) {
            continue;
        }
        if (rrset.count == kMaxRRsetRecords) {
            return false;
        }
        ++rrset.count;
        rrset.rdata_octets += static_cast<std::uint32_t>(rdata.size());
        into.insert(into.end(), rdata.begin(), rdata.end());
        previous = rdata;
        ++zone_->record_count_;
    }
    return true;
}

base::Expected<void> Builder::collect_rrsets() {
    std::vector<std::uint8_t> octets;
    octets.reserve(zone_->octets_.size());
    for (std::uint32_t node = 0; node < zone_->nodes_.size(); ++node) {
        Zone::NodeEntry& entry = zone_->nodes_[node];
        const wire::NameView owner = zone_->node(node).owner();
        const auto owner_offset = static_cast<std::uint32_t>(octets.size());
        octets.insert(octets.end(), owner.octets().begin(), owner.octets().end());
        if (!collect_node(entry, first_record_[node], octets)) {
            return base::fail("more than " + std::to_string(kMaxRRsetRecords) +
                              " records of one type at " + owner.to_text());
        }
        entry.owner_offset = owner_offset;
    }
    octets.shrink_to_fit();
    zone_->octets_ = std::move(octets);
    zone_->nodes_.shrink_to_fit();
    zone_->rrsets_.shrink_to_fit();
    for (std::uint32_t node = 1; node < zone_->nodes_.size(); ++node) {
        zone_->nodes_[node].is_cut = zone_->node(node).find(wire::type::kNs).has_value();
    }
    for (std::uint32_t node = 0; node < zone_->nodes_.size(); ++node) {
        zone_->nodes_[node].has_dname = zone_->node(node).find(wire::type::kDname).has_value();
    }
    return {};
}

base::Expected<void> Builder::check() const {
    const auto soa = zone_->apex_node().find(wire::type::kSoa);
    if (!soa || soa->count() != 1) {
        return base::fail("the apex has " + std::to_string(soa ? soa->count() : 0) +
                          " SOA records instead of one");
    }
    if (!zone_->apex_node().find(wire::type::kNs)) {
        return base::fail("the apex has no NS record");
    }
    for (std::size_t i = 0; i < zone_->node_count(); ++i) {
        const Node node = zone_->node(i);
        if (i != 0 && node.find(wire::type::kSoa)) {
            return base::fail("an SOA below the apex at " + node.owner().to_text());
        }
        if (auto good = check_aliases(node); !good) {
            return good;
        }
    }
    return {};
}

base::Expected<std::unique_ptr<const Zone>> Builder::build() {
    const auto good =
        add_empty_non_terminals().and_then([this] { return collect_rrsets(); }).and_then([this] {
            return check();
        });
    if (!good) {
        return base::fail(good.error().message);
    }
    const RRset soa = *zone_->apex_node().find(wire::type::kSoa);
    zone_->soa_ = wire::Soa::from_rdata(*soa.begin());
    zone_->negative_ttl_s_ = std::min(soa.ttl_s(), zone_->soa_.minimum_s);
    index_denial();
    return std::unique_ptr<const Zone>(zone_.release());
}

}  // namespace understudy::zone
