// SPDX-License-Identifier: MIT
// The functions that PortAudio's host APIs on Linux add: those of pa_linux_alsa.h, pa_jack.h,
// pa_unix_oss.h, and of headers that few installations have. Where a header is there too, the
// compiler compares both.
#pragma once

#include <portaudio.h>

#if __has_include(<pa_linux_alsa.h>)
#include <pa_linux_alsa.h>
#else
extern "C" {
typedef struct PaAlsaStreamInfo {
    unsigned long size;
    PaHostApiTypeId hostApiType;
    unsigned long version;
    const char* deviceString;
} PaAlsaStreamInfo;
}
#endif
#if __has_include(<pa_jack.h>)
#include <pa_jack.h>
#endif
#if __has_include(<pa_unix_oss.h>)
#include <pa_unix_oss.h>
#endif
#if __has_include(<pa_linux_pulseaudio.h>)
#include <pa_linux_pulseaudio.h>
#endif

#if defined(__GNUC__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#endif
extern "C" {

// Debian's and Audacity's PortAudio; a negative value is an error code.
PaHostApiTypeId Pa_GetStreamHostApiType(PaStream* stream);

void PaAlsa_InitializeStreamInfo(PaAlsaStreamInfo* info);
void PaAlsa_EnableRealtimeScheduling(PaStream* stream, int enable);
void PaAlsa_EnableWatchdog(PaStream* stream, int enable);  // under #if 0 in PortAudio
PaError PaAlsa_GetStreamInputCard(PaStream* stream, int* card);
PaError PaAlsa_GetStreamOutputCard(PaStream* stream, int* card);
PaError PaAlsa_SetNumPeriods(int periods);
PaError PaAlsa_SetRetriesBusy(int retries);
void PaAlsa_SetLibraryPathName(const char* path);

PaError PaJack_SetClientName(const char* name);
PaError PaJack_GetClientName(const char** name);

const char* PaOSS_GetStreamInputDevice(PaStream* stream);
const char* PaOSS_GetStreamOutputDevice(PaStream* stream);

PaError PaPulseAudio_RenameSource(PaStream* stream, const char* name);
PaError PaPulseAudio_RenameSink(PaStream* stream, const char* name);

typedef void (*PaUtilLogCallback)(const char* text);
void PaUtil_SetDebugPrintFunction(PaUtilLogCallback callback);  // pa_debugprint.h
}
#if defined(__GNUC__)
#pragma GCC diagnostic pop
#endif
