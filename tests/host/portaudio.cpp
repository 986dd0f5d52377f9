// SPDX-License-Identifier: MIT
// Doubles of the functions of PortAudio's headers for macOS and Windows.
#include "portaudio.hpp"

#include <pa_asio.h>
#include <pa_mac_core.h>
#include <pa_win_wasapi.h>
#include <pa_win_wmme.h>

#include <cstdint>
#include <cstring>
#include <sstream>

namespace {

template <class... Args>
PaError called(const char* function, const Args&... args) {
    std::ostringstream text;
    text << function;
    ((text << ' ' << args), ...);
    extensions.called = text.str();
    return extensions.answer;
}

int format(const char* function, void* format, unsigned int size, unsigned char first) {
    std::memset(format, 0, size);
    static_cast<unsigned char*>(format)[0] = first;
    const PaError error = called(function, size);
    return error < 0 ? error : static_cast<int>(size);
}

template <class Handle>
Handle handle(int index) {
    return reinterpret_cast<Handle>(static_cast<std::uintptr_t>(16 + index));
}

}  // namespace

extern "C" {

int PaWasapi_IsLoopback(PaDeviceIndex device) {
    const PaError error = called("PaWasapi_IsLoopback", device);
    return error < 0 ? error : device == 1;
}
PaError PaWasapi_UpdateDeviceList() { return called("PaWasapi_UpdateDeviceList"); }
int PaWasapi_GetDeviceRole(PaDeviceIndex device) {
    const PaError error = called("PaWasapi_GetDeviceRole", device);
    return error < 0 ? error : eRoleHeadset;
}
PaError PaWasapi_GetJackCount(PaDeviceIndex device, int* count) {
    *count = extensions.jacks;
    return called("PaWasapi_GetJackCount", device);
}
PaError PaWasapi_GetJackDescription(PaDeviceIndex device, int index,
                                    PaWasapiJackDescription* jack) {
    jack->color = static_cast<unsigned long>(index);
    return called("PaWasapi_GetJackDescription", device, index);
}
int PaWasapi_GetDeviceDefaultFormat(void* to, unsigned int size, PaDeviceIndex) {
    return format("PaWasapi_GetDeviceDefaultFormat", to, size, 1);
}
int PaWasapi_GetDeviceMixFormat(void* to, unsigned int size, PaDeviceIndex) {
    return format("PaWasapi_GetDeviceMixFormat", to, size, 2);
}
int PaWasapi_GetDeviceCurrentFormat(PaStream*, void* to, unsigned int size, int output) {
    return format("PaWasapi_GetDeviceCurrentFormat", to, size, output ? 4 : 3);
}
PaError PaWasapi_GetFramesPerHostBuffer(PaStream* stream, unsigned int* input,
                                        unsigned int* output) {
    *input = 480;
    *output = 441;
    return called("PaWasapi_GetFramesPerHostBuffer", stream);
}
PaError PaWasapi_SetStreamStateHandler(PaStream* stream, PaWasapiStreamStateCallback handler,
                                       void* data) {
    if (handler) handler(stream, paWasapiStreamStateError, 7, data);
    return called("PaWasapi_SetStreamStateHandler", stream);
}
PaError PaWasapi_ThreadPriorityBoost(void** task, PaWasapiThreadPriority priority) {
    const PaError error = called("PaWasapi_ThreadPriorityBoost", int{priority});
    if (error == paNoError) *task = extensions.boosted = &extensions;
    return error;
}
PaError PaWasapi_ThreadPriorityRevert(void* task) {
    if (extensions.boosted == task) extensions.boosted = nullptr;
    return called("PaWasapi_ThreadPriorityRevert");
}

AudioDeviceID PaMacCore_GetStreamInputDevice(PaStream*) { return 41; }
AudioDeviceID PaMacCore_GetStreamOutputDevice(PaStream*) { return 42; }
const char* PaMacCore_GetChannelName(int device, int channel, bool input) {
    called("PaMacCore_GetChannelName", device, channel, input);
    return channel == 0 ? "Left" : nullptr;
}
PaError PaMacCore_GetBufferSizeRange(PaDeviceIndex device, long* min, long* max) {
    *min = 14;
    *max = 4096;
    return called("PaMacCore_GetBufferSizeRange", device);
}
PaError PaMacCore_GetOSWorkgroup(PaDeviceIndex device, os_workgroup_t* workgroup) {
    *workgroup = handle<os_workgroup_t>(device);
    return called("PaMacCore_GetOSWorkgroup", device);
}

PaError PaAsio_GetAvailableBufferSizes(PaDeviceIndex device, long* min, long* max, long* preferred,
                                       long* granularity) {
    *min = 64;
    *max = 2048;
    *preferred = 256;
    *granularity = -1;
    return called("PaAsio_GetAvailableBufferSizes", device);
}
PaError PaAsio_ShowControlPanel(PaDeviceIndex device, void* window) {
    return called("PaAsio_ShowControlPanel", device, window != nullptr);
}
PaError PaAsio_GetInputChannelName(PaDeviceIndex device, int channel, const char** name) {
    *name = "Mic";
    return called("PaAsio_GetInputChannelName", device, channel);
}
PaError PaAsio_GetOutputChannelName(PaDeviceIndex device, int channel, const char** name) {
    *name = "Main";
    return called("PaAsio_GetOutputChannelName", device, channel);
}
PaError PaAsio_SetStreamSampleRate(PaStream* stream, double rate) {
    return called("PaAsio_SetStreamSampleRate", stream != nullptr, rate);
}

int PaWinMME_GetStreamInputHandleCount(PaStream*) {
    const PaError error = called("PaWinMME_GetStreamInputHandleCount");
    return error < 0 ? error : 2;
}
HWAVEIN PaWinMME_GetStreamInputHandle(PaStream*, int index) { return handle<HWAVEIN>(index); }
int PaWinMME_GetStreamOutputHandleCount(PaStream*) {
    const PaError error = called("PaWinMME_GetStreamOutputHandleCount");
    return error < 0 ? error : 1;
}
HWAVEOUT PaWinMME_GetStreamOutputHandle(PaStream*, int index) { return handle<HWAVEOUT>(index); }

}  // extern "C"
