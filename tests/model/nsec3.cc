#include <understudy/base/octets.h>
#include <algorithm>

#include "model/denial.h"
#include "model/nsec3_hash.h"

namespace understudy::model {
namespace {

using wire::Name;

/// The front of the rdata of NSEC3 and NSEC3PARAM alike (RFC 5155 §3.2, §4.2).
HashParameters parameters_of(const Record& record) {
    const std::uint8_t* octets = record.rdata.data();
    return {octets[0], base::load_be16(octets + 2), {octets + 5, octets + 5 + octets[4]}};
}

/// A record of the chain, its hashes read.
struct Link {
    Hash own;
    Hash next;
    Name owner;
};

class Nsec3 : public Denial {
  public:
    Nsec3(const Zone& zone, const Record& parameter)
        : zone_(zone), parameters_(parameters_of(parameter)) {
        for (const Record& record : zone.records) {
            if (record.type == wire::type::kNsec3 && parameters_of(record) == parameters_) {
                const std::uint8_t* hash = &record.rdata[5U + record.rdata[4]];
                const auto label = record.owner.view().first_label();
                links_.push_back(
                    {from_base32hex({reinterpret_cast<const char*>(label.data()), label.size()}),
                     {hash + 1, hash + 1 + hash[0]},
                     record.owner});
            }
        }
    }

    /// §7.2.3 and §7.2.4; an empty non-terminal above insecure delegations alone may have no record
    /// either (§7.1).
    [[nodiscard]] Records no_type(const Name& name) const override {
        return encloser_proof(name).records;
    }

    [[nodiscard]] Records no_name(const Name& name, const Name& /*encloser*/) const override {
        EncloserProof proof = encloser_proof(name);  // §7.2.2
        add(covering(wildcard_below(proof.encloser)), proof.records);
        return proof.records;
    }

    [[nodiscard]] Records only_wildcard(const Name& name, const Name& encloser) const override {
        return covering(next_closer(name, encloser));  // §7.2.6
    }

    [[nodiscard]] Records no_type_at_wildcard(const Name& name,
                                              const Name& encloser) const override {
        Records records = encloser_proof(name).records;  // §7.2.5
        add(matching(wildcard_below(encloser)), records);
        return records;
    }

  private:
    struct EncloserProof {
        Name encloser;
        Records records;
    };

    static void add(const Records& more, Records& records) {
        records.insert(records.end(), more.begin(), more.end());
    }

    /// `name`'s suffix of one label more than `encloser` has.
    static Name next_closer(const Name& name, const Name& encloser) {
        return Name(name.view().suffix(encloser.view().label_count() + 1));
    }

    /// The closest provable encloser (§7.2.1): the longest suffix with a record of its own, and the
    /// record that covers the next closer name. The name itself may be it: then nothing is to be
    /// covered.
    [[nodiscard]] EncloserProof encloser_proof(const Name& name) const {
        for (std::size_t labels = name.view().label_count();
             labels >= zone_.apex.view().label_count();
             --labels) {
            const Name encloser(name.view().suffix(labels));
            Records records = matching(encloser);
            if (!records.empty()) {
                if (encloser != name) {
                    add(covering(next_closer(name, encloser)), records);
                }
                return {encloser, records};
            }
        }
        return {zone_.apex, {}};  // a broken chain
    }

    [[nodiscard]] Records matching(const Name& name) const {
        const Hash hashed = hash(name, parameters_);
        return find([&](const Link& link) { return link.own == hashed; });
    }

    [[nodiscard]] Records covering(const Name& name) const {
        const Hash hashed = hash(name, parameters_);
        return find([&](const Link& link) {
            const bool behind = link.own < hashed;
            const bool before = hashed < link.next;
            return link.own < link.next ? behind && before  // the last record leads to the first
                                        : (behind || before) && link.own != hashed;
        });
    }

    template <typename Wanted>
    [[nodiscard]] Records find(Wanted wanted) const {
        const auto link = std::ranges::find_if(links_, wanted);
        if (link == links_.end()) {
            return {};
        }
        Records records = rrset(zone_, link->owner, wire::type::kNsec3);
        std::erase_if(
            records, [this](const Record& record) { return parameters_of(record) != parameters_; });
        return records;
    }

    const Zone& zone_;
    HashParameters parameters_;
    std::vector<Link> links_;
};

}  // namespace

std::unique_ptr<const Denial> nsec3_denial(const Zone& zone, const Record& parameter) {
    return std::make_unique<Nsec3>(zone, parameter);
}

}  // namespace understudy::model
