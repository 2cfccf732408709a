#pragma once

#include <understudy/answer/answer.h>
#include <understudy/wire/query.h>
#include <understudy/zone/name_key.h>
#include <understudy/zone/snapshot.h>

#include "answer/response.h"

namespace understudy::answer {

/// Fills `response` from `zone` by the algorithm of RFC 1034 §4.3.2 and returns the verdict.
/// `name`: the query name.
[[nodiscard]] stats::Verdict resolve(const zone::Zone& zone,
                                     const zone::NameKey& name,
                                     const wire::Query& query,
                                     Transport transport,
                                     Response& response) noexcept;

}  // namespace understudy::answer
