// SPDX-License-Identifier: MIT
// What the host APIs add: their extension functions, and host errors.
#include "../src/host_apis.hpp"

#include <array>
#include <cstring>
#include <string>

#include "machine.hpp"
#include "table.hpp"

namespace conformance {

namespace {

alignas(16) std::array<unsigned char, 2048> no_stream{};

void host_error(const std::string& call) {
    const PaHostErrorInfo* info = Pa_GetLastHostErrorInfo();
    row(call + ": is there", info != nullptr);
    // At first it is -1, a value that the enumeration does not have.
    int type = 0;
    std::memcpy(&type, &info->hostApiType, sizeof type);
    row(call + ": hostApiType", type);
    row(call + ": errorCode", info->errorCode);
    row_text(call + ": errorText", info->errorText);
}

#if defined(PORTSPAN_HAS_STREAM_HOST_API_TYPE)
void stream_host_api_type(const char* of, PaStream* stream) {
    row(std::string{"Pa_GetStreamHostApiType of "} + of,
        static_cast<PaError>(Pa_GetStreamHostApiType(stream)));
}
#else
void stream_host_api_type(const char*, PaStream*) {}
#endif

const char* client_name() {
    const char* name = "none";
    PaJack_GetClientName(&name);
    return name;
}

}  // namespace

void extensions_of_alsa() {
    stream_host_api_type("NULL, not initialized", nullptr);
    only_on_mock(
        "PaAlsa_GetStreamInputCard, not initialized",
        [] {
            int card = 77;
            return PaAlsa_GetStreamInputCard(nullptr, &card);
        },
        paNotInitialized, "it dereferences an uninitialised pointer");
    only_on_mock(
        "PaAlsa_GetStreamOutputCard, not initialized",
        [] {
            int card = 77;
            return PaAlsa_GetStreamOutputCard(nullptr, &card);
        },
        paNotInitialized, "it dereferences an uninitialised pointer");

    PaAlsaStreamInfo info;
    std::memset(&info, 0x55, sizeof info);
    PaAlsa_InitializeStreamInfo(&info);
    row("PaAlsa_InitializeStreamInfo: size", info.size == sizeof info);
    row("PaAlsa_InitializeStreamInfo: hostApiType", info.hostApiType);
    row("PaAlsa_InitializeStreamInfo: version", static_cast<long>(info.version));
    row("PaAlsa_InitializeStreamInfo: deviceString is NULL", info.deviceString == nullptr);
    for (const int number : {-1, 1, 100, 0, 4}) {
        row("PaAlsa_SetNumPeriods(" + std::to_string(number) + ")", PaAlsa_SetNumPeriods(number));
    }
    for (const int number : {-1, 0, 100}) {
        row("PaAlsa_SetRetriesBusy(" + std::to_string(number) + ")", PaAlsa_SetRetriesBusy(number));
    }
    PaAlsa_SetLibraryPathName(nullptr);
    PaAlsa_SetLibraryPathName("libasound.so.2");

    Pa_Initialize();
    const PaDeviceIndex device = device_of(paALSA);
    PaStream* duplex = opened(device, &keep_going);
    PaStream* blocking = opened(device, nullptr);
    PaStream* input = opened(device, &keep_going, true, false);
    PaStream* output = opened(device, nullptr, false, true);
    stream_host_api_type("NULL", nullptr);
    stream_host_api_type("no stream", &no_stream);
    stream_host_api_type("a callback stream of ALSA", duplex);
    stream_host_api_type("a blocking stream of ALSA", blocking);
    stream_host_api_type("an output stream of ALSA", output);
    for (const auto& [name, stream] : {std::pair{"duplex", duplex}, std::pair{"blocking", blocking},
                                       std::pair{"input", input}, std::pair{"output", output}}) {
        int card = 77;
        row(std::string{"PaAlsa_GetStreamInputCard: "} + name,
            PaAlsa_GetStreamInputCard(stream, &card));
        row("  wrote a card", card != 77);
        card = 77;
        row(std::string{"PaAlsa_GetStreamOutputCard: "} + name,
            PaAlsa_GetStreamOutputCard(stream, &card));
        row("  wrote a card", card != 77);
    }
    int card = 77;
    for (const auto& [name, stream] :
         {std::pair<const char*, PaStream*>{"NULL", nullptr},
          std::pair<const char*, PaStream*>{"no stream", &no_stream}}) {
        only_on_mock(
            std::string{"PaAlsa_GetStreamInputCard("} + name + ")",
            [&, s = stream] { return PaAlsa_GetStreamInputCard(s, &card); }, paBadStreamPtr,
            "it goes on with an uninitialised pointer");
        only_on_mock(
            std::string{"PaAlsa_GetStreamOutputCard("} + name + ")",
            [&, s = stream] { return PaAlsa_GetStreamOutputCard(s, &card); }, paBadStreamPtr,
            "it goes on with an uninitialised pointer");
        only_on_mock(
            std::string{"PaAlsa_EnableRealtimeScheduling("} + name + ")",
            [s = stream] {
                PaAlsa_EnableRealtimeScheduling(s, 1);
                return 0;
            },
            0, "it writes into what is no stream");
        only_on_mock(
            std::string{"PaOSS_GetStreamInputDevice("} + name + ") is NULL",
            [s = stream] { return PaOSS_GetStreamInputDevice(s) == nullptr; }, 1,
            "it reads what is no stream");
        only_on_mock(
            std::string{"PaOSS_GetStreamOutputDevice("} + name + ") is NULL",
            [s = stream] { return PaOSS_GetStreamOutputDevice(s) == nullptr; }, 1,
            "it reads what is no stream");
    }
    only_on_mock(
        "PaAlsa_GetStreamInputCard, card NULL",
        [&] { return PaAlsa_GetStreamInputCard(duplex, nullptr); }, paNoError,
        "it dereferences a NULL pointer");
    only_on_mock(
        "PaAlsa_GetStreamOutputCard, card NULL",
        [&] { return PaAlsa_GetStreamOutputCard(duplex, nullptr); }, paNoError,
        "it dereferences a NULL pointer");
    only_on_mock(
        "PaOSS_GetStreamInputDevice of a stream of ALSA is NULL",
        [&] { return PaOSS_GetStreamInputDevice(duplex) == nullptr; }, 1,
        "it reads past what it takes for a stream of OSS");
    only_on_mock(
        "PaOSS_GetStreamOutputDevice of a stream of ALSA is NULL",
        [&] { return PaOSS_GetStreamOutputDevice(duplex) == nullptr; }, 1,
        "it reads past what it takes for a stream of OSS");
    PaAlsa_EnableRealtimeScheduling(duplex, 0);

    const char* newer = "Debian's PortAudio does not have it";
    const auto rename = [&](const char* name, PaError (*function)(PaStream*, const char*)) {
        only_on_mock(
            std::string{name} + "(NULL)", [&] { return function(nullptr, "x"); }, paBadStreamPtr,
            newer);
        only_on_mock(
            std::string{name} + " of a stream of ALSA", [&] { return function(duplex, "x"); },
            paHostApiNotFound, newer);
    };
    if constexpr (on_mock) {
        rename("PaPulseAudio_RenameSource", &PaPulseAudio_RenameSource);
        rename("PaPulseAudio_RenameSink", &PaPulseAudio_RenameSink);
    } else {
        rename("PaPulseAudio_RenameSource", nullptr);
        rename("PaPulseAudio_RenameSink", nullptr);
    }
    only_on_mock(
        "PaAlsa_EnableWatchdog",
        [&] {
            PaAlsa_EnableWatchdog(duplex, 1);
            return 0;
        },
        0, newer);
    only_on_mock(
        "PaUtil_SetDebugPrintFunction(NULL)",
        [] {
            PaUtil_SetDebugPrintFunction(nullptr);
            return 0;
        },
        0, newer);

    for (PaStream* stream : {duplex, blocking, input, output}) Pa_CloseStream(stream);
    // PortAudio is done with it before anything else may be.
    PaAlsa_SetNumPeriods(4);
    PaAlsa_SetRetriesBusy(100);
    Pa_Terminate();
}

void extensions_without_jack() {
    const char* name = "none";
    row("PaJack_GetClientName, not initialized", PaJack_GetClientName(&name));
    row("PaJack_GetClientName(NULL), not initialized", PaJack_GetClientName(nullptr));
    Pa_Initialize();
    row("PaJack_GetClientName without JACK", PaJack_GetClientName(&name));
    row_text("PaJack_GetClientName without JACK: name", name);
    row("PaJack_GetClientName(NULL) without JACK", PaJack_GetClientName(nullptr));
    row("PaJack_SetClientName without JACK", PaJack_SetClientName("PortAudio"));
    Pa_Terminate();
}

void extensions_of_jack() {
    row_text("PaJack_GetClientName, not initialized: name", client_name());
    Pa_Initialize();
    const char* name = "none";
    row("PaJack_GetClientName", PaJack_GetClientName(&name));
    row_text("PaJack_GetClientName: name", name);
    only_on_mock(
        "PaJack_GetClientName(NULL)", [] { return PaJack_GetClientName(nullptr); }, paBadBufferPtr,
        "it dereferences a NULL pointer");
    row("PaJack_SetClientName while initialized", PaJack_SetClientName("later"));
    row_text("PaJack_SetClientName while initialized: name", client_name());
    Pa_Terminate();
    row_text("PaJack_SetClientName after Pa_Terminate: name", client_name());
    Pa_Initialize();
    row_text("PaJack_SetClientName after Pa_Initialize: name", client_name());
    Pa_Terminate();

    const std::string longest(63, 'a'), too_long(200, 'b');
    only_on_mock(
        "PaJack_SetClientName(NULL)", [] { return PaJack_SetClientName(nullptr); }, paInvalidFlag,
        "it dereferences a NULL pointer");
    row("PaJack_SetClientName of 63", PaJack_SetClientName(longest.c_str()));
    row("PaJack_SetClientName of 200", PaJack_SetClientName(too_long.c_str()));
    Pa_Initialize();
    row_text("PaJack_SetClientName of 200: name", client_name());
    Pa_Terminate();
    row("PaJack_SetClientName of nothing", PaJack_SetClientName(""));
    Pa_Initialize();
    row_text("PaJack_SetClientName of nothing: name", client_name());
    Pa_Terminate();
    // PortAudio keeps the pointer: the name has to outlive everything that follows.
    row("PaJack_SetClientName back", PaJack_SetClientName("PortAudio"));

    Pa_Initialize();
    PaStream* stream = opened(device_of(paJACK), &keep_going);
    PaStream* blocking = opened(device_of(paJACK), nullptr);
    stream_host_api_type("a callback stream of JACK", stream);
    stream_host_api_type("a blocking stream of JACK", blocking);
    int card = 77;
    const char* unchecked = "it finds that out, and goes on with an uninitialised pointer";
    only_on_mock(
        "PaAlsa_GetStreamInputCard of a stream of JACK",
        [&] { return PaAlsa_GetStreamInputCard(stream, &card); }, paIncompatibleStreamHostApi,
        unchecked);
    only_on_mock(
        "PaAlsa_GetStreamOutputCard of a stream of JACK",
        [&] { return PaAlsa_GetStreamOutputCard(blocking, &card); }, paIncompatibleStreamHostApi,
        unchecked);
    only_on_mock(
        "PaAlsa_EnableRealtimeScheduling of a stream of JACK",
        [&] {
            PaAlsa_EnableRealtimeScheduling(stream, 1);
            return 0;
        },
        0, "it writes into JACK's part of the stream");
    Pa_CloseStream(stream);
    Pa_CloseStream(blocking);
    Pa_Terminate();
}

void extensions_elsewhere() {
    const Elsewhere core_audio{Elsewhere::Is::core_audio};
    Pa_Initialize();
    const auto alone = [](const char* call, auto function, long expected) {
        only_on_mock(std::string{"Core Audio: "} + call, function, expected,
                     "Linux does not have it");
    };
    PaStream* stream = nullptr;
    PaStreamParameters both = stereo(0);
    // What settings and flags are good is the host API's business, of which the mock knows nothing.
    PaAlsaStreamInfo info{sizeof info, paCoreAudio, 1, nullptr};
    both.hostApiSpecificStreamInfo = &info;
    alone(
        "Pa_IsFormatSupported with its own settings",
        [&] { return Pa_IsFormatSupported(&both, &both, 48000); }, paNoError);
    alone(
        "Pa_OpenStream with its own settings and a platform-specific flag",
        [&] {
            return Pa_OpenStream(&stream, &both, &both, 48000, 0, 0x10000, &keep_going, nullptr);
        },
        paNoError);
    int card = 77;
    alone(
        "PaAlsa_GetStreamInputCard without ALSA",
        [&] { return PaAlsa_GetStreamInputCard(stream, &card); }, paHostApiNotFound);
    both.device = paUseHostApiSpecificDeviceSpecification;
    alone(
        "Pa_OpenStream by settings",
        [&] {
            return Pa_OpenStream(&stream, &both, &both, 48000, 0, paNoFlag, &keep_going, nullptr);
        },
        paInvalidDevice);
    Pa_Terminate();
}

void no_host_errors() {
    host_error("Pa_GetLastHostErrorInfo at first");
    Pa_Initialize();
    host_error("Pa_GetLastHostErrorInfo after Pa_Initialize");
    row("an error of PortAudio's", Pa_StartStream(nullptr));
    PaStream* stream = nullptr;
    const auto too_many = stereo(device_of(paALSA), paFloat32, 129);
    row("a refusal of ALSA's",
        Pa_OpenStream(&stream, &too_many, nullptr, 48000, 0, paNoFlag, &keep_going, nullptr));
    host_error("Pa_GetLastHostErrorInfo after them");
    Pa_Terminate();
}

void host_errors() {
    host_error("Pa_GetLastHostErrorInfo at first");
    VanishingDevice device;
    Pa_Initialize();
    const PaDeviceIndex vanishing = device_of(paJACK, 1);
    row_text("the client is a device", Pa_GetDeviceInfo(vanishing)->name);
    const PaStreamParameters one{vanishing, 1, paFloat32, 0.1, nullptr};
    PaStream* stream = nullptr;
    row("an error of PortAudio's",
        Pa_OpenStream(&stream, &one, &one, 0, 0, paNoFlag, &keep_going, nullptr));
    host_error("Pa_GetLastHostErrorInfo after it");
    device.vanish();
    row("an error of JACK's",
        Pa_OpenStream(&stream, &one, &one, 48000, 0, paNoFlag, &keep_going, nullptr));
    host_error("Pa_GetLastHostErrorInfo after it");
    row("another error of PortAudio's",
        Pa_OpenStream(nullptr, &one, &one, 48000, 0, paNoFlag, &keep_going, nullptr));
    host_error("Pa_GetLastHostErrorInfo after that");
    Pa_Terminate();
    host_error("Pa_GetLastHostErrorInfo after Pa_Terminate");
}

}  // namespace conformance
