#pragma once

#include <understudy/base/expected.h>
#include <cstdint>
#include <string_view>
#include <vector>

namespace understudy::text {

/// Decodes base64 strictly (RFC 4648 §4): padding is required, blanks and set bits behind the last
/// octet are refused, so that one value has one spelling.
[[nodiscard]] base::Expected<std::vector<std::uint8_t>> decode_base64(std::string_view text);

}  // namespace understudy::text
