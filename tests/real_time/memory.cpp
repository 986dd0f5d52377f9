// SPDX-License-Identifier: MIT
// Memory, the program's and the system's.
#include "calls.hpp"

#if PORTSPAN_TEST_SEES_CALLS
#include <sys/types.h>

#include <cerrno>
#include <cstddef>
#include <new>

#include "interpose.hpp"

// glibc's own: to look for the next one takes memory.
extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);
void __libc_free(void*);

void* malloc(std::size_t size) noexcept {
    real_time::notice("malloc");
    return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) noexcept {
    real_time::notice("calloc");
    return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
    real_time::notice("realloc");
    return __libc_realloc(memory, size);
}
void free(void* memory) noexcept {
    real_time::notice("free");
    __libc_free(memory);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    real_time::notice("aligned_alloc");
    return __libc_memalign(alignment, size);
}
void* memalign(std::size_t alignment, std::size_t size) noexcept {
    real_time::notice("memalign");
    return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
    real_time::notice("posix_memalign");
    *memory = __libc_memalign(alignment, size);
    return *memory ? 0 : ENOMEM;
}
}

// The others of each are libstdc++'s and come here.
void* operator new(std::size_t size) {
    real_time::notice("operator new");
    if (void* const memory = __libc_malloc(size != 0 ? size : 1)) return memory;
    throw std::bad_alloc{};
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    real_time::notice("operator new");
    if (void* const memory = __libc_memalign(static_cast<std::size_t>(alignment), size)) {
        return memory;
    }
    throw std::bad_alloc{};
}
void operator delete(void* memory) noexcept {
    real_time::notice("operator delete");
    __libc_free(memory);
}
void operator delete(void* memory, std::size_t) noexcept { operator delete(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { operator delete(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    operator delete(memory);
}

#define CALL PORTSPAN_TEST_INTERPOSE
CALL(void*, mmap, (void* at, size_t size, int use, int kind, int file, off_t from), at, size, use,
     kind, file, from)
CALL(void*, mmap64, (void* at, size_t size, int use, int kind, int file, off64_t from), at, size,
     use, kind, file, from)
CALL(int, munmap, (void* at, size_t size), at, size)
CALL(void*, mremap, (void* at, size_t size, size_t next, int flags, void* to), at, size, next,
     flags, to)
CALL(int, mprotect, (void* at, size_t size, int use), at, size, use)
CALL(int, madvise, (void* at, size_t size, int advice), at, size, advice)
CALL(int, msync, (void* at, size_t size, int flags), at, size, flags)
CALL(int, mlock, (const void* at, size_t size), at, size)
CALL(int, munlock, (const void* at, size_t size), at, size)
CALL(int, mlockall, (int flags), flags)
CALL(int, brk, (void* end), end)
CALL(void*, sbrk, (intptr_t bytes), bytes)
#endif
