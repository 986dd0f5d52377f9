// SPDX-License-Identifier: MIT
// What clang is told of functions that run in the audio thread: with -Wfunction-effects (20 and
// later) it says where one of them, or a callable that one calls, could wait.
#pragma once

#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::nonblocking)
/// Behind noexcept: the function never waits, under the condition that follows.
#define PORTSPAN_NONBLOCKING(...) [[clang::nonblocking(__VA_ARGS__)]]
/// A statement of such a function that does not wait, which the compiler cannot see.
#define PORTSPAN_NOT_SEEN(...)                                           \
    _Pragma("clang diagnostic push")                                     \
        _Pragma("clang diagnostic ignored \"-Wunknown-warning-option\"") \
            _Pragma("clang diagnostic ignored \"-Wfunction-effects\"")   \
                __VA_ARGS__ _Pragma("clang diagnostic pop")
#endif
#endif
#if !defined(PORTSPAN_NONBLOCKING)
#define PORTSPAN_NONBLOCKING(...)
#define PORTSPAN_NOT_SEEN(...) __VA_ARGS__
#endif
