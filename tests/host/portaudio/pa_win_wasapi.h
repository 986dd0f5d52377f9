/* SPDX-License-Identifier: MIT */
/* A double of PortAudio's header: the same types and functions, as far as portspan uses them, of
   PortAudio 19.6, 19.7 or 19.8 as TEST_PORTAUDIO_MINOR says (6, 7, 8). */
#ifndef TEST_PA_WIN_WASAPI_H
#define TEST_PA_WIN_WASAPI_H
#include <portaudio.h>

#include "pa_win_waveformat.h"
#ifndef TEST_PORTAUDIO_MINOR
#define TEST_PORTAUDIO_MINOR 8
#endif
#ifdef __cplusplus
extern "C" {
#endif

enum PaWasapiFlags {
    paWinWasapiExclusive = 1,
    paWinWasapiRedirectHostProcessor = 2,
    paWinWasapiUseChannelMask = 4,
    paWinWasapiPolling = 8,
    paWinWasapiThreadPriority = 16,
    paWinWasapiExplicitSampleFormat = 32,
    paWinWasapiAutoConvert = 64,
    paWinWasapiPassthrough = 128
};
#if TEST_PORTAUDIO_MINOR >= 7
#define paWinWasapiExplicitSampleFormat (paWinWasapiExplicitSampleFormat)
#define paWinWasapiAutoConvert (paWinWasapiAutoConvert)
#endif
#if TEST_PORTAUDIO_MINOR >= 8
#define paWinWasapiPassthrough (paWinWasapiPassthrough)
#endif

typedef void (*PaWasapiHostProcessorCallback)(void*, long, void*, long, void*);

typedef enum { eRoleSpeakers = 1, eRoleHeadset = 5 } PaWasapiDeviceRole;
typedef enum {
    eThreadPriorityNone,
    eThreadPriorityAudio,
    eThreadPriorityProAudio = 6
} PaWasapiThreadPriority;
typedef enum { eAudioCategoryOther, eAudioCategoryMedia = 11 } PaWasapiStreamCategory;
typedef enum { eStreamOptionNone, eStreamOptionRaw } PaWasapiStreamOption;

typedef struct {
    unsigned long channelMapping;
    unsigned long color;
    int connectionType, geoLocation, genLocation, portConnection;
    unsigned int isConnected;
} PaWasapiJackDescription;

typedef struct {
    int formatId;
    unsigned int encodedSamplesPerSec, encodedChannelCount, averageBytesPerSec;
} PaWasapiStreamPassthrough;

typedef struct {
    unsigned long size;
    PaHostApiTypeId hostApiType;
    unsigned long version;
    unsigned long flags;
    PaWinWaveFormatChannelMask channelMask;
    PaWasapiHostProcessorCallback hostProcessorOutput;
    PaWasapiHostProcessorCallback hostProcessorInput;
    PaWasapiThreadPriority threadPriority;
    PaWasapiStreamCategory streamCategory;
    PaWasapiStreamOption streamOption;
#if TEST_PORTAUDIO_MINOR >= 8
    PaWasapiStreamPassthrough passthrough;
#endif
} PaWasapiStreamInfo;

int PaWasapi_GetDeviceDefaultFormat(void* format, unsigned int size, PaDeviceIndex device);
int PaWasapi_GetDeviceRole(PaDeviceIndex device);
PaError PaWasapi_ThreadPriorityBoost(void** task, PaWasapiThreadPriority priority);
PaError PaWasapi_ThreadPriorityRevert(void* task);
PaError PaWasapi_GetFramesPerHostBuffer(PaStream* stream, unsigned int* input,
                                        unsigned int* output);
PaError PaWasapi_GetJackCount(PaDeviceIndex device, int* count);
PaError PaWasapi_GetJackDescription(PaDeviceIndex device, int index, PaWasapiJackDescription* jack);
#if TEST_PORTAUDIO_MINOR >= 7
#define paWasapiStreamStateError (1)
typedef void (*PaWasapiStreamStateCallback)(PaStream*, unsigned int, unsigned int, void*);
PaError PaWasapi_SetStreamStateHandler(PaStream* stream, PaWasapiStreamStateCallback handler,
                                       void* data);
PaError PaWasapi_UpdateDeviceList();
int PaWasapi_GetDeviceCurrentFormat(PaStream* stream, void* format, unsigned int size, int output);
#endif
#if TEST_PORTAUDIO_MINOR >= 8
int PaWasapi_GetDeviceMixFormat(void* format, unsigned int size, PaDeviceIndex device);
int PaWasapi_IsLoopback(PaDeviceIndex device);
#endif

#ifdef __cplusplus
}
#endif
#endif
