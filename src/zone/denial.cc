#include <understudy/crypto/nsec3_hash.h>
#include <understudy/wire/nsec3.h>
#include <understudy/zone/canonical_key.h>
#include <understudy/zone/denial_search.h>
#include <understudy/zone/zone.h>
#include <algorithm>
#include <array>

#include "zone/key_list.h"
#include "zone/relative_name.h"

namespace understudy::zone {
namespace {

/// Whether one of the NSEC3 records belongs to the chain of these parameters.
bool has_chain(const RRset& nsec3, const Nsec3Parameters& chain) noexcept {
    // NOLINTNEXTLINE(readability-use-anyofallof): an RRset is no std::ranges::range
    for (const base::Octets rdata : nsec3) {
        const auto head = wire::Nsec3Head::from_rdata(rdata);
        if (head && head->algorithm == chain.algorithm && head->iterations == chain.iterations &&
            std::ranges::equal(head->salt, chain.salt)) {
            return true;
        }
    }
    return false;
}

/// Takes the steps of a search one after the other.
void finish(DenialSearch& search) noexcept {
    search.find_group();
    search.find_owner();
    search.find_page();
    search.find_node();
}

/// Where the record stands that a finished search has found, if it covers the name.
const std::uint8_t* covering(const DenialSearch& search) noexcept {
    const auto node = search.node();
    return node && !search.matches() ? node->stored().data() : nullptr;
}

}  // namespace

std::optional<Node> Zone::nsec_at_or_before(wire::NameView name) const noexcept {
    DenialSearch search;
    if (chain_.kind != Denial::kNsec ||
        !search.start(*this, name.octets().first(name.size() - apex().size()))) {
        return std::nullopt;
    }
    finish(search);
    return search.node();
}

std::optional<Zone::Nsec3Found> Zone::nsec3_at_or_before(
    const wire::Nsec3Digest& hash) const noexcept {
    DenialSearch search;
    if (chain_.kind != Denial::kNsec3 || !search.start(*this, hash)) {
        return std::nullopt;
    }
    finish(search);
    const auto node = search.node();
    return node ? std::optional(Nsec3Found{*node, search.matches()}) : std::nullopt;
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
        to_canonical_key(labels, key);
        if (!may_be_below_interrupt(depth_of(labels))) {
            return true;
        }
        const NameKey name(node.owner().view(), key_);
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

wire::Nsec3Digest Zone::nsec3_hash(wire::NameView name) const noexcept {
    return crypto::nsec3_hash(name.octets(), chain_.salt, chain_.iterations);
}

void Zone::find_apex_proofs() {
    static constexpr std::array<std::uint8_t, 2> kWildcard{1, '*'};
    if (chain_.kind == Denial::kNone || apex().size() + kWildcard.size() > wire::kMaxNameOctets) {
        return;
    }
    const NameKey key(apex(), key_);
    if (chain_.kind == Denial::kNsec) {
        DenialSearch search;
        if (search.start(*this, kWildcard)) {
            finish(search);
            apex_wildcard_proof_ = covering(search);
        }
        return;
    }
    DenialSearch search;
    if (search.start(*this, nsec3_hash(key.name()))) {
        finish(search);
        const auto node = search.node();
        apex_hash_proof_ = node && search.matches() ? node->stored().data() : nullptr;
    }
    const wire::NameBuffer wildcard = whole_name(kWildcard, key.name().octets());
    if (search.start(*this, nsec3_hash(wildcard.view()))) {
        finish(search);
        apex_wildcard_proof_ = covering(search);
    }
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
