/* SPDX-License-Identifier: MIT */
#include "gain.h"

int gain_callback(const void* input, void* output, unsigned long frames,
                  const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                  void* user_data) {
    const struct gain* gain = user_data;
    const float* in = input;
    float* out = output;
    (void)time;
    (void)status;
    for (unsigned long i = 0; i < frames * gain->channels; ++i) {
        out[i] = in ? gain->factor * in[i] : 0;
    }
    return paContinue;
}
