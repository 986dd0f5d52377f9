// SPDX-License-Identifier: MIT
// PortAudio's declarations, visible to shared libraries even in a program that hides its symbols:
// a library of the program's that uses PortAudio has to find the mock's functions. Included first.
#pragma once

#if defined(__GNUC__)
#pragma GCC visibility push(default)
#endif
#include <portaudio.h>
#if __has_include(<pa_linux_alsa.h>)
#include <pa_linux_alsa.h>
#endif
#if __has_include(<pa_jack.h>)
#include <pa_jack.h>
#endif
#if __has_include(<pa_unix_oss.h>)
#include <pa_unix_oss.h>
#endif
#if defined(__GNUC__)
#pragma GCC visibility pop
#endif
