/* SPDX-License-Identifier: MIT
   A callback by somebody who knows portaudio.h and C: a low-pass filter on two channels. */
#include <portaudio.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

struct one_pole {
    double last[2];
    unsigned long frames_left;
};

static int after(struct one_pole* filter, unsigned long frames) {
    filter->frames_left -= frames < filter->frames_left ? frames : filter->frames_left;
    return filter->frames_left == 0 ? paComplete : paContinue;
}

static double step(struct one_pole* filter, int channel, double sample) {
    return filter->last[channel] = 0.5 * filter->last[channel] + 0.5 * sample;
}

EXPORT int one_pole(const void* input, void* output, unsigned long frames,
                    const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                    void* user_data) {
    const float* in = input;
    float* out = output;
    unsigned long i;
    (void)time;
    (void)status;
    for (i = 0; i < 2 * frames; ++i) out[i] = (float)step(user_data, (int)(i % 2), in ? in[i] : 0);
    return after(user_data, frames);
}

EXPORT int one_pole_short(const void* input, void* output, unsigned long frames,
                          const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                          void* user_data) {
    const short* in = input;
    short* out = output;
    unsigned long i;
    (void)time;
    (void)status;
    for (i = 0; i < 2 * frames; ++i) out[i] = (short)step(user_data, (int)(i % 2), in ? in[i] : 0);
    return after(user_data, frames);
}

EXPORT int one_pole_planar(const void* input, void* output, unsigned long frames,
                           const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                           void* user_data) {
    const float* const* in = input;
    float* const* out = output;
    unsigned long i;
    int c;
    (void)time;
    (void)status;
    for (c = 0; c < 2; ++c) {
        for (i = 0; i < frames; ++i) out[c][i] = (float)step(user_data, c, in ? in[c][i] : 0);
    }
    return after(user_data, frames);
}

/* Fails loudly where it is not called in place: the output is then full scale. */
EXPORT int one_pole_in_place(const void* input, void* output, unsigned long frames,
                             const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                             void* user_data) {
    float* samples = output;
    unsigned long i;
    (void)time;
    (void)status;
    for (i = 0; i < 2 * frames; ++i) {
        samples[i] = input == output ? (float)step(user_data, (int)(i % 2), samples[i]) : 1;
    }
    return after(user_data, frames);
}
