#include "model/signer.h"

#include <understudy/base/octets.h>
#include <algorithm>
#include <array>
#include <set>

#include "support/octets.h"

namespace understudy::model {
namespace {

using support::OctetBuilder;
using wire::Name;
using wire::NameView;
namespace type = wire::type;

constexpr unsigned kSignatureAlgorithm = 13;
constexpr std::uint32_t kExpiration = 2000000000;
constexpr std::uint32_t kInception = 1000000000;
constexpr unsigned kWindowTypes = 256;

using Types = std::set<wire::Type>;

/// RFC 4034 §4.1.2.
OctetBuilder& add_bitmap(OctetBuilder& rdata, const Types& types) {
    for (unsigned window = 0; window < kWindowTypes; ++window) {
        support::Bytes bits;
        for (const wire::Type type : types) {
            if (type / kWindowTypes == window) {
                const unsigned bit = type % kWindowTypes;
                bits.resize(bit / 8 + 1);  // types come in their order
                bits[bit / 8] = static_cast<std::uint8_t>(bits[bit / 8] | 0x80U >> bit % 8);
            }
        }
        if (!bits.empty()) {
            rdata.u8(window).u8(static_cast<unsigned>(bits.size())).raw(bits);
        }
    }
    return rdata;
}

OctetBuilder parameter_fields(const HashParameters& parameters, unsigned flags) {
    OctetBuilder rdata;
    rdata.u8(parameters.algorithm).u8(flags).u16(parameters.iterations);
    return rdata.u8(static_cast<unsigned>(parameters.salt.size())).raw(parameters.salt);
}

class Signer {
  public:
    Signer(Zone zone, const Signing& signing) : zone_(std::move(zone)), signing_(signing) {
        const Record soa = rrset(zone_, zone_.apex, type::kSoa).front();
        apex_ttl_s_ = soa.ttl_s;
        denial_ttl_s_ = base::load_be32(&soa.rdata[soa.rdata.size() - 4]);
        if (!signing.minimum_as_ttl) {
            denial_ttl_s_ = std::min(denial_ttl_s_, soa.ttl_s);
        }
    }

    void add_keys() {
        for (unsigned key = 0; key < signing_.keys; ++key) {
            add(zone_.apex,
                kDnskey,
                apex_ttl_s_,
                OctetBuilder().u16(257).u8(3).u8(kSignatureAlgorithm).u8(key));
        }
        if (signing_.chain == Chain::kNsec3) {
            add(zone_.apex, type::kNsec3Param, 0, parameter_fields(signing_.parameters, 0));
        }
    }

    void add_nsec_chain() {
        const std::set<Name> names = owners();
        for (auto name = names.begin(); name != names.end(); ++name) {
            const auto next = std::next(name) == names.end() ? names.begin() : std::next(name);
            Types types = types_at(*name);
            types.insert({type::kNsec, type::kRrsig});
            OctetBuilder rdata;
            add(*name,
                type::kNsec,
                denial_ttl_s_,
                add_bitmap(rdata.raw(next->view().octets()), types));
        }
    }

    void add_nsec3_chain() {
        std::set<std::pair<Hash, Name>> names;
        for (const Name& name : hashed_names()) {
            names.emplace(hash(name, signing_.parameters), name);
        }
        for (auto name = names.begin(); name != names.end(); ++name) {
            const auto next = std::next(name) == names.end() ? names.begin() : std::next(name);
            Types types = types_at(name->second);
            if (!types.empty() && types != Types{type::kNs}) {
                types.insert(type::kRrsig);
            }
            OctetBuilder rdata =
                parameter_fields(signing_.parameters, signing_.opt_out ? kOptOut : 0);
            rdata.u8(kHashOctets).raw(next->first);
            const std::string label = to_base32hex(name->first);
            add(below(zone_.apex, {label.begin(), label.end()}),
                type::kNsec3,
                denial_ttl_s_,
                add_bitmap(rdata, types));
        }
    }

    /// RRSIGs for every RRset from record `first` on that this zone answers for.
    void add_signatures(std::size_t first) {
        std::set<std::pair<Name, wire::Type>> done;
        const std::size_t end = zone_.records.size();
        for (std::size_t i = first; i < end; ++i) {
            const Record record = zone_.records[i];
            if (!is_signed(record.owner, record.type) ||
                !done.emplace(record.owner, record.type).second) {
                continue;
            }
            const std::uint32_t ttl_s = rrset(zone_, record.owner, record.type).front().ttl_s;
            for (unsigned key = 0; key < signing_.keys; ++key) {
                add(record.owner, type::kRrsig, ttl_s, rrsig(record, ttl_s, key));
            }
        }
    }

    Zone take() { return std::move(zone_); }

  private:
    /// RFC 4034 §3.1, but for the signature.
    OctetBuilder rrsig(const Record& record, std::uint32_t ttl_s, unsigned key) const {
        const NameView owner = record.owner.view();
        OctetBuilder rdata;
        return rdata.u16(record.type)
            .u8(kSignatureAlgorithm)
            .u8(static_cast<unsigned>(owner.label_count() - (owner.is_wildcard() ? 1 : 0)))
            .u32(ttl_s)
            .u32(kExpiration)
            .u32(kInception)
            .u16(key)
            .raw(zone_.apex.view().octets())
            .u8(key)
            .u16(record.type)
            .raw(owner.octets());
    }

    void add(const Name& owner, wire::Type type, std::uint32_t ttl_s, const OctetBuilder& rdata) {
        zone_.records.push_back({owner, type, ttl_s, rdata.bytes()});
    }

    [[nodiscard]] bool is_cut(const Name& name) const {
        return name != zone_.apex && has(zone_, name, type::kNs);
    }

    /// Names below a cut or a DNAME are none of this zone's (RFC 4035 §2.2, RFC 6672 §2.4).
    [[nodiscard]] bool is_occluded(const Name& name) const {
        for (std::size_t labels = zone_.apex.view().label_count();
             labels < name.view().label_count();
             ++labels) {
            const Name above(name.view().suffix(labels));
            if (is_cut(above) || has(zone_, above, type::kDname)) {
                return true;
            }
        }
        return false;
    }

    /// At a cut the parent answers for the DS and the denial alone. NSEC3 records may stand below a
    /// DNAME at the apex (RFC 6672 §2.3).
    [[nodiscard]] bool is_signed(const Name& owner, wire::Type type) const {
        if (type == type::kNsec3) {
            return true;
        }
        return !is_occluded(owner) && (!is_cut(owner) || type == type::kDs || type == type::kNsec);
    }

    /// Those with records, in the order of RFC 4034 §6.1.
    [[nodiscard]] std::set<Name> owners() const {
        std::set<Name> names;
        for (const Record& record : zone_.records) {
            if (!is_occluded(record.owner) && !is_of_hashed_name(record)) {
                names.insert(record.owner);
            }
        }
        return names;
    }

    /// Those of an NSEC3 chain: empty non-terminals too, without what Opt-Out leaves out.
    [[nodiscard]] std::set<Name> hashed_names() const {
        std::set<Name> names;
        for (const Name& owner : owners()) {
            if (signing_.opt_out && is_cut(owner) && !has(zone_, owner, type::kDs)) {
                continue;
            }
            for (std::size_t labels = zone_.apex.view().label_count();
                 labels <= owner.view().label_count();
                 ++labels) {
                names.emplace(owner.view().suffix(labels));
            }
        }
        return names;
    }

    /// What a bitmap says of a name; of a cut nothing but what the parent has there (RFC 4035
    /// §2.3).
    [[nodiscard]] Types types_at(const Name& name) const {
        Types types;
        for (const Record& record : zone_.records) {
            if (record.owner == name && !is_of_hashed_name(record) &&
                (record.type == type::kNs || is_signed(name, record.type))) {
                types.insert(record.type);
            }
        }
        return types;
    }

    Zone zone_;
    Signing signing_;
    std::uint32_t denial_ttl_s_ = 0;
    std::uint32_t apex_ttl_s_ = 0;
};

}  // namespace

Zone sign(const Zone& zone, const Signing& signing) {
    if (signing.chain == Chain::kNone) {
        return zone;
    }
    Signer signer(zone, signing);
    signer.add_keys();
    if (signing.chain == Chain::kNsec) {
        signer.add_nsec_chain();
    } else {
        signer.add_nsec3_chain();
    }
    signer.add_signatures(0);
    return signer.take();
}

Zone with_spare_chain(const Zone& unsigned_zone, Zone zone, const Signing& signing) {
    Signer signer(unsigned_zone, signing);
    signer.add_nsec3_chain();
    signer.add_signatures(unsigned_zone.records.size());
    const Zone chain = signer.take();
    zone.records.insert(
        zone.records.end(),
        chain.records.begin() + static_cast<std::ptrdiff_t>(unsigned_zone.records.size()),
        chain.records.end());
    return zone;
}

}  // namespace understudy::model
