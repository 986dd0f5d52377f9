// SPDX-License-Identifier: MIT
// PortAudio's functions are defined between these two. Visible to shared libraries even in a
// program that hides its symbols: a library of the program's that uses PortAudio has to find them.
// Inside the mock's namespace, where in a unity build no name of the program's is in the way. The
// pragma is around the definitions, because a precompiled header or a unity build may have brought
// portaudio.h before, hidden.
#pragma once

#include <portaudio.h>

#if defined(__GNUC__)
#define PORTSPAN_MOCK_EXPORTED                                         \
    _Pragma("GCC visibility push(default)") namespace portspan::mock { \
        extern "C" {
#define PORTSPAN_MOCK_EXPORTED_END \
    }                              \
    }                              \
    _Pragma("GCC visibility pop")
#else
#define PORTSPAN_MOCK_EXPORTED \
    namespace portspan::mock { \
    extern "C" {
#define PORTSPAN_MOCK_EXPORTED_END \
    }                              \
    }
#endif
