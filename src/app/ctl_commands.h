#pragma once

#include <cstdio>
#include <string>

#include "app/ctl_options.h"

namespace understudy::app {

/// Does what the options ask for, and writes the answer to `output`, complaints to `complaints`.
/// Returns the exit code.
[[nodiscard]] int run_ctl(const CtlOptions& options, std::FILE* output, std::FILE* complaints);

}  // namespace understudy::app
