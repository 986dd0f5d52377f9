// SPDX-License-Identifier: MIT
// What a thread calls of the C library and the operating system that may take memory, wait, or do
// I/O. A program that links real_time_calls has these functions itself: they win over the C
// library's for all that is in the process, libstdc++ and libraries loaded later included, note the
// name, and call what they stand for.
//
// clock_gettime is none of them: Linux answers it in the process (vDSO), and PortAudio's back ends
// call it in the audio thread themselves.
#pragma once

#include <string>

#include "../sanitizer.hpp"

// Not without glibc, nor under a sanitizer, which has functions of its own in these places.
#if defined(PORTSPAN_TEST_ASAN) || defined(PORTSPAN_TEST_TSAN) || !defined(__GLIBC__)
#define PORTSPAN_TEST_SEES_CALLS 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define PORTSPAN_TEST_SEES_CALLS 0
#endif
#endif
#if !defined(PORTSPAN_TEST_SEES_CALLS)
#define PORTSPAN_TEST_SEES_CALLS 1
#endif

namespace real_time {

/// What this thread calls is noted while one lives.
class Watched {
public:
    Watched() noexcept;
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    ~Watched();
};

/// Inside of that: not what this thread calls now.
class Unwatched {
public:
    Unwatched() noexcept;
    Unwatched(const Unwatched&) = delete;
    Unwatched& operator=(const Unwatched&) = delete;
    ~Unwatched();

private:
    bool before_;
};

/// What the watched threads have called since the last time, "malloc 2, free 1"; empty is none.
std::string take_noted();

/// The same of `f` on this thread.
std::string calls_of(auto f) {
    {
        const Watched watched;
        f();
    }
    return take_noted();
}

/// As if somebody looked at what it points to: no compiler leaves out what leads there.
template <class T>
T* seen(T* pointer) {
    asm volatile("" : "+r"(pointer) : : "memory");
    return pointer;
}

/// For the functions themselves: notes the name, which lives for ever, where the thread is watched.
void notice(const char* name) noexcept;

}  // namespace real_time
