#include "answer/resolve.h"

#include <understudy/wire/reader.h>
#include <algorithm>
#include <array>
#include <optional>

#include "answer/additional.h"
#include "answer/denial.h"
#include "answer/node_set.h"
#include "answer/referral.h"

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

static_assert(Proofs::kMost >= (kMaxAliases + 1) * Proofs::kMostForAlias + Proofs::kMostForEnd);

/// One question on its way through one zone, section by section.
class Resolution {
  public:
    Resolution(const Zone& zone,
               const wire::Query& query,
               Transport transport,
               Response& response) noexcept
        : zone_(zone),
          query_(query),
          transport_(transport),
          response_(response),
          owner_(query.name),
          proofs_(zone, response.dnssec_ok()) {}

    Verdict run(const zone::NameKey& first) noexcept {
        const Verdict verdict = answer_section(first);
        if (!response_.is_truncated() &&
            !(authority_section(verdict, first) && additional_section(verdict))) {
            response_.set_truncated();
        }
        return verdict;
    }

  private:
    /// Whether the name that is answered for is the node's, or one that a wildcard stands for.
    enum class Owner : std::uint8_t { kIsNode, kIsSynthesised };

    /// Looks names up until one is no alias. A loop and an alias that leads out of the zone end it
    /// too: the resolver goes on elsewhere.
    Verdict answer_section(const zone::NameKey& first) noexcept {
        std::optional<Verdict> end = step(first);
        std::array<std::uint64_t, kMaxAliases> seen;
        for (std::size_t aliases = 0; !end && aliases < kMaxAliases; ++aliases) {
            if (!target_.view().is_at_or_below(zone_.apex())) {
                break;
            }
            alias_.assign(target_.view());
            owner_ = alias_.view();
            const zone::NameKey name(owner_, zone_.hash_key());
            seen[aliases] = name.hash(name.label_count());
            if (seen[aliases] == first.hash(first.label_count()) ||
                std::find(seen.begin(), &seen[aliases], seen[aliases]) != &seen[aliases]) {
                break;
            }
            end = step(name);
        }
        return end.value_or(Verdict::kPositive);
    }

    /// Looks one name, owner_, up. Nothing: an alias was answered and its target stands in target_.
    std::optional<Verdict> step(const zone::NameKey& name) noexcept {
        const Match match = lookup(name);
        switch (match.kind) {
            case Match::Kind::kCut:
                // RFC 4035 §3.1.4.1: for DS at the cut the parent's side answers.
                if (match.labels != name.label_count() || query_.type != wire::type::kDs) {
                    return refer(name, match);
                }
                [[fallthrough]];
            case Match::Kind::kExact:
                return at_name(name, match.node);
            case Match::Kind::kDname:
                return substitute(match);
            case Match::Kind::kMissing:
                break;
        }
        if (match.node.has_wildcard_child()) {
            if (const auto wildcard = zone_.find_wildcard(name, match.labels)) {
                return at_wildcard(name, match.labels, *wildcard);
            }
        }
        proofs_.name_error(name, match.labels);
        return Verdict::kNxDomain;
    }

    [[nodiscard]] Match lookup(const zone::NameKey& name) const noexcept {
        const Match match = zone_.lookup(name);
        const bool may_be_hash =
            match.kind == Match::Kind::kExact || match.kind == Match::Kind::kMissing;
        return may_be_hash && is_only_nsec3_owner(zone_, name, match)
                   ? Match{Match::Kind::kMissing, zone_.apex_node(), zone_.apex_labels()}
                   : match;
    }

    std::optional<Verdict> at_name(const zone::NameKey& name, const Node& node) noexcept {
        const std::optional<Verdict> end = from_node(node, Owner::kIsNode);
        if (end == Verdict::kNoData) {
            proofs_.no_data(name, name.label_count(), node);
        }
        return end;
    }

    std::optional<Verdict> at_wildcard(const zone::NameKey& name,
                                       std::size_t encloser,
                                       const Node& wildcard) noexcept {
        const std::optional<Verdict> end = from_node(wildcard, Owner::kIsSynthesised);
        if (end == Verdict::kNoData) {
            proofs_.wildcard_no_data(name, encloser, wildcard);
        } else {
            proofs_.wildcard_answer(name, encloser);
        }
        return end;
    }

    /// Answers for owner_ from what stands at `node`.
    std::optional<Verdict> from_node(const Node& node, Owner owner) noexcept {
        last_ = node;
        owner_kind_ = owner;
        if (add_queried(node)) {
            return Verdict::kPositive;
        }
        const auto cname = node.find(wire::type::kCname);
        if (!cname) {
            return Verdict::kNoData;
        }
        target_.assign(wire::NameView(*cname->begin()));
        return add(owner_, node, *cname) ? std::nullopt : std::optional(Verdict::kPositive);
    }

    /// Adds what `node` has of the queried type. False where it has nothing of it.
    bool add_queried(const Node& node) noexcept {
        switch (query_.type) {
            case wire::type::kAny:
                return transport_ == Transport::kUdp ? add_one(node) : add_all(node);
            case wire::type::kRrsig:
                return add_signatures(node);
            default:
                const auto rrset = node.find(query_.type);
                if (rrset) {
                    (void)add(owner_, node, *rrset);
                }
                return rrset.has_value();
        }
    }

    /// ANY over UDP: one RRset (RFC 8482 §4.1), of signatures only where there is nothing else.
    bool add_one(const Node& node) noexcept {
        for (const RRset rrset : node) {
            (void)add(owner_, node, rrset);
            return true;
        }
        return add_signatures(node);
    }

    /// ANY over TCP: signatures are among all that is here, whether DNSSEC is wanted or not.
    bool add_all(const Node& node) noexcept {
        for (const RRset rrset : node) {
            add_unsigned(node, rrset);
        }
        return add_signatures(node) || !node.is_empty();
    }

    bool add_signatures(const Node& node) noexcept {
        bool found = false;
        node.for_each_signatures([&](wire::Type covered, const RRset& signatures) {
            found = true;
            // Those of a DNAME that the answer came by went with it.
            if (covered != wire::type::kDname || !response_.dnssec_ok() || owner_ != node.owner() ||
                !dnames_.contains(node)) {
                add_unsigned(node, signatures);
            }
        });
        return found;
    }

    /// RFC 6672 §3.2: the DNAME, and a CNAME made from it, which nobody signed.
    std::optional<Verdict> substitute(const Match& match) noexcept {
        const RRset dname = match.node.rrset(wire::type::kDname);
        const wire::NameView old_suffix = owner_.suffix(match.labels);
        if (!add(old_suffix, match.node, dname)) {
            return Verdict::kPositive;
        }
        const auto rdata = dname.begin();
        const base::Octets new_suffix = *rdata;
        const std::size_t kept = owner_.size() - old_suffix.size();
        if (kept + new_suffix.size() > wire::kMaxNameOctets) {
            response_.set_rcode(wire::Rcode::kYxDomain);
            return Verdict::kYxDomain;
        }
        std::array<std::uint8_t, wire::kMaxNameOctets> name;
        std::ranges::copy(owner_.octets().first(kept), name.begin());
        std::ranges::copy(new_suffix, &name[kept]);
        const wire::NameView target(base::Octets(name).first(kept + new_suffix.size()));
        if (!response_.add_record(Section::kAnswer,
                                  owner_,
                                  wire::type::kCname,
                                  wire::klass::kIn,
                                  dname.ttl_s(),
                                  target.octets())) {
            response_.set_truncated();
            return Verdict::kPositive;
        }
        target_.assign(target);
        return query_.type == wire::type::kCname ? std::optional(Verdict::kPositive) : std::nullopt;
    }

    /// Adds an RRset of `node`, signed, to the answer. False where it does not fit.
    bool add(wire::NameView owner, const Node& node, const RRset& rrset) noexcept {
        response_.set_authoritative();
        if (is_own_dname(owner, node, rrset) && !dnames_.insert(node)) {
            return true;
        }
        const bool is_stored_body = response_.is_empty() && owner_kind_ == Owner::kIsNode &&
                                    owner.size() == query_.name.size();
        const bool fits = is_stored_body
                              ? response_.add_stored(node, rrset)
                              : response_.add_signed(Section::kAnswer, owner, node, rrset);
        if (!fits) {
            response_.set_truncated();
        }
        return fits;
    }

    void add_unsigned(const Node& node, const RRset& rrset) noexcept {
        response_.set_authoritative();
        const bool is_known = is_own_dname(owner_, node, rrset) && dnames_.contains(node);
        if (!response_.is_truncated() && !is_known &&
            !response_.add(Section::kAnswer, owner_, rrset)) {
            response_.set_truncated();
        }
    }

    /// A DNAME stands in an answer once: several names of a chain may lie below it, and the last
    /// may be its owner.
    static bool is_own_dname(wire::NameView owner, const Node& node, const RRset& rrset) noexcept {
        return rrset.type() == wire::type::kDname && owner == node.owner();
    }

    std::optional<Verdict> refer(const zone::NameKey& name, const Match& cut) noexcept {
        last_ = cut.node;
        delegation_.emplace(zone_, cut.node);
        if (response_.dnssec_ok() && !cut.node.find(wire::type::kDs)) {
            proofs_.no_data(name, cut.labels, cut.node);
        }
        return Verdict::kReferral;
    }

    /// REQUIRES: refer() was called.
    Delegation& delegation() noexcept {
        return *delegation_;  // NOLINT(bugprone-unchecked-optional-access): required
    }

    /// False where it does not fit. After aliases the rcode is the last name's (RFC 6604 §3).
    bool authority_section(Verdict verdict, const zone::NameKey& first) noexcept {
        switch (verdict) {
            case Verdict::kNxDomain:
                response_.set_rcode(wire::Rcode::kNxDomain);
                [[fallthrough]];
            case Verdict::kNoData:
                response_.set_authoritative();
                return add_soa() && proofs_.write(first, response_);
            case Verdict::kReferral:
                return delegation().add_authority(response_) && proofs_.write(first, response_);
            default:
                return proofs_.write(first, response_);
        }
    }

    /// The SOA of a negative answer (RFC 2308 §3).
    bool add_soa() noexcept {
        if (response_.is_empty()) {
            return response_.add_stored_soa(zone_);
        }
        const Node apex = zone_.apex_node();
        const RRset soa = apex.rrset(wire::type::kSoa);
        return response_.add_signed(
            Section::kAuthority, zone_.apex(), apex, soa, zone_.negative_ttl_s());
    }

    /// False where what the response needs does not fit.
    bool additional_section(Verdict verdict) noexcept {
        if (verdict == Verdict::kReferral) {
            return delegation().add_glue(response_);
        }
        const bool is_service =
            query_.type == wire::type::kSvcb || query_.type == wire::type::kHttps;
        if (is_service && verdict == Verdict::kPositive && last_) {
            add_service_targets(zone_, owner_, *last_, query_.type, response_);
        }
        return true;
    }

    const Zone& zone_;
    const wire::Query& query_;
    Transport transport_;
    Response& response_;
    wire::NameView owner_;      // the name that is looked up
    wire::NameBuffer alias_;    // where it stands behind the first alias
    wire::NameBuffer target_;   // of the alias met last
    std::optional<Node> last_;  // that the answer came from, or the cut
    Owner owner_kind_ = Owner::kIsNode;
    std::optional<Delegation> delegation_;
    NodeSet<kMaxAliases + 2> dnames_;
    Proofs proofs_;
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
