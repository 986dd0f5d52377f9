/* SPDX-License-Identifier: MIT */
/* A double of PortAudio's header: the same types, as far as portspan uses them. */
#ifndef TEST_PA_WIN_WDMKS_H
#define TEST_PA_WIN_WDMKS_H
#include <portaudio.h>
enum { paWinWDMKSOverrideFramesize = 1, paWinWDMKSUseGivenChannelMask = 2 };
typedef struct {
    unsigned long size;
    PaHostApiTypeId hostApiType;
    unsigned long version;
    unsigned long flags;
    unsigned noOfPackets;
    unsigned channelMask;
} PaWinWDMKSInfo;
#endif
