// SPDX-License-Identifier: MIT
// A program for PortAudio without a callback: it reads what is recorded and writes it, negated, to
// a stream of its own.
// usage: blocking BLOCKS
#include <portaudio.h>
#include <stdio.h>
#include <stdlib.h>

enum { frames_per_block = 441 };

static void check(const char* function, PaError error) {
    if (error == paNoError) return;
    fprintf(stderr, "%s: %s\n", function, Pa_GetErrorText(error));
    exit(1);
}

int main(int argc, char** argv) {
    const int blocks = argc == 2 ? atoi(argv[1]) : 0;
    static float samples[2 * frames_per_block];
    PaStream *recording = NULL, *playing = NULL;
    check("Pa_Initialize", Pa_Initialize());
    check("Pa_OpenDefaultStream",
          Pa_OpenDefaultStream(&recording, 2, 0, paFloat32, 48000, frames_per_block, NULL, NULL));
    check("Pa_OpenDefaultStream",
          Pa_OpenDefaultStream(&playing, 0, 2, paFloat32, 48000, frames_per_block, NULL, NULL));
    check("Pa_StartStream", Pa_StartStream(recording));
    check("Pa_StartStream", Pa_StartStream(playing));
    for (int block = 0; block < blocks; ++block) {
        check("Pa_ReadStream", Pa_ReadStream(recording, samples, frames_per_block));
        for (int i = 0; i < 2 * frames_per_block; ++i) samples[i] = -samples[i];
        check("Pa_WriteStream", Pa_WriteStream(playing, samples, frames_per_block));
    }
    check("Pa_StopStream", Pa_StopStream(playing));
    check("Pa_Terminate", Pa_Terminate());
    return 0;
}
