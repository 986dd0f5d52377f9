/* SPDX-License-Identifier: MIT
   The machine's own header, with a sign that it was found in this folder. */
#define PORTAUDIO_IS_THE_ONE_THAT_WAS_MEANT
#include_next <portaudio.h>
