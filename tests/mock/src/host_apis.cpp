// SPDX-License-Identifier: MIT
// The extension functions of the host APIs on the mock's engine.
#include "host_apis.hpp"
#include "exported.hpp"

#include <cstring>
#include <string>

#include "answer.hpp"

namespace portspan::mock {

namespace {

// Newer than Debian's portaudio.h, whose PaHostApiTypeId has no room for it.
constexpr int pulse_audio = 16;

/// A function that is there whether or not PortAudio is initialised.
template <class F>
PaError answer_always(const char* function, F&& f) {
    return answer(function, [&](Lock&) -> PaError { return f(); });
}

/// What `f` answers of a stream of the host API `type`.
template <class F>
PaError answer_of(const char* function, PaStream* handle, int type, F&& f) {
    return answer_stream(function, handle, [&](Lock&, Stream& stream) -> PaError {
        if (!engine().found().find_host_api(type)) return paHostApiNotFound;
        return stream.host_api == type ? f(stream) : PaError{paIncompatibleStreamHostApi};
    });
}

PaError card_of(const char* function, PaStream* handle, int* card, bool input) {
    return answer_of(function, handle, paALSA, [&](const Stream& stream) -> PaError {
        const auto& direction = input ? stream.opened.input : stream.opened.output;
        if (!direction) return paDeviceUnavailable;
        if (card) *card = 0;
        return paNoError;
    });
}

PaError rename_stream(const char* function, PaStream* handle, bool input) {
    return answer_of(function, handle, pulse_audio, [&](const Stream& stream) -> PaError {
        const auto& direction = input ? stream.opened.input : stream.opened.output;
        if (!direction) return paInvalidDevice;
        return paNoError;
    });
}

}  // namespace

}  // namespace portspan::mock

PORTSPAN_MOCK_EXPORTED

PaHostApiTypeId Pa_GetStreamHostApiType(PaStream* handle) {
    // Its type cannot hold the error codes that it is documented to answer.
    return static_cast<PaHostApiTypeId>(answer_stream(
        "Pa_GetStreamHostApiType", handle, [](Lock&, Stream& stream) { return stream.host_api; }));
}

void PaAlsa_InitializeStreamInfo(PaAlsaStreamInfo* info) {
    *info = {sizeof(PaAlsaStreamInfo), paALSA, 1, nullptr};
}
void PaAlsa_EnableRealtimeScheduling(PaStream*, int) {}
void PaAlsa_EnableWatchdog(PaStream*, int) {}

PaError PaAlsa_GetStreamInputCard(PaStream* stream, int* card) {
    return card_of("PaAlsa_GetStreamInputCard", stream, card, true);
}
PaError PaAlsa_GetStreamOutputCard(PaStream* stream, int* card) {
    return card_of("PaAlsa_GetStreamOutputCard", stream, card, false);
}

PaError PaAlsa_SetNumPeriods(int) {
    return answer_always("PaAlsa_SetNumPeriods", [] { return PaError{paNoError}; });
}
PaError PaAlsa_SetRetriesBusy(int) {
    return answer_always("PaAlsa_SetRetriesBusy", [] { return PaError{paNoError}; });
}
void PaAlsa_SetLibraryPathName(const char*) {}

PaError PaJack_SetClientName(const char* name) {
    return answer_always("PaJack_SetClientName", [&]() -> PaError {
        constexpr std::size_t longest = 65;  // jack_client_name_size() of JACK 2
        if (!name || std::strlen(name) > longest) return paInvalidFlag;
        engine().jack_client_name = name;
        return paNoError;
    });
}
PaError PaJack_GetClientName(const char** name) {
    return answer_initialized("PaJack_GetClientName", [&](const Found& found) -> PaError {
        if (!found.find_host_api(paJACK)) return paHostApiNotFound;
        if (!name) return paBadBufferPtr;
        *name = engine().open_jack_client_name.c_str();
        return paNoError;
    });
}

const char* PaOSS_GetStreamInputDevice(PaStream*) { return nullptr; }
const char* PaOSS_GetStreamOutputDevice(PaStream*) { return nullptr; }

PaError PaPulseAudio_RenameSource(PaStream* stream, const char*) {
    return rename_stream("PaPulseAudio_RenameSource", stream, true);
}
PaError PaPulseAudio_RenameSink(PaStream* stream, const char*) {
    return rename_stream("PaPulseAudio_RenameSink", stream, false);
}

void PaUtil_SetDebugPrintFunction(PaUtilLogCallback) {}

PORTSPAN_MOCK_EXPORTED_END
