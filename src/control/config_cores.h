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

/// The cores that this process could run on when it was first asked, ascending, and those isolated
/// ones that it could move to: the kernel keeps everybody off them who does not ask. Only then:
/// later its threads are pinned, and a reload on one of them would see that thread's cores alone.
[[nodiscard]] const std::vector<unsigned>& available_cores();

/// `2-3` and `2,4,6`, in the order written. Refuses a core that is not available, with the reason,
/// and one that stands twice.
[[nodiscard]] base::Expected<std::vector<unsigned>> parse_cores(
    std::string_view text, const std::vector<unsigned>& available);

}  // namespace understudy::control
