#pragma once

#include <string>
#include <string_view>

#include "model/answerer.h"

namespace understudy::model {

/// A zone from master-file text. REQUIRES: it is well formed; else the test ends here.
[[nodiscard]] Zone zone_from_text(std::string_view apex, std::string_view text);

/// One record a line, in their order.
[[nodiscard]] std::string to_text(const Records& records);

/// An answer, sections and records sorted; RRSIGs stand as their count of labels behind each record
/// that they cover, one of nothing has a line of its own:
///
///     NOERROR aa
///     answer a.z.w.example. 3600 IN MX 1 ai.example. [2]
///     authority x.y.w.example. 3600 IN NSEC xx.example. MX RRSIG NSEC [4]
[[nodiscard]] std::string to_text(const Answer& answer);

}  // namespace understudy::model
