// SPDX-License-Identifier: MIT
// A test program that includes this, in one file, learns what its audio thread does that may wait:
// calls for memory and for a mutex. Nothing is counted where COUNTS_MEMORY_CALLS is 0.
#pragma once

#include <atomic>

#include "interposed_malloc.hpp"

/// Set by the thread that plays the audio thread, while it does.
inline thread_local bool is_audio_thread = false;
/// What audio threads have done so far.
inline std::atomic<int> forbidden{0};
/// What this thread has done, audio thread or not: calls for memory alone.
inline thread_local int memory_calls = 0;

void on_memory_call() noexcept {
    ++memory_calls;
    if (is_audio_thread) ++forbidden;
}

#if COUNTS_MEMORY_CALLS
#include <dlfcn.h>
#include <pthread.h>

// As with memory: the whole process takes this instead of the C library's.
extern "C" {
int pthread_mutex_lock(pthread_mutex_t* mutex) noexcept {
    if (is_audio_thread) ++forbidden;
    static auto* const lock =
        reinterpret_cast<int (*)(pthread_mutex_t*)>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
    return lock(mutex);
}
}
#endif
