/* SPDX-License-Identifier: MIT */
/* A double of PortAudio's header: the same functions, which the mock has. */
#ifndef TEST_PA_LINUX_PULSEAUDIO_H
#define TEST_PA_LINUX_PULSEAUDIO_H
#include <portaudio.h>
#ifdef __cplusplus
extern "C" {
#endif
PaError PaPulseAudio_RenameSource(PaStream* stream, const char* name);
PaError PaPulseAudio_RenameSink(PaStream* stream, const char* name);
#ifdef __cplusplus
}
#endif
#endif
