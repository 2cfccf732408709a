#pragma once

#include <understudy/wire/constants.h>
#include <string>

namespace understudy::control {

/// `REFUSED`; `rcode 23` where it has no name here.
[[nodiscard]] std::string rcode_text(wire::Rcode rcode);

}  // namespace understudy::control
