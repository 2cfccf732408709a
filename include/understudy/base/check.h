#pragma once

#include <cstdio>
#include <cstdlib>

namespace understudy::base {

/// Ends the process after naming the broken invariant. A failed check is our own bug, never a
/// peer's or the environment's doing; it stays in every build.
[[noreturn]] inline void check_failed(const char* condition, const char* file, int line) noexcept {
    static_cast<void>(std::fprintf(stderr, "%s:%d: invariant broken: %s\n", file, line, condition));
    std::abort();
}

}  // namespace understudy::base

#define UNDERSTUDY_CHECK(condition)                                           \
    do {                                                                      \
        if (!(condition)) [[unlikely]] {                                      \
            ::understudy::base::check_failed(#condition, __FILE__, __LINE__); \
        }                                                                     \
    } while (false)
