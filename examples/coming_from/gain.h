/* SPDX-License-Identifier: MIT */
/* A callback that exists already, in C: it knows PortAudio and nothing of who opens the stream. */
#ifndef GAIN_H
#define GAIN_H

#include <portaudio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What gain_callback's user data points at. */
struct gain {
    float factor;
    unsigned long channels; /* of the input and of the output */
};

int gain_callback(const void* input, void* output, unsigned long frames,
                  const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status, void* gain);

#ifdef __cplusplus
}
#endif

#endif
