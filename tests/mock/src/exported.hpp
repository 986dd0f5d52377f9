// SPDX-License-Identifier: MIT
// PortAudio's declarations, visible to shared libraries even in a program that hides its symbols:
// a library of the program's that uses PortAudio has to find the mock's functions. Included first.
#pragma once

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#include <portaudio.h>

#include "host_apis.hpp"
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
