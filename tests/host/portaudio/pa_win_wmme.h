/* SPDX-License-Identifier: MIT */
/* A double of PortAudio's header: the same types and functions, as far as portspan uses them. */
#ifndef TEST_PA_WIN_WMME_H
#define TEST_PA_WIN_WMME_H
#include <portaudio.h>

#include "pa_win_waveformat.h"
#ifdef __cplusplus
extern "C" {
#endif
#define paWinMmeUseLowLevelLatencyParameters (0x01)
#define paWinMmeUseMultipleDevices (0x02)
#define paWinMmeUseChannelMask (0x04)
#define paWinMmeDontThrottleOverloadedProcessingThread (0x08)
#define paWinMmeWaveFormatDolbyAc3Spdif (0x10)
#define paWinMmeWaveFormatWmaSpdif (0x20)
typedef struct {
    PaDeviceIndex device;
    int channelCount;
} PaWinMmeDeviceAndChannelCount;
typedef struct {
    unsigned long size;
    PaHostApiTypeId hostApiType;
    unsigned long version;
    unsigned long flags;
    unsigned long framesPerBuffer;
    unsigned long bufferCount;
    PaWinMmeDeviceAndChannelCount* devices;
    unsigned long deviceCount;
    PaWinWaveFormatChannelMask channelMask;
} PaWinMmeStreamInfo;
#ifndef _WIN32
typedef struct HandleIn* HWAVEIN;
typedef struct HandleOut* HWAVEOUT;
#endif
int PaWinMME_GetStreamInputHandleCount(PaStream* stream);
HWAVEIN PaWinMME_GetStreamInputHandle(PaStream* stream, int index);
int PaWinMME_GetStreamOutputHandleCount(PaStream* stream);
HWAVEOUT PaWinMME_GetStreamOutputHandle(PaStream* stream, int index);
#ifdef __cplusplus
}
#endif
#endif
