/* SPDX-License-Identifier: MIT */
#include <portaudio.h>
#include <stdio.h>
#include <string.h>

int main(void) {
    const PaDeviceInfo* device;
    int right;
    if (Pa_Initialize() != paNoError) return 1;
    device = Pa_GetDeviceInfo(0);
    right = device && strcmp(device->name, "Mock device") == 0;
    Pa_Terminate();
    puts(right ? "on the mock" : "NOT on the mock");
    return right ? 0 : 1;
}
