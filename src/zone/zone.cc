#include <understudy/zone/zone.h>

namespace understudy::zone {

wire::NameView Node::owner() const noexcept {
    return zone_->owner_at(zone_->nodes_[index_].owner_offset);
}

bool Node::is_cut() const noexcept { return zone_->nodes_[index_].is_cut; }

bool Node::has_wildcard_child() const noexcept { return zone_->nodes_[index_].has_wildcard_child; }

std::size_t Node::rrset_count() const noexcept { return zone_->nodes_[index_].rrset_count; }

RRset Node::rrset(std::size_t index) const noexcept {
    const Zone::RRsetEntry& entry = zone_->rrsets_[zone_->nodes_[index_].first_rrset + index];
    return {entry.type,
            entry.ttl_s,
            entry.count,
            base::Octets(zone_->octets_).subspan(entry.rdata_offset, entry.rdata_octets)};
}

std::optional<RRset> Node::find(wire::Type type) const noexcept {
    for (std::size_t i = 0; i < rrset_count(); ++i) {
        if (RRset found = rrset(i); found.type() == type) {
            return found;
        }
    }
    return std::nullopt;
}

wire::NameView Zone::owner_at(std::uint32_t offset) const noexcept {
    const base::Octets rest = base::Octets(octets_).subspan(offset);
    return wire::NameView(rest.first(wire::name_length(rest)));
}

template <typename Equal>
std::optional<Node> Zone::probe(std::uint64_t hash, Equal equal) const noexcept {
    const std::size_t mask = slots_.size() - 1;
    const auto hint = static_cast<std::uint32_t>(hash >> 32U);
    for (std::size_t i = hash & mask; slots_[i].node != 0; i = (i + 1) & mask) {
        const std::uint32_t index = slots_[i].node - 1;
        if (slots_[i].hint == hint && equal(owner_at(nodes_[index].owner_offset))) {
            return Node(*this, index);
        }
    }
    return std::nullopt;
}

std::optional<Node> Zone::find(const NameKey& name, std::size_t labels) const noexcept {
    const wire::NameView wanted = name.suffix(labels);
    return probe(name.hash(labels), [wanted](wire::NameView owner) { return owner == wanted; });
}

std::optional<Node> Zone::find(const NameKey& name) const noexcept {
    return find(name, name.label_count());
}

std::optional<Node> Zone::find_wildcard(const NameKey& name, std::size_t labels) const noexcept {
    const wire::NameView encloser = name.suffix(labels);
    return probe(name.wildcard_hash(labels), [encloser](wire::NameView owner) {
        return owner.is_wildcard() && owner.parent() == encloser;
    });
}

Match Zone::lookup(const NameKey& name) const noexcept {
    Node node = apex_node();
    std::size_t labels = apex_labels_;
    while (true) {
        const NodeEntry& entry = nodes_[node.index_];
        if (entry.is_cut) {
            return {Match::Kind::kCut, node, labels};
        }
        if (labels == name.label_count()) {
            return {Match::Kind::kExact, node, labels};
        }
        if (entry.has_dname) {
            return {Match::Kind::kDname, node, labels};
        }
        const auto below = find(name, labels + 1);
        if (!below) {
            return {Match::Kind::kMissing, node, labels};
        }
        node = *below;
        ++labels;
    }
}

std::size_t Zone::memory_octets() const noexcept {
    return sizeof *this + octets_.capacity() + nodes_.capacity() * sizeof(NodeEntry) +
           rrsets_.capacity() * sizeof(RRsetEntry) + slots_.capacity() * sizeof(Slot) +
           chain_.nsec.capacity() * sizeof(std::uint32_t) +
           chain_.nsec3.capacity() * sizeof(Nsec3Entry);
}

std::optional<RecordCursor::Record> RecordCursor::next() noexcept {
    while (node_ < zone_->node_count()) {
        const Node node = zone_->node(node_);
        if (rrset_ == node.rrset_count()) {
            ++node_;
            rrset_ = 0;
            continue;
        }
        const RRset rrset = node.rrset(rrset_);
        if (!at_) {
            at_ = rrset.begin();
        }
        if (*at_ == rrset.end() || rrset.type() == wire::type::kSoa) {
            ++rrset_;
            at_.reset();
            continue;
        }
        const base::Octets rdata = **at_;
        ++*at_;
        return Record{node.owner(), rrset.type(), rrset.ttl_s(), rdata};
    }
    return std::nullopt;
}

}  // namespace understudy::zone
