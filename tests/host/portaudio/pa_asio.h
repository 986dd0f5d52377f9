/* SPDX-License-Identifier: MIT */
/* A double of PortAudio's header: the same types and functions, as far as portspan uses them, of
   PortAudio 19.6 or of a later one as TEST_PORTAUDIO_MINOR says. */
#ifndef TEST_PA_ASIO_H
#define TEST_PA_ASIO_H
#include <portaudio.h>
#ifndef TEST_PORTAUDIO_MINOR
#define TEST_PORTAUDIO_MINOR 8
#endif
#ifdef __cplusplus
extern "C" {
#endif
#define paAsioUseChannelSelectors (0x01)
PaError PaAsio_GetAvailableBufferSizes(PaDeviceIndex device, long* min, long* max, long* preferred,
                                       long* granularity);
#define PaAsio_GetAvailableLatencyValues PaAsio_GetAvailableBufferSizes
PaError PaAsio_ShowControlPanel(PaDeviceIndex device, void* window);
PaError PaAsio_GetInputChannelName(PaDeviceIndex device, int channel, const char** name);
PaError PaAsio_GetOutputChannelName(PaDeviceIndex device, int channel, const char** name);
PaError PaAsio_SetStreamSampleRate(PaStream* stream, double rate);
#if TEST_PORTAUDIO_MINOR >= 8
#define paAsioUseMessageCallback (0x02)
typedef long PaAsio_MessageCallback(long, long, void*, double*, void*);
#endif
typedef struct {
    unsigned long size;
    PaHostApiTypeId hostApiType;
    unsigned long version;
    unsigned long flags;
    int* channelSelectors;
#if TEST_PORTAUDIO_MINOR >= 8
    PaAsio_MessageCallback* messageCallback;
#endif
} PaAsioStreamInfo;
#ifdef __cplusplus
}
#endif
#endif
