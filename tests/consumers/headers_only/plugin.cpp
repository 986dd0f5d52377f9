// SPDX-License-Identifier: MIT
#include <portaudio.h>

#if defined(_WIN32)
#define EXPORT extern "C" __declspec(dllexport)
#else
#define EXPORT extern "C" __attribute__((visibility("default")))
#endif

EXPORT int halve(const void* input, void* output, unsigned long frames,
                 const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void*) {
    if (input != output) return paAbort;
    for (unsigned long i = 0; i < 2 * frames; ++i) static_cast<float*>(output)[i] *= 0.5f;
    return paContinue;
}
