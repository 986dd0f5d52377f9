/* SPDX-License-Identifier: MIT */
/* A double of PortAudio's header: the same types, as far as portspan uses them. */
#ifndef TEST_PA_WIN_DS_H
#define TEST_PA_WIN_DS_H
#include <portaudio.h>

#include "pa_win_waveformat.h"
#define paWinDirectSoundUseLowLevelLatencyParameters (0x01)
#define paWinDirectSoundUseChannelMask (0x04)
typedef struct {
    unsigned long size;
    PaHostApiTypeId hostApiType;
    unsigned long version;
    unsigned long flags;
    unsigned long framesPerBuffer;
    PaWinWaveFormatChannelMask channelMask;
} PaWinDirectSoundStreamInfo;
#endif
