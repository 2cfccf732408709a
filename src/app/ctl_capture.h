#pragma once

#include <understudy/ops/protocol.h>
#include <cstdio>

#include "app/control_client.h"
#include "app/ctl_options.h"

namespace understudy::app {

/// Captures packets of the daemon's ports until as many have come as were asked for, the time is
/// over, or somebody interrupts (SIGINT, SIGTERM), and writes them as pcapng to the file of the
/// options or, where they name none, to `output`. Whatever ends it, what has come by then is
/// written. Once the packets come, a line to `notices` says so. The outcome's document is
/// `{captured, skipped, ports, file}`.
[[nodiscard]] tl::expected<ops::Outcome, ClientFailure> capture_packets(const CtlOptions& options,
                                                                        std::FILE* output,
                                                                        std::FILE* notices);

}  // namespace understudy::app
