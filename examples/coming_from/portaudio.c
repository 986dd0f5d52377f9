/* SPDX-License-Identifier: MIT */
/* Ten tasks with PortAudio's own C API, between Pa_Initialize() and Pa_Terminate(). */
#include "portaudio_tasks.h"

#include <portaudio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gain.h"

static void check(PaError error) {
    if (error == paNoError) return;
    fprintf(stderr, "%s\n", Pa_GetErrorText(error));
    exit(1);
}

static void run(PaStream* stream, long milliseconds) {
    check(Pa_StartStream(stream));
    Pa_Sleep(milliseconds);
    check(Pa_StopStream(stream));
    check(Pa_CloseStream(stream));
}

void list_devices(void) {
    for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); ++i) {
        const PaDeviceInfo* device = Pa_GetDeviceInfo(i);
        printf("%d  %s, %s\n", i, device->name, Pa_GetHostApiInfo(device->hostApi)->name);
    }
}

PaDeviceIndex find_output(const char* name) {
    for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); ++i) {
        const PaDeviceInfo* device = Pa_GetDeviceInfo(i);
        if (device->maxOutputChannels > 0 && strstr(device->name, name)) return i;
    }
    return paNoDevice;
}

void play_array(const float* audio, unsigned long frames) {
    PaStream* stream;
    check(Pa_OpenDefaultStream(&stream, 0, 1, paFloat32, 48000, 0, NULL, NULL));
    check(Pa_StartStream(stream));
    check(Pa_WriteStream(stream, audio, frames));
    check(Pa_StopStream(stream));
    check(Pa_CloseStream(stream));
}

void record_array(float* audio, unsigned long frames) {
    PaStream* stream;
    check(Pa_OpenDefaultStream(&stream, 1, 0, paFloat32, 48000, 0, NULL, NULL));
    check(Pa_StartStream(stream));
    const PaError error = Pa_ReadStream(stream, audio, frames);
    if (error != paInputOverflowed) check(error);
    check(Pa_StopStream(stream));
    check(Pa_CloseStream(stream));
}

static int pan_callback(const void* input, void* output, unsigned long frames,
                        const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                        void* user_data) {
    const float* in = input;
    float* out = output;
    (void)time, (void)status, (void)user_data;
    for (unsigned long i = 0; i < frames; ++i) {
        const float sample = in ? in[i] : 0;
        out[2 * i] = 0.25f * sample;
        out[2 * i + 1] = 0.75f * sample;
    }
    return paContinue;
}

void pan(long milliseconds) {
    PaStream* stream;
    check(Pa_OpenDefaultStream(&stream, 1, 2, paFloat32, 48000, 0, &pan_callback, NULL));
    run(stream, milliseconds);
}

static int halve_callback(const void* input, void* output, unsigned long frames,
                          const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                          void* user_data) {
    float* out = output;
    (void)time, (void)status, (void)user_data;
    if (input) {
        memcpy(out, input, frames * 2 * sizeof(float));
    } else {
        memset(out, 0, frames * 2 * sizeof(float));
    }
    for (unsigned long i = 0; i < 2 * frames; ++i) out[i] *= 0.5f;
    return paContinue;
}

void halve(long milliseconds) {
    PaStream* stream;
    check(Pa_OpenDefaultStream(&stream, 2, 2, paFloat32, 48000, 0, &halve_callback, NULL));
    run(stream, milliseconds);
}

void run_c_callback(long milliseconds) {
    struct gain gain = {.factor = 0.5f, .channels = 2};
    PaStream* stream;
    check(Pa_OpenDefaultStream(&stream, 2, 2, paFloat32, 48000, 0, &gain_callback, &gain));
    run(stream, milliseconds);
}

void echo(int blocks) {
    float block[480];
    PaStream* stream;
    check(Pa_OpenDefaultStream(&stream, 1, 1, paFloat32, 48000, 0, NULL, NULL));
    check(Pa_StartStream(stream));
    for (int i = 0; i < blocks; ++i) {
        PaError error = Pa_ReadStream(stream, block, 480);
        if (error != paInputOverflowed) check(error);
        error = Pa_WriteStream(stream, block, 480);
        if (error != paOutputUnderflowed) check(error);
    }
    check(Pa_StopStream(stream));
    check(Pa_CloseStream(stream));
}

static int beep_callback(const void* input, void* output, unsigned long frames,
                         const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                         void* user_data) {
    unsigned long* left = user_data;
    float* out = output;
    (void)input, (void)time, (void)status;
    for (unsigned long i = 0; i < frames; ++i) {
        out[i] = *left == 0 ? 0 : (*left)-- / 50 % 2 == 0 ? 0.1f : -0.1f;
    }
    return *left == 0 ? paComplete : paContinue;
}

void beep(unsigned long frames) {
    unsigned long left = frames;
    PaStream* stream;
    check(Pa_OpenDefaultStream(&stream, 0, 1, paFloat32, 48000, 0, &beep_callback, &left));
    check(Pa_StartStream(stream));
    for (int i = 0; i < 1000 && Pa_IsStreamActive(stream) == 1; ++i) Pa_Sleep(10);
    check(Pa_StopStream(stream));
    check(Pa_CloseStream(stream));
}

static int watch_callback(const void* input, void* output, unsigned long frames,
                          const PaStreamCallbackTimeInfo* time, PaStreamCallbackFlags status,
                          void* user_data) {
    int* xruns = user_data;
    if (status & (paInputOverflow | paOutputUnderflow)) ++*xruns; /* read when it is stopped */
    return halve_callback(input, output, frames, time, status, NULL);
}

void watch(long milliseconds) {
    int xruns = 0;
    PaStream* stream = NULL;
    PaError error =
        Pa_OpenDefaultStream(&stream, 2, 2, paFloat32, 48000, 0, &watch_callback, &xruns);
    if (error == paNoError) error = Pa_StartStream(stream);
    if (error == paNoError) {
        Pa_Sleep(milliseconds);
        error = Pa_StopStream(stream);
    }
    if (error == paUnanticipatedHostError) {
        printf("%s\n", Pa_GetLastHostErrorInfo()->errorText);
    } else if (error != paNoError) {
        printf("%s\n", Pa_GetErrorText(error));
    } else {
        printf("xruns: %d\n", xruns);
    }
    if (stream) Pa_CloseStream(stream);
}
