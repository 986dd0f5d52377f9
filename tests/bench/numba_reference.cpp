// SPDX-License-Identifier: MIT
// The loops of numba_kernels.py as a C++ programmer writes them.
#include <portaudio.h>

#include <array>
#include <cmath>
#include <cstddef>

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

extern "C" int biquad(const float* x, float* y, unsigned long frames,
                      const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, void* user_data) {
    constexpr float b0 = 0.0976f, b1 = 0.1953f, b2 = 0.0976f, a1 = -0.9428f, a2 = 0.3333f;
    float* past = static_cast<float*>(user_data);
    for (unsigned long channel = 0; channel < 2; ++channel) {
        float z1 = past[2 * channel];
        float z2 = past[2 * channel + 1];
        for (unsigned long frame = 0; frame < frames; ++frame) {
            const float v = x[2 * frame + channel];
            const float w = b0 * v + z1;
            z1 = b1 * v - a1 * w + z2;
            z2 = b2 * v - a2 * w;
            y[2 * frame + channel] = w;
        }
        past[2 * channel] = z1;
        past[2 * channel + 1] = z2;
    }
    return paContinue;
}

extern "C" int fir(const float* x, float* y, unsigned long frames, const PaStreamCallbackTimeInfo*,
                   PaStreamCallbackFlags, void* user_data) {
    static constexpr auto taps = [] {
        std::array<float, 64> h{};
        for (std::size_t k = 0; k < 64; ++k) h[k] = static_cast<float>(k + 1) / 2080.0f;
        return h;
    }();
    for (unsigned long channel = 0; channel < 2; ++channel) {
        float* heard = static_cast<float*>(user_data) + channel * (63 + 1024);
        for (unsigned long frame = 0; frame < frames; ++frame) {
            heard[63 + frame] = x[2 * frame + channel];
        }
        for (unsigned long frame = 0; frame < frames; ++frame) {
            float total = 0;
            for (std::size_t k = 0; k < 64; ++k) total += taps[63 - k] * heard[frame + k];
            y[2 * frame + channel] = total;
        }
        for (std::size_t k = 0; k < 63; ++k) heard[k] = heard[frames + k];
    }
    return paContinue;
}
