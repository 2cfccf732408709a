#pragma once

#include <span>
#include <vector>

namespace understudy::app {

/// Keeps the calling thread, and every thread that it starts, off the workers' cores, unless there
/// are no others. Returns the cores that are left to it.
std::vector<unsigned> leave_cores_to_workers(std::span<const unsigned> worker_cores);

}  // namespace understudy::app
