#pragma once

#include <string>
#include <understudy/wire/constants.h>

namespace understudy::control {

/// `REFUSED`; `rcode 23` where it has no name here.
[[nodiscard]] std::string rcode_text(wire::Rcode rcode);

}  // namespace understudy::control
