#pragma once

/// What ThreadSanitizer must be told: liburcu orders a reader's last look before the free by
/// fences in a library that is not instrumented. A reader that has said it holds nothing releases,
/// and the end of a grace period acquires. (That a value is written before it is read needs no
/// telling: the pointer is a std::atomic.) Empty in other builds.

#if defined(__SANITIZE_THREAD__)
#define UNDERSTUDY_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDERSTUDY_TSAN 1
#endif
#endif

#ifdef UNDERSTUDY_TSAN
#include <sanitizer/tsan_interface.h>
#endif

namespace understudy::rcu {

#ifdef UNDERSTUDY_TSAN

inline char tsan_grace_period = 0;  // its address stands for the order between readers and frees

inline void tsan_reads_end() noexcept { __tsan_release(&tsan_grace_period); }
inline void tsan_grace_period_ended() noexcept { __tsan_acquire(&tsan_grace_period); }

#else

inline void tsan_reads_end() noexcept {}
inline void tsan_grace_period_ended() noexcept {}

#endif

}  // namespace understudy::rcu
