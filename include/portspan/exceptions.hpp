// SPDX-License-Identifier: MIT
// Throwing and catching, in a program that is compiled without exceptions (-fno-exceptions) too.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <new>
#include <stdexcept>

namespace portspan::detail {

/// Throws `error`. Without exceptions: its sentence goes to stderr, and the program ends.
template <class E>
[[noreturn]] void raise(E error) {
#ifdef __cpp_exceptions
    throw error;
#else
    std::fprintf(stderr, "portspan: %s\n", error.what());
    std::abort();
#endif
}

/// What `work` returns; where it throws, what `failed` does. Without exceptions nothing is caught.
template <class Work, class Failed>
auto attempt(Work work, [[maybe_unused]] Failed failed) -> decltype(work()) {
#ifdef __cpp_exceptions
    try {
        return work();
    } catch (...) {
        return failed();
    }
#else
    return work();
#endif
}

/// The same where it throws an E, which `failed` gets.
template <class E, class Work, class Failed>
auto attempt(Work work, [[maybe_unused]] Failed failed) -> decltype(work()) {
#ifdef __cpp_exceptions
    try {
        return work();
    } catch (const E& error) {
        return failed(error);
    }
#else
    return work();
#endif
}

/// What `work` returns; where there is no memory for it, or never could be, raises what `error`
/// returns.
template <class Work, class MakeError>
auto allocate(Work work, [[maybe_unused]] MakeError error) -> decltype(work()) {
#ifdef __cpp_exceptions
    try {
        return work();
    } catch (const std::bad_alloc&) {
        raise(error());
    } catch (const std::length_error&) {
        raise(error());
    }
#else
    return work();
#endif
}

}  // namespace portspan::detail
