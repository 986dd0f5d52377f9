/* SPDX-License-Identifier: MIT */
/* Somebody else's callback: stereo float32 at the volume that the user data points to. */
#include <portaudio.h>

int gain(const void* input, void* output, unsigned long frames,
         const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags flags, void* volume) {
    const float* in = input;
    float* out = output;
    const float by = *(const float*)volume;
    (void)time;
    (void)flags;
    for (unsigned long i = 0; i < 2 * frames; ++i) {
        out[i] = in ? by * in[i] : 0.0f;
    }
    return paContinue;
}
