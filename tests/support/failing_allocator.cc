#include "support/failing_allocator.h"

#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define UNDERSTUDY_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define UNDERSTUDY_SANITIZED 1
#endif
#endif

namespace {

constinit thread_local bool armed = false;
constinit thread_local std::size_t allocations = 0;

void note_allocation() noexcept {
    if (armed) {
        ++allocations;
    }
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl*,readability-*-parameter-name): theirs
#ifdef UNDERSTUDY_SANITIZED

// Of the sanitizers' runtime; its header is not installed with every compiler.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                             std::size_t),
                                                         void (*free_hook)(const volatile void*));

namespace {

[[maybe_unused]] const int kInstalled = __sanitizer_install_malloc_and_free_hooks(
    [](const volatile void*, std::size_t) { note_allocation(); }, [](const volatile void*) {});

}  // namespace

#else

// glibc's own, under the names by which it lets itself be replaced.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t align, std::size_t size);

void* malloc(std::size_t size) noexcept {
    note_allocation();
    return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) noexcept {
    note_allocation();
    return __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) noexcept {
    note_allocation();
    return __libc_realloc(block, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    note_allocation();
    return __libc_memalign(alignment, size);
}
}

#endif
// NOLINTEND(bugprone-reserved-identifier,cert-dcl*,readability-*-parameter-name)

namespace understudy::support {

AllocationGuard::AllocationGuard() noexcept {
    allocations = 0;
    armed = true;
}

AllocationGuard::~AllocationGuard() { armed = false; }

std::size_t AllocationGuard::count() const noexcept { return allocations; }

}  // namespace understudy::support
