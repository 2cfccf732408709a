#pragma once

#include "model/zone.h"

namespace understudy::model {

struct Answer {
    wire::Rcode rcode = wire::Rcode::kNoError;
    bool is_authoritative = false;
    Records answer;
    Records authority;
    Records additional;
};

/// Aliases that a question may lead through.
inline constexpr std::size_t kMaxAliases = 17;

/// The whole answer after the words of RFC 1034 §4.3.2, 2308, 4592, 6672, 9460, 9471, and with
/// `dnssec_ok` of RFC 4035 §3.1 and RFC 5155 §7.2, as if size were no matter; ANY gets every RRset.
/// No record stands twice in a section. REQUIRES: `name` is in the zone.
[[nodiscard]] Answer answer(const Zone& zone,
                            const wire::Name& name,
                            wire::Type type,
                            bool dnssec_ok);

}  // namespace understudy::model
