/* SPDX-License-Identifier: MIT */
/* A double of PortAudio's header: the same types and functions, as far as portspan uses them, those
   of macOS 11 too. */
#ifndef TEST_PA_MAC_CORE_H
#define TEST_PA_MAC_CORE_H
#include <portaudio.h>
#include <stdint.h>
#ifdef __cplusplus
extern "C" {
#endif
typedef int32_t SInt32;
typedef uint32_t AudioDeviceID;
typedef struct Workgroup* os_workgroup_t;
#define __MAC_OS_X_VERSION_MIN_REQUIRED 110000
typedef struct {
    unsigned long size;
    PaHostApiTypeId hostApiType;
    unsigned long version;
    unsigned long flags;
    SInt32 const* channelMap;
    unsigned long channelMapSize;
} PaMacCoreStreamInfo;
#define paMacCoreChangeDeviceParameters (0x01)
#define paMacCoreFailIfConversionRequired (0x02)
#define paMacCoreConversionQualityMin (0x0100)
#define paMacCoreConversionQualityMedium (0x0200)
#define paMacCoreConversionQualityLow (0x0300)
#define paMacCoreConversionQualityHigh (0x0400)
#define paMacCoreConversionQualityMax (0x0000)
AudioDeviceID PaMacCore_GetStreamInputDevice(PaStream* stream);
AudioDeviceID PaMacCore_GetStreamOutputDevice(PaStream* stream);
const char* PaMacCore_GetChannelName(int device, int channel, bool input);
PaError PaMacCore_GetBufferSizeRange(PaDeviceIndex device, long* min, long* max);
PaError PaMacCore_GetOSWorkgroup(PaDeviceIndex device, os_workgroup_t* workgroup);
#ifdef __cplusplus
}
#endif
#endif
