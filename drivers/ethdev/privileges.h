#pragma once

#include <understudy/base/expected.h>
#include <understudy/port/device_name.h>

namespace understudy::ethdev {

/// Whether this thread may open such a device; else an error that names the missing capabilities.
[[nodiscard]] base::Expected<void> check_privileges(const port::DeviceName& name);

}  // namespace understudy::ethdev
