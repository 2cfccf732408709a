#include "answer/denial.h"

#include <understudy/wire/nsec3.h>
#include <algorithm>
#include <array>

namespace understudy::answer {
namespace {

using zone::Denial;
using zone::NameKey;
using zone::Node;

/// The name one `*` label below another.
class WildcardName {
  public:
    /// REQUIRES: the encloser has a name below it.
    explicit WildcardName(wire::NameView encloser) noexcept
        : size_(kLabel.size() + encloser.size()) {
        std::ranges::copy(kLabel, octets_.begin());
        std::ranges::copy(encloser.octets(), &octets_[kLabel.size()]);
    }

    [[nodiscard]] wire::NameView view() const noexcept {
        return wire::NameView(base::Octets(octets_).first(size_));
    }

  private:
    static constexpr std::array<std::uint8_t, 2> kLabel{1, '*'};

    std::array<std::uint8_t, wire::kMaxNameOctets> octets_;
    std::size_t size_;
};

}  // namespace

void Proofs::name_error(const NameKey& name, std::size_t encloser) noexcept {
    switch (chain_) {
        case Denial::kNone:
            return;
        case Denial::kNsec:
            cover(name.name());
            cover(WildcardName(name.suffix(encloser)).view());
            return;
        case Denial::kNsec3:
            if (const auto provable = closest_encloser(name, encloser)) {
                cover(WildcardName(name.suffix(*provable)).view());
            }
            return;
    }
}

void Proofs::no_data(const NameKey& name, std::size_t labels, const Node& node) noexcept {
    switch (chain_) {
        case Denial::kNone:
            return;
        case Denial::kNsec:
            nsec_no_data(name.suffix(labels), node);
            return;
        case Denial::kNsec3:
            // Without a match the name hangs on insecure delegations alone, which opt-out spans.
            if (!match(name.suffix(labels)) && labels > zone_.apex_labels()) {
                (void)closest_encloser(name, labels - 1);
            }
            return;
    }
}

void Proofs::wildcard_answer(const NameKey& name, std::size_t encloser) noexcept {
    switch (chain_) {
        case Denial::kNone:
            return;
        case Denial::kNsec:
            cover(name.name());
            return;
        case Denial::kNsec3:
            cover(name.suffix(encloser + 1));
            return;
    }
}

void Proofs::wildcard_no_data(const NameKey& name,
                              std::size_t encloser,
                              const Node& wildcard) noexcept {
    switch (chain_) {
        case Denial::kNone:
            return;
        case Denial::kNsec:
            cover(name.name());
            nsec_no_data(WildcardName(name.suffix(encloser)).view(), wildcard);
            return;
        case Denial::kNsec3:
            if (closest_encloser(name, encloser)) {
                (void)match(WildcardName(name.suffix(encloser)).view());
            }
            return;
    }
}

bool Proofs::write(const NameKey& question, Response& response) const noexcept {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        const auto rrset = nodes_[i].find_stored(denial_type(chain_));
        if (!rrset) {
            continue;
        }
        const OwnedRecords records(
            nodes_[i], *rrset, question, zone_.apex_labels(), response.octets());
        if (!response.add_owned(wire::Section::kAuthority, records, proof_ttl_s(zone_, *rrset))) {
            return false;
        }
    }
    return true;
}

/// Collects the record that covers a name which does not exist.
void Proofs::cover(wire::NameView name) noexcept {
    if (chain_ == Denial::kNsec) {
        if (const auto node = zone_.nsec_at_or_before(name)) {
            nodes_.insert(*node);
        }
        return;
    }
    const auto found = zone_.nsec3_at_or_before(zone_.nsec3_hash(name));
    if (found && !found->matches) {
        nodes_.insert(found->node);
    }
}

/// The node's own NSEC, or the one that spans an empty non-terminal.
void Proofs::nsec_no_data(wire::NameView name, const Node& node) noexcept {
    if (node.find(wire::type::kNsec)) {
        nodes_.insert(node);
    } else if (node.is_empty()) {
        cover(name);
    }
}

/// Collects the NSEC3 that matches a name, if there is one.
bool Proofs::match(wire::NameView name) noexcept {
    const auto found = zone_.nsec3_at_or_before(zone_.nsec3_hash(name));
    if (found && found->matches) {
        nodes_.insert(found->node);
        return true;
    }
    return false;
}

/// The closest encloser proof (RFC 5155 §7.2.1): a match for the longest suffix that has one, and a
/// cover for the name one label longer. Returns the labels of the former.
std::optional<std::size_t> Proofs::closest_encloser(const NameKey& name,
                                                    std::size_t most_labels) noexcept {
    for (std::size_t labels = most_labels + 1; labels-- > zone_.apex_labels();) {
        if (match(name.suffix(labels))) {
            cover(name.suffix(labels + 1));
            return labels;
        }
    }
    return std::nullopt;
}

bool is_only_nsec3_owner(const zone::Zone& zone,
                         const NameKey& name,
                         const zone::Match& match) noexcept {
    const std::size_t labels = zone.apex_labels() + 1;
    if (match.labels != labels || name.label_count() < labels ||
        !wire::nsec3_label_hash(name.suffix(labels).first_label())) {
        return false;
    }
    bool has_nsec3 = false;
    for (const zone::RRset rrset : match.node) {
        has_nsec3 = has_nsec3 || rrset.type() == wire::type::kNsec3;
        if (rrset.type() != wire::type::kNsec3) {
            return false;
        }
    }
    if (!has_nsec3 || zone.denial() != Denial::kNsec3) {
        return has_nsec3;
    }
    // With names below it, it is an empty non-terminal that has an NSEC3 of its own.
    const auto own = zone.nsec3_at_or_before(zone.nsec3_hash(name.suffix(labels)));
    return !own || !own->matches;
}

}  // namespace understudy::answer
