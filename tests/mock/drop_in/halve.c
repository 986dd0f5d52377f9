// SPDX-License-Identifier: MIT
// A program for PortAudio: what is recorded is played at half its amplitude by a callback.
// usage: halve complete|twice|exit|wait|fork|child FRAMES CHANNELS
// complete: until the callback ends the stream; twice: that two times; exit: the program ends while
// the stream runs; wait: for ever; fork: like complete, in a child; child: like complete, while a
// child comes and goes.
#include <portaudio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct Run {
    unsigned long channels;
    unsigned long frames_left;
    int completes;
};

static int halve(const void* input, void* output, unsigned long frames,
                 const PaStreamCallbackTimeInfo* times, PaStreamCallbackFlags flags,
                 void* user_data) {
    struct Run* run = user_data;
    const float* in = input;
    float* out = output;
    (void)times;
    (void)flags;
    for (unsigned long i = 0; i < frames * run->channels; ++i) out[i] = in[i] * 0.5f;
    if (!run->completes || run->frames_left > frames) {
        run->frames_left -= frames;
        return paContinue;
    }
    return paComplete;
}

static void check(const char* function, PaError error) {
    if (error >= 0) return;
    fprintf(stderr, "%s: %s\n", function, Pa_GetErrorText(error));
    exit(1);
}

int main(int argc, char** argv) {
    if (argc != 4) return 2;
    const char* mode = argv[1];
    const unsigned long frames = strtoul(argv[2], NULL, 10);
    const int channels = atoi(argv[3]);
    if (strcmp(mode, "fork") == 0) {
        const pid_t child = fork();
        if (child > 0) {
            int status = 0;
            waitpid(child, &status, 0);
            return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
        }
    }

    for (int runs = strcmp(mode, "twice") == 0 ? 2 : 1; runs > 0; --runs) {
        struct Run run = {(unsigned long)channels, frames, 1};
        run.completes = strcmp(mode, "exit") != 0 && strcmp(mode, "wait") != 0;
        PaStream* stream = NULL;
        check("Pa_Initialize", Pa_Initialize());
        check("Pa_OpenDefaultStream",
              Pa_OpenDefaultStream(&stream, channels, channels, paFloat32, 48000,
                                   paFramesPerBufferUnspecified, halve, &run));
        check("Pa_StartStream", Pa_StartStream(stream));
        if (strcmp(mode, "child") == 0) {
            // Its end is not the end of the stream.
            Pa_Sleep((long)(frames / 96));
            if (fork() == 0) exit(0);
            wait(NULL);
        }
        if (strcmp(mode, "wait") == 0) {
            for (;;) pause();
        }
        if (strcmp(mode, "exit") == 0) {
            Pa_Sleep((long)(frames / 48) + 1);
            exit(0);
        }
        while (Pa_IsStreamActive(stream) == 1) Pa_Sleep(1);
        check("Pa_CloseStream", Pa_CloseStream(stream));
        check("Pa_Terminate", Pa_Terminate());
    }
    return 0;
}
