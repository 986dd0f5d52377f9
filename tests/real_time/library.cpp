// SPDX-License-Identifier: MIT
// A library that is loaded when the program runs: a compiled callback, and a callable of portspan's
// own in a library, as a Python program has it.
#include <portspan/callback.hpp>
#include <portspan/prepare.hpp>

#include "script.hpp"

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {
unsigned long failures = 0;
}  // namespace

EXPORT int play(const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                PaStreamCallbackFlags, Script* script) {
    const int result = next_result(*script);
    if (result == paAbort) ++failures;
    return result;
}
EXPORT const char* play_portspan_error(unsigned long* count) {
    *count = failures;
    return failures == 0 ? nullptr : "ValueError: no more";
}

/// Lives as long as the library.
EXPORT const portspan::RawCallback* callable() {
    static const auto prepared = portspan::detail::prepare<void, float, portspan::Interleaved>(
        [](auto& block) noexcept {
            for (float& x : block.output().samples()) x = 0;
        },
        {.shape = {0, 2}, .frames_per_buffer = 64, .sample_rate = 48000});
    return &prepared.callback;
}
