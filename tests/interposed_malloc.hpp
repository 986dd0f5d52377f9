// SPDX-License-Identifier: MIT
// A test program that includes this, in one file, and defines on_memory_call() learns of each call
// for memory in the whole process, in libraries that it loads too. Nothing is counted where
// COUNTS_MEMORY_CALLS is 0: without glibc, and under a sanitizer, which has a malloc of its own.
#pragma once

#include <cstddef>
#include <cstdlib>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__GLIBC__)
#define COUNTS_MEMORY_CALLS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTS_MEMORY_CALLS 0
#endif
#endif
#if !defined(COUNTS_MEMORY_CALLS)
#define COUNTS_MEMORY_CALLS 1
#endif

/// Called before memory is taken or given back, by the thread that does it; takes none itself.
void on_memory_call() noexcept;

#if COUNTS_MEMORY_CALLS
// The whole process takes these instead of the C library's.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) noexcept {
    on_memory_call();
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
    on_memory_call();
    return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
    on_memory_call();
    return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    on_memory_call();
    return __libc_memalign(alignment, size);
}
void free(void* memory) noexcept {
    on_memory_call();
    __libc_free(memory);
}
}
#endif
