// SPDX-License-Identifier: MIT
// A function of this program in the place of one of the C library's.
#pragma once

#include <dlfcn.h>

#include <atomic>

#include "calls.hpp"

namespace real_time {

/// The C library's own.
void* original(const char* name) noexcept;

template <class Function>
Function* original(std::atomic<Function*>& known, const char* name) noexcept {
    Function* function = known.load(std::memory_order_relaxed);
    if (!function) {
        function = reinterpret_cast<Function*>(original(name));
        known.store(function, std::memory_order_relaxed);
    }
    return function;
}

}  // namespace real_time

// Its symbol alone has the name: headers declare that with attributes, as macros and inline.
#define PORTSPAN_TEST_INTERPOSE(result, name, parameters, ...)             \
    extern "C" result interposed_##name parameters __asm__(#name);         \
    extern "C" result interposed_##name parameters {                       \
        static constinit std::atomic<result(*) parameters> known{nullptr}; \
        real_time::notice(#name);                                          \
        return real_time::original(known, #name)(__VA_ARGS__);             \
    }
