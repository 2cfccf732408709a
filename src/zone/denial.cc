#include <understudy/base/check.h>
#include <understudy/wire/nsec3.h>
#include <understudy/zone/canonical_key.h>
#include <understudy/zone/zone.h>
#include <algorithm>
#include <utility>

#include "zone/key_list.h"

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

}  // namespace

std::optional<Node> Zone::nsec_at_or_before(wire::NameView name) const noexcept {
    if (chain_.kind != Denial::kNsec) {
        return std::nullopt;
    }
    // What is not in the zone stands before its first name or behind its last one.
    KeyBuffer found;
    KeyBuffer key;
    bool is_in_zone = name.is_at_or_below(apex());
    if (is_in_zone) {
        to_canonical_key(name.octets().first(name.size() - apex().size()), key);
        is_in_zone = chain_.order.at_or_before(key.view(), found);
    }
    if (!is_in_zone) {
        static_cast<void>(chain_.order.last(found));  // the apex at least
    }
    std::array<std::uint8_t, wire::kMaxNameOctets + kWordOctets> labels;
    const std::size_t octets =
        from_canonical_key(found.view(), std::span(labels).first<wire::kMaxNameOctets>());
    return find_relative(base::Octets(labels).first(octets));
}

std::optional<Zone::Nsec3Found> Zone::nsec3_at_or_before(
    const std::array<std::uint8_t, wire::kNsec3Sha1Octets>& hash) const noexcept {
    KeyBuffer found;
    if (chain_.kind != Denial::kNsec3 ||
        (!chain_.order.at_or_before(hash, found) && !chain_.order.last(found))) {
        return std::nullopt;
    }
    std::array<std::uint8_t, wire::kNsec3Sha1Octets> owner_hash;
    std::ranges::copy(found.view(), owner_hash.begin());
    constexpr std::size_t kOctets = 1 + wire::kNsec3LabelOctets;
    std::array<std::uint8_t, kOctets + kWordOctets> labels{wire::kNsec3LabelOctets};
    std::ranges::copy(wire::nsec3_hash_label(owner_hash), labels.begin() + 1);
    const auto node = find_relative(base::Octets(labels).first(kOctets));
    UNDERSTUDY_CHECK(node.has_value());
    return Nsec3Found{*node, owner_hash == hash};
}

Zone::Chain Zone::choose_chain() const {
    Chain chain;
    const Node apex = apex_node();
    if (const auto parameters = apex.find(wire::type::kNsec3Param)) {
        for (const base::Octets rdata : *parameters) {
            const auto head = wire::Nsec3Head::from_rdata(rdata);
            if (head && head->algorithm == wire::kNsec3Sha1 && head->flags == 0 &&
                head->iterations <= kMaxNsec3Iterations) {
                chain.kind = Denial::kNsec3;
                chain.iterations = head->iterations;
                chain.salt.assign(head->salt.begin(), head->salt.end());
                return chain;
            }
        }
    }
    chain.kind = apex.find(wire::type::kNsec) ? Denial::kNsec : Denial::kNone;
    return chain;
}

bool Zone::chain_key(const Node& node, KeyBuffer& key) const noexcept {
    const auto record =
        node.find(chain_.kind == Denial::kNsec3 ? wire::type::kNsec3 : wire::type::kNsec);
    if (chain_.kind == Denial::kNone || !record) {
        return false;
    }
    const base::Octets labels = node.stored().owner();
    if (chain_.kind == Denial::kNsec) {
        const NameKey name(node.owner().view(), key_);
        to_canonical_key(labels, key);
        return lookup(name).labels == name.label_count();
    }
    return has_chain(*record, nsec3_parameters()) && nsec3_key(labels, key);
}

bool Zone::nsec3_key(base::Octets labels, KeyBuffer& key) noexcept {
    const bool is_one_label = !labels.empty() && labels.size() == 1U + labels[0];
    const auto hash = is_one_label ? wire::nsec3_label_hash(labels.subspan(1)) : std::nullopt;
    if (hash) {
        key.assign(*hash);
    }
    return hash.has_value();
}

void Zone::order_chain(Version birth) {
    KeyList keys;
    KeyBuffer key;
    const auto add = [&](const Node& node) {
        if (chain_key(node, key)) {
            keys.push_back(key.view());
        }
    };
    if (chain_.kind != Denial::kNone) {
        add(apex_node());
        table_.for_each_node([&](StoredNode stored) { add(Node(*this, stored)); });
    }
    chain_.order = keys.to_tree(birth);
}

}  // namespace understudy::zone
