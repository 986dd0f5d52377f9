// SPDX-License-Identifier: MIT
// The loops of numba_kernels.py as a C++ programmer writes them, and what measures a callback.
#include <portaudio.h>

#include <chrono>
#include <cmath>

#define REFERENCE(name, expression)                                                                \
    extern "C" int name##_samples(const float* x, float* y, unsigned long frames,                  \
                                  const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void*) { \
        for (unsigned long i = 0; i < 2 * frames; ++i) {                                           \
            const float v = x[i];                                                                  \
            y[i] = expression;                                                                     \
        }                                                                                          \
        return paContinue;                                                                         \
    }                                                                                              \
    extern "C" int name##_frames(const float* x, float* y, unsigned long frames,                   \
                                 const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void*) {  \
        for (unsigned long frame = 0; frame < frames; ++frame) {                                   \
            for (unsigned long channel = 0; channel < 2; ++channel) {                              \
                const float v = x[2 * frame + channel];                                            \
                y[2 * frame + channel] = expression;                                               \
            }                                                                                      \
        }                                                                                          \
        return paContinue;                                                                         \
    }

REFERENCE(soft_clip, std::tanh(0.5f * v))
REFERENCE(gain, 0.5f * v)
REFERENCE(rational, 4.0f * v / (1.0f + std::abs(4.0f * v)))

/// Nanoseconds of a call, on average over some. The blocks of the input are heard one after the
/// other and again from the beginning: music does not repeat a block that a CPU has learnt.
extern "C" double nanoseconds(PaStreamCallback* callback, const float* x, float* y,
                              unsigned long frames, long calls, long blocks, long first) {
    const PaStreamCallbackTimeInfo time{};
    long block = first % blocks;
    const auto start = std::chrono::steady_clock::now();
    for (long i = 0; i < calls; ++i) {
        callback(x + 2 * frames * static_cast<unsigned long>(block), y, frames, &time, 0, nullptr);
        if (++block == blocks) block = 0;
    }
    const std::chrono::duration<double, std::nano> passed =
        std::chrono::steady_clock::now() - start;
    return passed.count() / static_cast<double>(calls);
}
