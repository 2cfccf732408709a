#pragma once

#include <cstdint>

namespace understudy::control {

/// A message id that nobody can predict (RFC 5452 §4.3).
[[nodiscard]] std::uint16_t random_id();

}  // namespace understudy::control
