#include "model/answerer.h"

#include <understudy/base/octets.h>
#include <algorithm>
#include <optional>

#include "model/denial.h"

namespace understudy::model {
namespace {

using wire::Name;
using wire::NameView;
namespace type = wire::type;

/// The target of a CNAME, DNAME or NS record.
Name target_of(const Record& record) { return Name(NameView(record.rdata)); }

void put(const Record& record, Records& into) {
    if (std::ranges::find(into, record) == into.end()) {
        into.push_back(record);
    }
}

class Answerer {
  public:
    Answerer(const Zone& zone, wire::Type type, bool dnssec_ok)
        : zone_(zone), type_(type), dnssec_ok_(dnssec_ok) {}

    Answer run(Name name) {
        std::vector<Name> seen;
        while (seen.size() < kMaxAliases && name.view().is_at_or_below(zone_.apex) &&
               std::ranges::find(seen, name) == seen.end()) {
            seen.push_back(name);
            const std::optional<Name> next = step(name);
            if (!next) {
                break;
            }
            name = *next;
        }
        return answer_;
    }

  private:
    /// §4.3.2 step 3 for one name; gives the name to start again with, if any.
    std::optional<Name> step(const Name& name) {
        const std::size_t whole = name.view().label_count();
        for (std::size_t labels = zone_.apex.view().label_count();; ++labels) {
            const Name here(name.view().suffix(labels));
            const bool is_whole = labels == whole;
            // 3b: a match would take us out of the authoritative data.
            if (here != zone_.apex && has(zone_, here, type::kNs) &&
                (!is_whole || type_ != type::kDs)) {
                refer(here);
                return std::nullopt;
            }
            if (is_whole) {  // 3a
                return exact(name);
            }
            if (has(zone_, here, type::kDname)) {  // 3c, RFC 6672 §3.2
                return rename(here, name);
            }
            if (!exists(zone_, Name(name.view().suffix(labels + 1)))) {
                if (exists(zone_, wildcard_below(here))) {  // RFC 4592 §3.3.1
                    return wildcard(here, name);
                }
                negative(wire::Rcode::kNxDomain);
                prove([&](const Denial& denial) { return denial.no_name(name, here); });
                return std::nullopt;
            }
        }
    }

    std::optional<Name> exact(const Name& name) {
        // The owner of an NSEC3 record is no name of the zone (RFC 5155 §7.2.8), so that `step`
        // has not come here for it; the apex always exists.
        bool found = false;
        const std::optional<Name> next = at(name, name, found);
        if (!found) {
            negative(wire::Rcode::kNoError);
            prove([&](const Denial& denial) { return denial.no_type(name); });
        }
        return next;
    }

    std::optional<Name> wildcard(const Name& encloser, const Name& name) {
        bool found = false;
        const std::optional<Name> next = at(wildcard_below(encloser), name, found);
        if (found) {
            prove([&](const Denial& denial) { return denial.only_wildcard(name, encloser); });
        } else {
            negative(wire::Rcode::kNoError);
            prove([&](const Denial& denial) { return denial.no_type_at_wildcard(name, encloser); });
        }
        return next;
    }

    /// Answers from what stands at `source`, under `name`.
    std::optional<Name> at(const Name& source, const Name& name, bool& found) {
        answer_.is_authoritative = true;
        for (const Record& record : zone_.records) {
            if (record.owner == source && (record.type == type_ || type_ == type::kAny) &&
                !is_of_hashed_name(record)) {
                copy_rrset(source, record.type, name, answer_.answer);
                found = true;
            }
        }
        if (found) {
            if (type_ == type::kSvcb || type_ == type::kHttps) {
                add_services(source, name);
            }
            return std::nullopt;
        }
        const Records cname = rrset(zone_, source, type::kCname);
        if (cname.empty()) {
            return std::nullopt;
        }
        found = true;
        copy_rrset(source, type::kCname, name, answer_.answer);
        return target_of(cname.front());
    }

    std::optional<Name> rename(const Name& owner, const Name& name) {
        answer_.is_authoritative = true;
        const Record dname = rrset(zone_, owner, type::kDname).front();
        copy_rrset(owner, type::kDname, owner, answer_.answer);
        const auto old_name = name.view().octets();
        std::vector<std::uint8_t> octets(
            old_name.begin(), old_name.end() - static_cast<std::ptrdiff_t>(owner.view().size()));
        octets.insert(octets.end(), dname.rdata.begin(), dname.rdata.end());
        if (octets.size() > wire::kMaxNameOctets) {
            answer_.rcode = wire::Rcode::kYxDomain;
            return std::nullopt;
        }
        put({name, type::kCname, dname.ttl_s, octets}, answer_.answer);
        return type_ == type::kCname ? std::nullopt : std::optional(Name(NameView(octets)));
    }

    void refer(const Name& cut) {
        copy_rrset(cut, type::kNs, cut, answer_.authority);
        if (has(zone_, cut, type::kDs)) {  // RFC 4035 §3.1.4
            if (dnssec_ok_) {
                copy_rrset(cut, type::kDs, cut, answer_.authority);
            }
        } else {
            prove([&](const Denial& denial) { return denial.no_type(cut); });
        }
        for (const Record& ns : rrset(zone_, cut, type::kNs)) {
            for (const wire::Type address : {type::kA, type::kAaaa}) {
                copy_rrset(target_of(ns), address, target_of(ns), answer_.additional);
            }
        }
    }

    /// RFC 9460 §4.1: the addresses of targets in the zone, and what aliases among them lead to. A
    /// target "." is the owner in ServiceMode, none in AliasMode (§2.5).
    void add_services(const Name& source, const Name& owner) {
        for (const Record& service : rrset(zone_, source, type_)) {
            const base::Octets rdata = service.rdata;
            const bool is_alias = base::load_be16(rdata.data()) == 0;
            const Name target{NameView(rdata.subspan(2, wire::name_length(rdata.subspan(2))))};
            if (target.view().is_root()) {
                if (!is_alias) {
                    add_target(source, owner, false);
                }
            } else if (is_authoritative_name(target)) {
                add_target(target, target, is_alias);
            }
        }
    }

    void add_target(const Name& source, const Name& owner, bool is_alias) {
        if (std::ranges::find(targets_, source) != targets_.end()) {
            return;
        }
        targets_.push_back(source);
        for (const wire::Type address : {type::kA, type::kAaaa}) {
            copy_rrset(source, address, owner, answer_.additional);
        }
        if (is_alias) {
            copy_rrset(source, type_, owner, answer_.additional);
            add_services(source, owner);
        }
    }

    /// It exists, and no cut or DNAME stands above it, nor a cut at it.
    [[nodiscard]] bool is_authoritative_name(const Name& name) const {
        if (!name.view().is_at_or_below(zone_.apex) || !exists(zone_, name)) {
            return false;
        }
        for (std::size_t labels = zone_.apex.view().label_count();
             labels <= name.view().label_count();
             ++labels) {
            const Name here(name.view().suffix(labels));
            if ((here != zone_.apex && has(zone_, here, type::kNs)) ||
                (here != name && has(zone_, here, type::kDname))) {
                return false;
            }
        }
        return true;
    }

    void negative(wire::Rcode rcode) {  // RFC 2308 §2, §3
        answer_.is_authoritative = true;
        answer_.rcode = rcode;
        Records soa;
        copy_rrset(zone_.apex, type::kSoa, zone_.apex, soa);
        for (const Record& record : soa) {
            put_negative(record);
        }
    }

    /// Adds a record that denies something: it lasts no longer than the SOA's MINIMUM and its TTL
    /// (RFC 2308 §5, RFC 9077 §3).
    void put_negative(Record record) {
        const Record soa = rrset(zone_, zone_.apex, type::kSoa).front();
        const std::uint32_t minimum = base::load_be32(&soa.rdata[soa.rdata.size() - 4]);
        record.ttl_s = std::min({record.ttl_s, soa.ttl_s, minimum});
        put(record, answer_.authority);
    }

    template <typename Proof>
    void prove(Proof proof) {
        if (!dnssec_ok_) {
            return;
        }
        for (const Record& record : proof(*denial_)) {
            put_negative(record);
            for (const Record& rrsig : signatures(zone_, record.owner, record.type)) {
                put_negative(rrsig);
            }
        }
    }

    /// The RRset under a name of the answer's, with its signatures if they are wanted.
    void copy_rrset(const Name& source, wire::Type type, const Name& owner, Records& into) const {
        Records records = rrset(zone_, source, type);
        if (dnssec_ok_) {
            const Records more = signatures(zone_, source, type);
            records.insert(records.end(), more.begin(), more.end());
        }
        for (Record& record : records) {
            record.owner = owner;
            put(record, into);
        }
    }

    const Zone& zone_;
    wire::Type type_;
    bool dnssec_ok_;
    std::unique_ptr<const Denial> denial_ = denial_of(zone_);
    std::vector<Name> targets_;  // of services, each once
    Answer answer_;
};

}  // namespace

Answer answer(const Zone& zone, const Name& name, wire::Type type, bool dnssec_ok) {
    return Answerer(zone, type, dnssec_ok).run(name);
}

}  // namespace understudy::model
