#pragma once

#include <understudy/base/expected.h>
#include <understudy/base/octets.h>

namespace understudy::crypto {

/// Fills `octets` with what nobody can predict. Any thread. Fails where the system gives no
/// entropy; `octets` must not be used then.
[[nodiscard]] base::Expected<void> random_octets(base::MutableOctets octets);

}  // namespace understudy::crypto
