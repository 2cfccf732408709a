#pragma once

#include <understudy/base/expected.h>
#include <string>
#include <string_view>
#include <vector>

namespace understudy::control {

/// More workers than that no NIC feeds, and each costs a core.
inline constexpr std::size_t kMaxWorkers = 128;

/// `auto` takes no more: beyond it, queues and cores are worth a look by the operator.
inline constexpr std::size_t kMaxAutoWorkers = 16;

/// The cores that this process could run on when it was first asked, ascending. Only then: later
/// its threads are pinned, and a reload on one of them would see that thread's cores alone.
[[nodiscard]] const std::vector<unsigned>& available_cores();

/// What `auto` means: every available core but the first, which is left to the kernel and to the
/// control plane (core 0 as a rule); the only one where there is but one.
[[nodiscard]] std::vector<unsigned> automatic_cores(const std::vector<unsigned>& available);

/// `2-3` and `2,4,6`, in the order written. Refuses a core that is not available, and one that
/// stands twice.
[[nodiscard]] base::Expected<std::vector<unsigned>> parse_cores(
    std::string_view text, const std::vector<unsigned>& available);

}  // namespace understudy::control
