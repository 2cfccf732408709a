#pragma once

#include <memory>

#include "model/zone.h"

namespace understudy::model {

/// The proofs of one chain: which records a validator needs to see that something is not there. A
/// record that the chain lacks is left out; one may come twice.
class Denial {
  public:
    Denial() = default;
    Denial(const Denial&) = delete;
    Denial& operator=(const Denial&) = delete;
    virtual ~Denial() = default;

    /// Of a type at `name`, which exists: NODATA, and the DS of an insecure referral.
    [[nodiscard]] virtual Records no_type(const wire::Name& name) const = 0;

    /// Of `name` and of a wildcard that would give it records; `encloser` is its closest encloser.
    [[nodiscard]] virtual Records no_name(const wire::Name& name,
                                          const wire::Name& encloser) const = 0;

    /// Of a closer match for `name` than the wildcard below `encloser`, which has the type.
    [[nodiscard]] virtual Records only_wildcard(const wire::Name& name,
                                                const wire::Name& encloser) const = 0;

    /// The same, and of the type at the wildcard.
    [[nodiscard]] virtual Records no_type_at_wildcard(const wire::Name& name,
                                                      const wire::Name& encloser) const = 0;
};

/// Of the chain that the NSEC3PARAM with flags 0 names (RFC 5155 §4.1.2), else of the NSEC records;
/// a zone without either gives no proofs. `zone` has to stay.
[[nodiscard]] std::unique_ptr<const Denial> denial_of(const Zone& zone);

/// RFC 4035 §3.1.3.
[[nodiscard]] std::unique_ptr<const Denial> nsec_denial(const Zone& zone);

/// RFC 5155 §7.2. REQUIRES: `parameter` is an NSEC3PARAM.
[[nodiscard]] std::unique_ptr<const Denial> nsec3_denial(const Zone& zone, const Record& parameter);

}  // namespace understudy::model
