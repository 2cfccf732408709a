#pragma once

#include <cstddef>
#include <string>

namespace understudy::ethdev {

/// Free huge pages of all sizes, in octets; 0 where the kernel has none.
[[nodiscard]] std::size_t free_huge_page_octets();

/// The command after which `needed_octets` will be free.
[[nodiscard]] std::string reserve_command(std::size_t needed_octets);

/// The command that gives a NUMA node huge pages for one queue more.
[[nodiscard]] std::string reserve_command_on(unsigned numa_node);

}  // namespace understudy::ethdev
