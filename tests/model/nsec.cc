#include <understudy/base/octets.h>

#include "model/denial.h"

namespace understudy::model {
namespace {

using wire::Name;
using wire::NameView;

class Nsec : public Denial {
  public:
    explicit Nsec(const Zone& zone) : zone_(zone) {}

    [[nodiscard]] Records no_type(const Name& name) const override {  // §3.1.3.1
        const Records here = rrset(zone_, name, wire::type::kNsec);
        return here.empty() ? covering(name) : here;  // none stands at an empty non-terminal
    }

    [[nodiscard]] Records no_name(const Name& name, const Name& encloser) const override {
        return both(covering(name), covering(wildcard_below(encloser)));  // §3.1.3.2
    }

    [[nodiscard]] Records only_wildcard(const Name& name, const Name& /*encloser*/) const override {
        return covering(name);  // §3.1.3.3
    }

    [[nodiscard]] Records no_type_at_wildcard(const Name& name,
                                              const Name& encloser) const override {
        return both(covering(name), no_type(wildcard_below(encloser)));  // §3.1.3.4
    }

  private:
    static Records both(Records left, const Records& right) {
        left.insert(left.end(), right.begin(), right.end());
        return left;
    }

    /// The record whose owner stands before `name` and whose next name stands behind it; the apex
    /// is next to the last name.
    [[nodiscard]] Records covering(const Name& name) const {
        for (const Record& record : zone_.records) {
            if (record.type != wire::type::kNsec || record.owner >= name) {
                continue;
            }
            const base::Octets rdata = record.rdata;
            const Name next{NameView(rdata.first(wire::name_length(rdata)))};
            if (next > name || next == zone_.apex) {
                return rrset(zone_, record.owner, wire::type::kNsec);
            }
        }
        return {};
    }

    const Zone& zone_;
};

}  // namespace

std::unique_ptr<const Denial> nsec_denial(const Zone& zone) { return std::make_unique<Nsec>(zone); }

std::unique_ptr<const Denial> denial_of(const Zone& zone) {
    for (const Record& record : zone.records) {
        constexpr std::size_t kFlags = 1;
        if (record.type == wire::type::kNsec3Param && record.owner == zone.apex &&
            record.rdata[kFlags] == 0) {
            return nsec3_denial(zone, record);
        }
    }
    return nsec_denial(zone);
}

}  // namespace understudy::model
