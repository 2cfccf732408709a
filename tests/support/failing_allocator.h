#pragma once

#include <cstddef>

namespace understudy::support {

/// Counts what its thread allocates while it lives, whichever function asks: malloc and its kin
/// stand below every operator new. Under a sanitizer the sanitizer's hook counts, else the
/// functions are ours. One at a time on a thread.
///
/// Linked only into programs that use it: it replaces malloc for the whole of them.
class AllocationGuard {
  public:
    AllocationGuard() noexcept;
    ~AllocationGuard();
    AllocationGuard(const AllocationGuard&) = delete;
    AllocationGuard& operator=(const AllocationGuard&) = delete;

    [[nodiscard]] std::size_t count() const noexcept;
};

}  // namespace understudy::support
