#pragma once

#include <understudy/base/octets.h>

namespace understudy::ethdev {

/// The compiled XDP program, an ELF file.
[[nodiscard]] base::Octets service_filter_object() noexcept;

}  // namespace understudy::ethdev
