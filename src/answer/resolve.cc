#include "answer/resolve.h"

#include <understudy/wire/reader.h>
#include <algorithm>
#include <array>
#include <optional>

namespace understudy::answer {
namespace {

using stats::Verdict;
using wire::Section;
using zone::Match;
using zone::Node;
using zone::RRset;
using zone::Zone;

/// Aliases followed for one question; longer chains end without a last record, as loops do.
constexpr std::size_t kMaxAliases = 16;

/// One question on its way through one zone.
class Resolution {
  public:
    Resolution(const Zone& zone,
               const wire::Query& query,
               Transport transport,
               Response& response) noexcept
        : zone_(zone), query_(query), transport_(transport), response_(response) {}

    Verdict run(const zone::NameKey& first) noexcept {
        std::optional<Verdict> end = step(first, query_.name);
        std::array<std::uint64_t, kMaxAliases> seen;
        for (std::size_t aliases = 0; !end && aliases < kMaxAliases; ++aliases) {
            const wire::NameBuffer owner = target_;
            if (!owner.view().is_at_or_below(zone_.apex())) {
                break;  // the resolver goes on elsewhere
            }
            const zone::NameKey name(owner.view(), zone_.hash_key());
            seen[aliases] = name.hash(name.label_count());
            if (seen[aliases] == first.hash(first.label_count()) ||
                std::find(seen.begin(), &seen[aliases], seen[aliases]) != &seen[aliases]) {
                break;  // a loop
            }
            end = step(name, owner.view());
        }
        return end.value_or(Verdict::kPositive);
    }

  private:
    /// Looks one name up. Nothing: an alias was answered and its target stands in target_.
    std::optional<Verdict> step(const zone::NameKey& name, wire::NameView owner) noexcept {
        const Match match = zone_.lookup(name);
        switch (match.kind) {
            case Match::Kind::kCut:
                if (match.labels == name.label_count() && query_.type == wire::type::kDs) {
                    return at_node(match.node,
                                   owner);  // RFC 4035 §3.1.4.1: the parent's side answers
                }
                return refer(match.node);
            case Match::Kind::kExact:
                return at_node(match.node, owner);
            case Match::Kind::kDname:
                return substitute(match, owner);
            case Match::Kind::kMissing:
                break;
        }
        if (match.node.has_wildcard_child()) {
            if (const auto wildcard = zone_.find_wildcard(name, match.labels)) {
                return at_node(*wildcard, owner);
            }
        }
        return negative(wire::Rcode::kNxDomain, Verdict::kNxDomain);
    }

    std::optional<Verdict> at_node(const Node& node, wire::NameView owner) noexcept {
        response_.set_authoritative();
        if (query_.type == wire::type::kAny) {
            return any(node, owner);
        }
        if (const auto rrset = node.find(query_.type)) {
            return finish_answer(answer(node, owner, *rrset));
        }
        if (const auto cname = node.find(wire::type::kCname)) {
            if (!response_.add(Section::kAnswer, owner, *cname)) {
                return finish_answer(false);
            }
            target_.assign(wire::NameView(*cname->begin()));
            return std::nullopt;
        }
        return negative(wire::Rcode::kNoError, Verdict::kNoData);
    }

    /// RFC 8482 §4.1: one RRset over UDP, all over TCP.
    Verdict any(const Node& node, wire::NameView owner) noexcept {
        if (node.rrset_count() == 0) {
            return negative(wire::Rcode::kNoError, Verdict::kNoData);
        }
        const std::size_t count = transport_ == Transport::kUdp ? 1 : node.rrset_count();
        for (std::size_t i = 0; i < count; ++i) {
            if (!answer(node, owner, node.rrset(i))) {
                return finish_answer(false);
            }
        }
        return Verdict::kPositive;
    }

    /// RFC 6672 §3.2: the DNAME, and a CNAME made from it.
    std::optional<Verdict> substitute(const Match& match, wire::NameView owner) noexcept {
        response_.set_authoritative();
        const RRset dname = *match.node.find(wire::type::kDname);
        if (!answer(match.node, owner.suffix(match.labels), dname)) {
            return finish_answer(false);
        }
        const wire::NameView to(*dname.begin());
        const std::size_t kept = owner.size() - owner.suffix(match.labels).size();
        if (kept + to.size() > wire::kMaxNameOctets) {
            response_.set_rcode(wire::Rcode::kYxDomain);
            return Verdict::kYxDomain;
        }
        std::array<std::uint8_t, wire::kMaxNameOctets> name;
        std::ranges::copy(owner.octets().first(kept), name.begin());
        std::ranges::copy(to.octets(), &name[kept]);
        const wire::NameView target(base::Octets(name).first(kept + to.size()));
        if (!response_.add_record(Section::kAnswer,
                                  owner,
                                  wire::type::kCname,
                                  wire::klass::kIn,
                                  dname.ttl_s(),
                                  target.octets())) {
            return finish_answer(false);
        }
        target_.assign(target);
        return query_.type == wire::type::kCname ? std::optional(Verdict::kPositive) : std::nullopt;
    }

    /// Adds an RRset of `node` to the answer, but a DNAME only once: several names of a chain may
    /// lie below it, and the last may be its owner.
    bool answer(const Node& node, wire::NameView owner, const RRset& rrset) noexcept {
        if (rrset.type() == wire::type::kDname && owner == node.owner()) {
            const std::uint8_t* rdata = (*rrset.begin()).data();
            const auto end = dnames_.begin() + static_cast<std::ptrdiff_t>(dname_count_);
            if (std::find(dnames_.begin(), end, rdata) != end) {
                return true;
            }
            dnames_[dname_count_++] = rdata;
        }
        return response_.add(Section::kAnswer, owner, rrset);
    }

    Verdict finish_answer(bool whole) noexcept {
        if (!whole) {
            response_.set_truncated();
        }
        return Verdict::kPositive;
    }

    /// NODATA and NXDOMAIN: the SOA in the authority section (RFC 2308 §2). After aliases the rcode
    /// is the last name's.
    Verdict negative(wire::Rcode rcode, Verdict verdict) noexcept {
        response_.set_authoritative();
        response_.set_rcode(rcode);
        const RRset soa = *zone_.apex_node().find(wire::type::kSoa);
        if (!response_.add(Section::kAuthority, zone_.apex(), soa, zone_.negative_ttl_s())) {
            response_.set_truncated();
        }
        return verdict;
    }

    /// The delegation's NS records and the addresses that a resolver needs to follow them (RFC
    /// 9471).
    Verdict refer(const Node& cut) noexcept {
        const RRset ns = *cut.find(wire::type::kNs);
        if (!response_.add(Section::kAuthority, cut.owner(), ns)) {
            response_.set_truncated();
            return Verdict::kReferral;
        }
        // Glue below the cut is required, that of siblings is a courtesy while it fits.
        for (const bool required : {true, false}) {
            for (const base::Octets rdata : ns) {
                const wire::NameView host(rdata);
                if (host.is_at_or_below(cut.owner()) == required && !add_addresses(host) &&
                    required) {
                    response_.set_truncated();
                    return Verdict::kReferral;
                }
            }
        }
        return Verdict::kReferral;
    }

    bool add_addresses(wire::NameView host) noexcept {
        if (!host.is_at_or_below(zone_.apex())) {
            return true;
        }
        const auto node = zone_.find(zone::NameKey(host, zone_.hash_key()));
        if (!node) {
            return true;
        }
        return std::ranges::all_of(
            std::array{wire::type::kA, wire::type::kAaaa}, [&](wire::Type type) {
                const auto rrset = node->find(type);
                return !rrset || response_.add(Section::kAdditional, host, *rrset);
            });
    }

    const Zone& zone_;
    const wire::Query& query_;
    Transport transport_;
    Response& response_;
    wire::NameBuffer target_;                                  // of the alias met last
    std::array<const std::uint8_t*, kMaxAliases + 2> dnames_;  // rdata of those answered
    std::size_t dname_count_ = 0;
};

}  // namespace

Verdict resolve(const Zone& zone,
                const zone::NameKey& name,
                const wire::Query& query,
                Transport transport,
                Response& response) noexcept {
    return Resolution(zone, query, transport, response).run(name);
}

}  // namespace understudy::answer
