/* SPDX-License-Identifier: MIT */
/* The ten tasks of portaudio.c. */
#ifndef PORTAUDIO_TASKS_H
#define PORTAUDIO_TASKS_H

#include <portaudio.h>

#ifdef __cplusplus
extern "C" {
#endif

void list_devices(void);
PaDeviceIndex find_output(const char* name);
void play_array(const float* audio, unsigned long frames);
void record_array(float* audio, unsigned long frames);
void pan(long milliseconds);
void halve(long milliseconds);
void run_c_callback(long milliseconds);
void echo(int blocks);
void beep(unsigned long frames);
void watch(long milliseconds);

#ifdef __cplusplus
}
#endif

#endif
