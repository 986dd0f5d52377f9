/* SPDX-License-Identifier: MIT */
/* A double of PortAudio's header: the same types, as far as portspan uses them. */
#ifndef TEST_PA_WIN_WAVEFORMAT_H
#define TEST_PA_WIN_WAVEFORMAT_H
typedef unsigned long PaWinWaveFormatChannelMask;
#define PAWIN_SPEAKER_STEREO ((PaWinWaveFormatChannelMask)0x3)
typedef struct {
    unsigned char fields[40];
    unsigned long extraLongForAlignment;
} PaWinWaveFormat;
#endif
