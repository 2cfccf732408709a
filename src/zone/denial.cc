#include <understudy/wire/nsec3.h>
#include <understudy/zone/builder.h>
#include <understudy/zone/zone.h>
#include <algorithm>

namespace understudy::zone {
namespace {

/// Whether one of the NSEC3 records belongs to the chain of these parameters.
bool has_chain(const RRset& nsec3, const Nsec3Parameters& chain) noexcept {
    for (const base::Octets rdata : nsec3) {
        const auto head = wire::Nsec3Head::from_rdata(rdata);
        if (head && head->algorithm == chain.algorithm && head->iterations == chain.iterations &&
            std::ranges::equal(head->salt, chain.salt)) {
            return true;
        }
    }
    return false;
}

/// The last of the sorted `entries` that is not `after`, the last of all where there is none
/// before.
template <typename Entries, typename After>
auto at_or_before(const Entries& entries, After after) noexcept {
    const auto above = std::ranges::partition_point(
        entries, [&after](const auto& entry) { return !after(entry); });
    return std::prev(above == entries.begin() ? entries.end() : above);
}

}  // namespace

std::optional<RRset> Node::signatures(wire::Type covered) const noexcept {
    const auto all = find(wire::type::kRrsig);
    if (!all) {
        return std::nullopt;
    }
    // Rdata is sorted and begins with the covered type: those wanted stand together.
    const auto covers = [](base::Octets rdata) { return base::load_be16(rdata.data()); };
    auto first = all->begin();
    while (first != all->end() && covers(*first) < covered) {
        ++first;
    }
    auto last = first;
    std::size_t count = 0;
    for (; last != all->end() && covers(*last) == covered; ++last) {
        ++count;
    }
    if (count == 0) {
        return std::nullopt;
    }
    return all->part(first, last, count);
}

std::optional<Node> Zone::nsec_at_or_before(wire::NameView name) const noexcept {
    if (chain_.nsec.empty()) {
        return std::nullopt;
    }
    return node(*at_or_before(chain_.nsec, [&](std::uint32_t index) {
        return compare_canonical(node(index).owner(), name) == std::strong_ordering::greater;
    }));
}

std::optional<Zone::Nsec3Found> Zone::nsec3_at_or_before(
    const std::array<std::uint8_t, wire::kNsec3Sha1Octets>& hash) const noexcept {
    if (chain_.nsec3.empty()) {
        return std::nullopt;
    }
    const auto found =
        at_or_before(chain_.nsec3, [&hash](const Nsec3Entry& entry) { return entry.hash > hash; });
    return Nsec3Found{node(found->node), found->hash == hash};
}

void Builder::index_denial() {
    const Node apex = zone_->apex_node();
    if (const auto parameters = apex.find(wire::type::kNsec3Param)) {
        for (const base::Octets rdata : *parameters) {
            const auto head = wire::Nsec3Head::from_rdata(rdata);
            if (head && head->algorithm == wire::kNsec3Sha1 && head->flags == 0 &&
                head->iterations <= kMaxNsec3Iterations) {
                zone_->chain_.kind = Denial::kNsec3;
                zone_->chain_.iterations = head->iterations;
                zone_->chain_.salt.assign(head->salt.begin(), head->salt.end());
                index_nsec3();
                return;
            }
        }
    }
    if (apex.find(wire::type::kNsec)) {
        zone_->chain_.kind = Denial::kNsec;
        index_nsec();
    }
}

void Builder::index_nsec() {
    std::vector<std::uint32_t>& chain = zone_->chain_.nsec;
    for (std::uint32_t index = 0; index < zone_->node_count(); ++index) {
        const Node node = zone_->node(index);
        if (!node.find(wire::type::kNsec)) {
            continue;
        }
        // What lies below a cut or a DNAME is no part of the chain.
        const NameKey name(node.owner(), zone_->key_);
        if (zone_->lookup(name).labels == name.label_count()) {
            chain.push_back(index);
        }
    }
    std::ranges::sort(chain, [this](std::uint32_t left, std::uint32_t right) {
        return compare_canonical(zone_->node(left).owner(), zone_->node(right).owner()) ==
               std::strong_ordering::less;
    });
    chain.shrink_to_fit();
}

void Builder::index_nsec3() {
    std::vector<Zone::Nsec3Entry>& chain = zone_->chain_.nsec3;
    for (std::uint32_t index = 1; index < zone_->node_count(); ++index) {
        const Node node = zone_->node(index);
        const auto nsec3 = node.find(wire::type::kNsec3);
        const auto hash = wire::nsec3_label_hash(node.owner().first_label());
        if (nsec3 && hash && node.owner().parent() == zone_->apex() &&
            has_chain(*nsec3, zone_->nsec3_parameters())) {
            chain.push_back({*hash, index});
        }
    }
    std::ranges::sort(chain, {}, &Zone::Nsec3Entry::hash);
    chain.shrink_to_fit();
}

}  // namespace understudy::zone
