// SPDX-License-Identifier: MIT
// The library itself: initialisation, host APIs, devices, texts.
#include <string>
#include <utility>

#include "machine.hpp"
#include "table.hpp"

namespace conformance {

void not_initialized() {
    PaStream* stream = nullptr;
    const auto both = stereo(0);
    char buffer[64]{};
    row("not initialized: Pa_Terminate", Pa_Terminate());
    row("not initialized: Pa_GetHostApiCount", Pa_GetHostApiCount());
    row("not initialized: Pa_GetDefaultHostApi", Pa_GetDefaultHostApi());
    row("not initialized: Pa_GetHostApiInfo(0) is NULL", Pa_GetHostApiInfo(0) == nullptr);
    row("not initialized: Pa_HostApiTypeIdToHostApiIndex", Pa_HostApiTypeIdToHostApiIndex(paALSA));
    row("not initialized: Pa_HostApiDeviceIndexToDeviceIndex",
        Pa_HostApiDeviceIndexToDeviceIndex(0, 0));
    row("not initialized: Pa_GetDeviceCount", Pa_GetDeviceCount());
    row("not initialized: Pa_GetDefaultInputDevice", Pa_GetDefaultInputDevice());
    row("not initialized: Pa_GetDefaultOutputDevice", Pa_GetDefaultOutputDevice());
    row("not initialized: Pa_GetDeviceInfo(0) is NULL", Pa_GetDeviceInfo(0) == nullptr);
    row("not initialized: Pa_IsFormatSupported", Pa_IsFormatSupported(&both, &both, 48000));
    row("not initialized: Pa_IsFormatSupported(NULL, NULL)",
        Pa_IsFormatSupported(nullptr, nullptr, 48000));
    row("not initialized: Pa_OpenStream",
        Pa_OpenStream(&stream, &both, &both, 48000, 0, 0, keep_going, nullptr));
    row("not initialized: Pa_OpenStream(NULL stream)",
        Pa_OpenStream(nullptr, &both, &both, 48000, 0, 0, keep_going, nullptr));
    row("not initialized: Pa_OpenDefaultStream",
        Pa_OpenDefaultStream(&stream, 2, 2, paFloat32, 48000, 0, keep_going, nullptr));
    row("not initialized: Pa_OpenDefaultStream without channels",
        Pa_OpenDefaultStream(&stream, 0, 0, paFloat32, 48000, 0, keep_going, nullptr));
    row("not initialized: Pa_CloseStream(NULL)", Pa_CloseStream(nullptr));
    row("not initialized: Pa_SetStreamFinishedCallback(NULL)",
        Pa_SetStreamFinishedCallback(nullptr, nullptr));
    row("not initialized: Pa_StartStream(NULL)", Pa_StartStream(nullptr));
    row("not initialized: Pa_StopStream(NULL)", Pa_StopStream(nullptr));
    row("not initialized: Pa_AbortStream(NULL)", Pa_AbortStream(nullptr));
    row("not initialized: Pa_IsStreamStopped(NULL)", Pa_IsStreamStopped(nullptr));
    row("not initialized: Pa_IsStreamActive(NULL)", Pa_IsStreamActive(nullptr));
    row("not initialized: Pa_GetStreamInfo(NULL) is NULL", Pa_GetStreamInfo(nullptr) == nullptr);
    row("not initialized: Pa_GetStreamTime(NULL) is 0", Pa_GetStreamTime(nullptr) == 0);
    row("not initialized: Pa_GetStreamCpuLoad(NULL) is 0", Pa_GetStreamCpuLoad(nullptr) == 0);
    row("not initialized: Pa_ReadStream(NULL)", Pa_ReadStream(nullptr, buffer, 1));
    row("not initialized: Pa_ReadStream(NULL), 0 frames", Pa_ReadStream(nullptr, buffer, 0));
    row("not initialized: Pa_ReadStream(NULL, NULL)", Pa_ReadStream(nullptr, nullptr, 1));
    row("not initialized: Pa_WriteStream(NULL)", Pa_WriteStream(nullptr, buffer, 1));
    row("not initialized: Pa_WriteStream(NULL), 0 frames", Pa_WriteStream(nullptr, buffer, 0));
    row("not initialized: Pa_WriteStream(NULL, NULL)", Pa_WriteStream(nullptr, nullptr, 1));
    row("not initialized: Pa_GetStreamReadAvailable(NULL)", Pa_GetStreamReadAvailable(nullptr));
    row("not initialized: Pa_GetStreamWriteAvailable(NULL)", Pa_GetStreamWriteAvailable(nullptr));
}

void constants() {
    const std::pair<const char*, PaSampleFormat> formats[] = {
        {"paFloat32", paFloat32},
        {"paInt32", paInt32},
        {"paInt24", paInt24},
        {"paInt16", paInt16},
        {"paInt8", paInt8},
        {"paUInt8", paUInt8},
        {"paCustomFormat", paCustomFormat},
        {"0", 0},
        {"paFloat32|paInt16", paFloat32 | paInt16},
        {"paFloat32|paCustomFormat", paFloat32 | paCustomFormat},
        {"0x40", 0x40},
        {"every bit", ~PaSampleFormat{0}}};
    for (const auto& [name, format] : formats) {
        row(std::string{"Pa_GetSampleSize("} + name + ")", Pa_GetSampleSize(format));
        row(std::string{"Pa_GetSampleSize("} + name + " non-interleaved)",
            Pa_GetSampleSize(format | paNonInterleaved));
    }
    for (int code = paNotInitialized; code <= paBadBufferPtr; ++code) {
        row_text("Pa_GetErrorText(" + std::to_string(code) + ")", Pa_GetErrorText(code));
    }
    for (const int code : {0, 1, 42, -1, -9999 + 100, -10001, -20000}) {
        row_text("Pa_GetErrorText(" + std::to_string(code) + ")", Pa_GetErrorText(code));
    }
    const PaVersionInfo* version = Pa_GetVersionInfo();
    row("Pa_GetVersion is what Pa_GetVersionInfo says",
        Pa_GetVersion() == paMakeVersionNumber(version->versionMajor, version->versionMinor,
                                               version->versionSubMinor));
    row("Pa_GetVersionInfo()->versionMajor", version->versionMajor);
    row("Pa_GetVersionText is what Pa_GetVersionInfo says",
        std::string{Pa_GetVersionText()} == version->versionText);
    row("Pa_GetVersionInfo()->versionControlRevision is there",
        version->versionControlRevision != nullptr);
}

void counting() {
    row("Pa_Initialize", Pa_Initialize());
    row("Pa_Initialize again", Pa_Initialize());
    row("Pa_Terminate once", Pa_Terminate());
    row_sign("Pa_GetHostApiCount after one of two", Pa_GetHostApiCount());
    row("Pa_Terminate twice", Pa_Terminate());
    row("Pa_GetHostApiCount after both", Pa_GetHostApiCount());
    row("Pa_Terminate once too often", Pa_Terminate());
    row("Pa_Initialize after that", Pa_Initialize());
    row_sign("Pa_GetHostApiCount after that", Pa_GetHostApiCount());
    row("Pa_Terminate after that", Pa_Terminate());
}

void enumeration() {
    row_sign("Pa_GetHostApiCount", Pa_GetHostApiCount());
    row("Pa_GetHostApiInfo(-1) is NULL", Pa_GetHostApiInfo(-1) == nullptr);
    row("Pa_GetHostApiInfo(count) is NULL", Pa_GetHostApiInfo(Pa_GetHostApiCount()) == nullptr);
    row("Pa_GetHostApiInfo(9999) is NULL", Pa_GetHostApiInfo(9999) == nullptr);
    row("Pa_GetHostApiInfo(0) is there", Pa_GetHostApiInfo(0) != nullptr);
    const PaHostApiInfo& alsa = *Pa_GetHostApiInfo(0);
    row("Pa_GetHostApiInfo(0)->structVersion", alsa.structVersion);
    row("Pa_GetHostApiInfo(0)->type is ALSA", alsa.type == paALSA);
    row_text("Pa_GetHostApiInfo(0)->name", alsa.name);
    row("Pa_GetHostApiInfo(0)->deviceCount", alsa.deviceCount);
    row("Pa_GetHostApiInfo(0)->defaultInputDevice", alsa.defaultInputDevice);
    row("Pa_GetHostApiInfo(0)->defaultOutputDevice", alsa.defaultOutputDevice);
    row("Pa_GetDefaultHostApi", Pa_GetDefaultHostApi());
    row("Pa_HostApiTypeIdToHostApiIndex(paALSA)", Pa_HostApiTypeIdToHostApiIndex(paALSA));
    row("Pa_HostApiTypeIdToHostApiIndex(paASIO)", Pa_HostApiTypeIdToHostApiIndex(paASIO));
    row("Pa_HostApiTypeIdToHostApiIndex(paInDevelopment)",
        Pa_HostApiTypeIdToHostApiIndex(paInDevelopment));
    for (const int place : {0, 3, -1, 4, 99}) {
        row("Pa_HostApiDeviceIndexToDeviceIndex(0, " + std::to_string(place) + ")",
            Pa_HostApiDeviceIndexToDeviceIndex(0, place));
    }
    row("Pa_HostApiDeviceIndexToDeviceIndex(-1, 0)", Pa_HostApiDeviceIndexToDeviceIndex(-1, 0));
    row("Pa_HostApiDeviceIndexToDeviceIndex(-1, -1)", Pa_HostApiDeviceIndexToDeviceIndex(-1, -1));
    row("Pa_HostApiDeviceIndexToDeviceIndex(count, 0)",
        Pa_HostApiDeviceIndexToDeviceIndex(Pa_GetHostApiCount(), 0));
    row("Pa_HostApiDeviceIndexToDeviceIndex(99, 0)", Pa_HostApiDeviceIndexToDeviceIndex(99, 0));
    row("Pa_GetDeviceCount", Pa_GetDeviceCount());
    row("Pa_GetDeviceInfo(-1) is NULL", Pa_GetDeviceInfo(-1) == nullptr);
    row("Pa_GetDeviceInfo(-2) is NULL", Pa_GetDeviceInfo(-2) == nullptr);
    row("Pa_GetDeviceInfo(count) is NULL", Pa_GetDeviceInfo(Pa_GetDeviceCount()) == nullptr);
    for (PaDeviceIndex device = 0; device < Pa_GetDeviceCount(); ++device) {
        const PaDeviceInfo& info = *Pa_GetDeviceInfo(device);
        const std::string call = "Pa_GetDeviceInfo(" + std::to_string(device) + ")->";
        row(call + "structVersion", info.structVersion);
        row_text(call + "name", info.name);
        row(call + "hostApi's type", Pa_GetHostApiInfo(info.hostApi)->type);
        row(call + "maxInputChannels", info.maxInputChannels);
        row(call + "maxOutputChannels", info.maxOutputChannels);
        row(call + "defaultSampleRate", static_cast<long>(info.defaultSampleRate));
    }
    row("Pa_GetDefaultInputDevice", Pa_GetDefaultInputDevice());
    row("Pa_GetDefaultOutputDevice", Pa_GetDefaultOutputDevice());
}

void two_host_apis() {
    const PaHostApiIndex jack = Pa_HostApiTypeIdToHostApiIndex(paJACK);
    row("JACK comes after ALSA", jack > Pa_HostApiTypeIdToHostApiIndex(paALSA));
    const PaHostApiInfo& info = *Pa_GetHostApiInfo(jack);
    row_text("JACK's name", info.name);
    row("JACK's deviceCount", info.deviceCount);
    row("JACK's defaultInputDevice", info.defaultInputDevice);
    row("JACK's defaultOutputDevice", info.defaultOutputDevice);
    for (const int place : {0, -1, 1, 4}) {
        row("Pa_HostApiDeviceIndexToDeviceIndex(JACK, " + std::to_string(place) + ")",
            Pa_HostApiDeviceIndexToDeviceIndex(jack, place));
    }
    row("JACK's device is of JACK", Pa_GetDeviceInfo(device_of(paJACK))->hostApi == jack);
    row("the default host API is ALSA",
        Pa_GetDefaultHostApi() == Pa_HostApiTypeIdToHostApiIndex(paALSA));
}

void found_once() {
    Pa_Initialize();
    const PaDeviceIndex before = Pa_GetDeviceCount();
    const VanishingDevice device;
    row("a new device: Pa_Initialize again", Pa_Initialize());
    row("a new device: is not there", Pa_GetDeviceCount() - before);
    Pa_Terminate();
    row("a new device: is not there after one Pa_Terminate", Pa_GetDeviceCount() - before);
    Pa_Terminate();
    Pa_Initialize();
    row("a new device: is there after the other", Pa_GetDeviceCount() - before);
    Pa_Terminate();
}

void second_host_api_is_default() {
    const PaHostApiIndex jack = Pa_HostApiTypeIdToHostApiIndex(paJACK);
    row("ALSA's defaultInputDevice without devices", Pa_GetHostApiInfo(0)->defaultInputDevice);
    row("ALSA's defaultOutputDevice without devices", Pa_GetHostApiInfo(0)->defaultOutputDevice);
    row("the default host API is the first with a default device", Pa_GetDefaultHostApi() == jack);
    row("Pa_GetDefaultInputDevice", Pa_GetDefaultInputDevice());
    row("Pa_GetDefaultOutputDevice", Pa_GetDefaultOutputDevice());
    row("Pa_GetDeviceCount", Pa_GetDeviceCount());
    row("Pa_HostApiDeviceIndexToDeviceIndex(JACK, 0)", device_of(paJACK));
    row("Pa_HostApiDeviceIndexToDeviceIndex(ALSA, 0)", Pa_HostApiDeviceIndexToDeviceIndex(0, 0));
    row("JACK's device is of JACK", Pa_GetDeviceInfo(0)->hostApi == jack);
}

void no_host_apis() {
    const Elsewhere nowhere{Elsewhere::Is::without_host_apis};
    Pa_Initialize();
    const auto alone = [](const char* call, auto function, long expected) {
        only_on_mock(std::string{"no host API: "} + call, function, expected,
                     "a PortAudio that is built without any is not to be had");
    };
    alone("Pa_GetHostApiCount", [] { return Pa_GetHostApiCount(); }, 0);
    alone("Pa_GetDefaultHostApi", [] { return Pa_GetDefaultHostApi(); }, paInternalError);
    alone("Pa_GetDefaultInputDevice", [] { return Pa_GetDefaultInputDevice(); }, paNoDevice);
    alone("Pa_GetDefaultOutputDevice", [] { return Pa_GetDefaultOutputDevice(); }, paNoDevice);
    alone("Pa_GetDeviceCount", [] { return Pa_GetDeviceCount(); }, 0);
    alone("Pa_GetHostApiInfo(0) is NULL", [] { return Pa_GetHostApiInfo(0) == nullptr; }, 1);
    Pa_Terminate();
}

void no_devices() {
    row_sign("no devices: Pa_GetHostApiCount", Pa_GetHostApiCount());
    row("no devices: Pa_GetDefaultHostApi", Pa_GetDefaultHostApi());
    row("no devices: Pa_GetHostApiInfo(0)->deviceCount", Pa_GetHostApiInfo(0)->deviceCount);
    row("no devices: ALSA's defaultInputDevice", Pa_GetHostApiInfo(0)->defaultInputDevice);
    row("no devices: ALSA's defaultOutputDevice", Pa_GetHostApiInfo(0)->defaultOutputDevice);
    row("no devices: Pa_GetDeviceCount", Pa_GetDeviceCount());
    row("no devices: Pa_GetDefaultInputDevice", Pa_GetDefaultInputDevice());
    row("no devices: Pa_GetDefaultOutputDevice", Pa_GetDefaultOutputDevice());
    row("no devices: Pa_GetDeviceInfo(0) is NULL", Pa_GetDeviceInfo(0) == nullptr);
    row("no devices: Pa_HostApiDeviceIndexToDeviceIndex(0, 0)",
        Pa_HostApiDeviceIndexToDeviceIndex(0, 0));
    const auto both = stereo(0);
    PaStream* stream = nullptr;
    row("no devices: Pa_IsFormatSupported", Pa_IsFormatSupported(&both, &both, 48000));
    row("no devices: Pa_OpenStream",
        Pa_OpenStream(&stream, &both, &both, 48000, 0, paNoFlag, &keep_going, nullptr));
    const auto open_default = [&](const char* name, PaStream** handle, int in, int out,
                                  PaSampleFormat format) {
        row(std::string{"no devices: Pa_OpenDefaultStream, "} + name,
            Pa_OpenDefaultStream(handle, in, out, format, 48000, 0, &keep_going, nullptr));
    };
    open_default("2 and 2", &stream, 2, 2, paFloat32);
    open_default("2 and 0", &stream, 2, 0, paFloat32);
    open_default("0 and 2", &stream, 0, 2, paFloat32);
    open_default("0 and 0", &stream, 0, 0, paFloat32);
    open_default("2 and 2, format 0", &stream, 2, 2, 0);
    open_default("2 and 2, stream NULL", nullptr, 2, 2, paFloat32);
    open_default("0 and 0, stream NULL", nullptr, 0, 0, paFloat32);
}

}  // namespace conformance
