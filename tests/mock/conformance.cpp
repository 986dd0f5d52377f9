// SPDX-License-Identifier: MIT
// One table of PortAudio calls, good and bad, and what each answers. Built twice: on the mock and
// on the machine's libportaudio with ALSA's null device. Both print the same lines. Not in it,
// because PortAudio 19.6 on ALSA does not do what portaudio.h says: the available frames of a
// direction that a blocking stream lacks (it crashes) and PaStreamInfo::structVersion (it is 0).
// usage: conformance > TABLE
#include <portaudio.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#if defined(PORTSPAN_CONFORMANCE_MOCK)
#include <portspan/mock.hpp>
#endif

namespace {

using Time = const PaStreamCallbackTimeInfo*;

int lines = 0;

/// One row: what the call answered, as a name where it is an error code of PortAudio's.
void row(const std::string& call, long result) {
    ++lines;
    std::printf("%-78s %ld %s\n", call.c_str(), result,
                result < 0 ? Pa_GetErrorText(static_cast<PaError>(result)) : "");
}
/// A row where only "an error or not" or "some number" is PortAudio's promise.
void row_sign(const std::string& call, long result) { row(call, result > 0 ? 1 : result); }

int keep_going(const void*, void*, unsigned long, Time, PaStreamCallbackFlags, void*) {
    return paContinue;
}
int complete(const void*, void*, unsigned long, Time, PaStreamCallbackFlags, void*) {
    return paComplete;
}
int abort_at_once(const void*, void*, unsigned long, Time, PaStreamCallbackFlags, void*) {
    return paAbort;
}
int nonsense(const void*, void*, unsigned long, Time, PaStreamCallbackFlags, void*) { return 7; }

PaStreamParameters stereo(PaDeviceIndex device, PaSampleFormat format = paFloat32,
                          int channels = 2) {
    return {device, channels, format, 0.1, nullptr};
}

/// Time passes until the stream is inactive; the mock's has to be pumped.
#if defined(PORTSPAN_CONFORMANCE_MOCK)
portspan::mock::Scope* script = nullptr;
void let_time_pass() { script->pump(4096); }
#else
void let_time_pass() { std::this_thread::sleep_for(std::chrono::milliseconds{20}); }
#endif
void wait_until_inactive(PaStream* stream) {
    for (int i = 0; i < 200 && Pa_IsStreamActive(stream) == 1; ++i) let_time_pass();
}

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
    row("not initialized: Pa_WriteStream(NULL)", Pa_WriteStream(nullptr, buffer, 1));
    row("not initialized: Pa_GetStreamReadAvailable(NULL)", Pa_GetStreamReadAvailable(nullptr));
    row("not initialized: Pa_GetStreamWriteAvailable(NULL)", Pa_GetStreamWriteAvailable(nullptr));
}

void sample_sizes() {
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
        {"0x40", 0x40}};
    for (const auto& [name, format] : formats) {
        row(std::string{"Pa_GetSampleSize("} + name + ")", Pa_GetSampleSize(format));
        row(std::string{"Pa_GetSampleSize("} + name + " non-interleaved)",
            Pa_GetSampleSize(format | paNonInterleaved));
    }
}

void error_texts() {
    for (int code = paNotInitialized; code <= paBadBufferPtr; ++code) {
        std::printf("text of %d: %s\n", code, Pa_GetErrorText(code));
        ++lines;
    }
    for (const int code : {0, 1, 42, -1, -9999 + 100, -20000}) {
        std::printf("text of %d: %s\n", code, Pa_GetErrorText(code));
        ++lines;
    }
}

void counting() {
    row("Pa_Initialize", Pa_Initialize());
    row("Pa_Initialize again", Pa_Initialize());
    row("Pa_Terminate once", Pa_Terminate());
    row_sign("Pa_GetHostApiCount after one of two", Pa_GetHostApiCount());
    row("Pa_Terminate twice", Pa_Terminate());
    row("Pa_GetHostApiCount after both", Pa_GetHostApiCount());
    row("Pa_Terminate once too often", Pa_Terminate());
}

void enumeration() {
    row_sign("Pa_GetHostApiCount", Pa_GetHostApiCount());
    row("Pa_GetHostApiInfo(-1) is NULL", Pa_GetHostApiInfo(-1) == nullptr);
    row("Pa_GetHostApiInfo(count) is NULL", Pa_GetHostApiInfo(Pa_GetHostApiCount()) == nullptr);
    row("Pa_GetHostApiInfo(0) is there", Pa_GetHostApiInfo(0) != nullptr);
    row("Pa_GetHostApiInfo(0)->structVersion", Pa_GetHostApiInfo(0)->structVersion);
    row("Pa_GetHostApiInfo(0)->type is ALSA", Pa_GetHostApiInfo(0)->type == paALSA);
    row("Pa_GetDefaultHostApi", Pa_GetDefaultHostApi());
    row("Pa_HostApiTypeIdToHostApiIndex(paALSA)", Pa_HostApiTypeIdToHostApiIndex(paALSA));
    row("Pa_HostApiTypeIdToHostApiIndex(paASIO)", Pa_HostApiTypeIdToHostApiIndex(paASIO));
    row("Pa_HostApiDeviceIndexToDeviceIndex(0, 0)", Pa_HostApiDeviceIndexToDeviceIndex(0, 0));
    row("Pa_HostApiDeviceIndexToDeviceIndex(0, 1)", Pa_HostApiDeviceIndexToDeviceIndex(0, 1));
    row("Pa_HostApiDeviceIndexToDeviceIndex(0, -1)", Pa_HostApiDeviceIndexToDeviceIndex(0, -1));
    row("Pa_HostApiDeviceIndexToDeviceIndex(0, 99)", Pa_HostApiDeviceIndexToDeviceIndex(0, 99));
    row("Pa_HostApiDeviceIndexToDeviceIndex(-1, 0)", Pa_HostApiDeviceIndexToDeviceIndex(-1, 0));
    row("Pa_HostApiDeviceIndexToDeviceIndex(99, 0)", Pa_HostApiDeviceIndexToDeviceIndex(99, 0));
    row("Pa_GetDeviceCount", Pa_GetDeviceCount());
    row("Pa_GetDeviceInfo(-1) is NULL", Pa_GetDeviceInfo(-1) == nullptr);
    row("Pa_GetDeviceInfo(-2) is NULL", Pa_GetDeviceInfo(-2) == nullptr);
    row("Pa_GetDeviceInfo(count) is NULL", Pa_GetDeviceInfo(Pa_GetDeviceCount()) == nullptr);
    row("Pa_GetDeviceInfo(0)->structVersion", Pa_GetDeviceInfo(0)->structVersion);
    row("Pa_GetDeviceInfo(0)->maxInputChannels", Pa_GetDeviceInfo(0)->maxInputChannels);
    row("Pa_GetDeviceInfo(0)->maxOutputChannels", Pa_GetDeviceInfo(0)->maxOutputChannels);
    row("Pa_GetDeviceInfo(0)->defaultSampleRate",
        static_cast<long>(Pa_GetDeviceInfo(0)->defaultSampleRate));
    row("Pa_GetDefaultInputDevice", Pa_GetDefaultInputDevice());
    row("Pa_GetDefaultOutputDevice", Pa_GetDefaultOutputDevice());
}

/// Parameters, good and bad, to Pa_IsFormatSupported and Pa_OpenStream alike.
void parameters() {
    struct Case {
        const char* name;
        bool input, output;
        std::function<void(PaStreamParameters&, PaStreamParameters&)> change = {};
        double rate = 48000;
        unsigned long frames = 0;
        PaStreamFlags flags = 0;
        PaStreamCallback* callback = &keep_going;
        bool null_stream = false;
    };
    struct {
        unsigned long size;
        PaHostApiTypeId type;
        unsigned long version;
        char rest[64];
    } foreign_info{sizeof foreign_info, paASIO, 1, {}};
    using P = PaStreamParameters;
    const Case cases[] = {
        {"duplex", true, true},
        {"input only", true, false},
        {"output only", false, true},
        {"neither", false, false},
        {"stream NULL", true, true, {}, 48000, 0, 0, &keep_going, true},
        {"stream NULL and neither", false, false, {}, 48000, 0, 0, &keep_going, true},
        {"input device -1", true, false, [](P& i, P&) { i.device = -1; }},
        {"input device -3", true, false, [](P& i, P&) { i.device = -3; }},
        {"input device count", true, false, [](P& i, P&) { i.device = Pa_GetDeviceCount(); }},
        {"input device 9999", true, false, [](P& i, P&) { i.device = 9999; }},
        {"output device -1", false, true, [](P&, P& o) { o.device = -1; }},
        {"output device count", false, true, [](P&, P& o) { o.device = Pa_GetDeviceCount(); }},
        {"host-specific input without info", true, false,
         [](P& i, P&) { i.device = paUseHostApiSpecificDeviceSpecification; }},
        {"host-specific output without info", false, true,
         [](P&, P& o) { o.device = paUseHostApiSpecificDeviceSpecification; }},
        {"input channels 0", true, true, [](P& i, P&) { i.channelCount = 0; }},
        {"input channels -1", true, true, [](P& i, P&) { i.channelCount = -1; }},
        {"input channels 129", true, true, [](P& i, P&) { i.channelCount = 129; }},
        {"input channels 1", true, true, [](P& i, P&) { i.channelCount = 1; }},
        {"output channels 0", true, true, [](P&, P& o) { o.channelCount = 0; }},
        {"output channels -1", true, true, [](P&, P& o) { o.channelCount = -1; }},
        {"output channels 129", true, true, [](P&, P& o) { o.channelCount = 129; }},
        {"output channels 1", true, true, [](P&, P& o) { o.channelCount = 1; }},
        {"input paInt32", true, true, [](P& i, P&) { i.sampleFormat = paInt32; }},
        {"input paInt24", true, true, [](P& i, P&) { i.sampleFormat = paInt24; }},
        {"input paInt16", true, true, [](P& i, P&) { i.sampleFormat = paInt16; }},
        {"input paInt8", true, true, [](P& i, P&) { i.sampleFormat = paInt8; }},
        {"input paUInt8", true, true, [](P& i, P&) { i.sampleFormat = paUInt8; }},
        {"input format 0", true, true, [](P& i, P&) { i.sampleFormat = 0; }},
        {"input format two bits", true, true,
         [](P& i, P&) { i.sampleFormat = paFloat32 | paInt16; }},
        {"input format unknown", true, true, [](P& i, P&) { i.sampleFormat = 0x40; }},
        {"input non-interleaved", true, true,
         [](P& i, P&) { i.sampleFormat = paFloat32 | paNonInterleaved; }},
        {"output paInt32", true, true, [](P&, P& o) { o.sampleFormat = paInt32; }},
        {"output paInt24", true, true, [](P&, P& o) { o.sampleFormat = paInt24; }},
        {"output paInt16", true, true, [](P&, P& o) { o.sampleFormat = paInt16; }},
        {"output paInt8", true, true, [](P&, P& o) { o.sampleFormat = paInt8; }},
        {"output paUInt8", true, true, [](P&, P& o) { o.sampleFormat = paUInt8; }},
        {"output format 0", true, true, [](P&, P& o) { o.sampleFormat = 0; }},
        {"output format unknown", true, true, [](P&, P& o) { o.sampleFormat = 0x1000; }},
        {"output non-interleaved", true, true,
         [](P&, P& o) { o.sampleFormat = paInt16 | paNonInterleaved; }},
        {"input info of another host API", true, false,
         [&](P& i, P&) { i.hostApiSpecificStreamInfo = &foreign_info; }},
        {"output info of another host API", false, true,
         [&](P&, P& o) { o.hostApiSpecificStreamInfo = &foreign_info; }},
        {"rate 0", true, true, {}, 0},
        {"rate -48000", true, true, {}, -48000},
        {"rate 999", true, true, {}, 999},
        {"rate 1000000", true, true, {}, 1e6},
        {"rate infinity", true, true, {}, std::numeric_limits<double>::infinity()},
        {"bad device before bad rate", true, false, [](P& i, P&) { i.device = 99; }, 0},
        {"bad channels before bad format", true, false,
         [](P& i, P&) { i.channelCount = 0, i.sampleFormat = 0; }},
        {"bad format before bad rate", true, false, [](P& i, P&) { i.sampleFormat = 0; }, 0},
        {"bad input before bad output", true, true,
         [](P& i, P& o) { i.channelCount = 0, o.device = 99; }},
        {"frames 64", true, true, {}, 48000, 64},
        {"frames 1", true, true, {}, 48000, 1},
        {"frames 100", true, true, {}, 48000, 100},
        {"flag clip off", true, true, {}, 48000, 0, paClipOff},
        {"flag dither off", true, true, {}, 48000, 0, paDitherOff},
        {"flag prime output", true, true, {}, 48000, 0, paPrimeOutputBuffersUsingStreamCallback},
        {"flag never drop input", true, true, {}, 48000, 0, paNeverDropInput},
        {"flag never drop input, frames 64", true, true, {}, 48000, 64, paNeverDropInput},
        {"flag never drop input, input only", true, false, {}, 48000, 0, paNeverDropInput},
        {"flag never drop input, output only", false, true, {}, 48000, 0, paNeverDropInput},
        {"flag never drop input, no callback", true, true, {}, 48000, 0, paNeverDropInput, nullptr},
        {"flag unknown", true, true, {}, 48000, 0, 0x10},
        {"flag unknown before never drop input",
         true,
         false,
         {},
         48000,
         0,
         0x10 | paNeverDropInput},
        {"bad rate before bad flag", true, true, {}, 0, 0, 0x10},
        {"no callback: blocking", true, true, {}, 48000, 256, 0, nullptr},
    };
    for (const Case& c : cases) {
        PaStreamParameters input = stereo(0), output = stereo(0);
        if (c.change) c.change(input, output);
        const PaStreamParameters* in = c.input ? &input : nullptr;
        const PaStreamParameters* out = c.output ? &output : nullptr;
        if (!c.null_stream && c.flags == 0) {
            row(std::string{"Pa_IsFormatSupported: "} + c.name,
                Pa_IsFormatSupported(in, out, c.rate));
        }
        PaStream* stream = nullptr;
        const PaError result = Pa_OpenStream(c.null_stream ? nullptr : &stream, in, out, c.rate,
                                             c.frames, c.flags, c.callback, nullptr);
        row(std::string{"Pa_OpenStream: "} + c.name, result);
        if (result == paNoError) row(std::string{"  close: "} + c.name, Pa_CloseStream(stream));
    }
}

void default_stream() {
    const auto open = [](const char* name, int in, int out, PaSampleFormat format, double rate) {
        PaStream* stream = nullptr;
        const PaError result =
            Pa_OpenDefaultStream(&stream, in, out, format, rate, 0, &keep_going, nullptr);
        row(std::string{"Pa_OpenDefaultStream: "} + name, result);
        if (result == paNoError) Pa_CloseStream(stream);
    };
    open("2 and 2", 2, 2, paFloat32, 48000);
    open("2 and 0", 2, 0, paInt16, 48000);
    open("0 and 1", 0, 1, paInt16, 48000);
    open("0 and 0", 0, 0, paFloat32, 48000);
    open("-1 and 2", -1, 2, paFloat32, 48000);
    open("129 and 2", 129, 2, paFloat32, 48000);
    open("format 0", 2, 2, 0, 48000);
    open("rate 0", 2, 2, paFloat32, 0);
}

int finished_calls = 0;
void count_finished(void*) { ++finished_calls; }

void life(const char* kind, PaStreamCallback* callback) {
    const auto say = [&](const char* call, long result) {
        row(std::string{kind} + ": " + call, result);
    };
    PaStream* stream = nullptr;
    const auto both = stereo(0);
    say("open", Pa_OpenStream(&stream, &both, &both, 48000, 64, 0, callback, nullptr));
    say("stopped before start", Pa_IsStreamStopped(stream));
    say("active before start", Pa_IsStreamActive(stream));
    say("stop before start", Pa_StopStream(stream));
    say("abort before start", Pa_AbortStream(stream));
    char buffer[64 * 8]{};
    say("read before start", Pa_ReadStream(stream, buffer, 1));
    say("write before start", Pa_WriteStream(stream, buffer, 1));
    say("read of 0 frames", Pa_ReadStream(stream, buffer, 0));
    say("write of 0 frames", Pa_WriteStream(stream, buffer, 0));
    say("read into NULL", Pa_ReadStream(stream, nullptr, 1));
    say("write from NULL", Pa_WriteStream(stream, nullptr, 1));
    say("info is there", Pa_GetStreamInfo(stream) != nullptr);
    say("info rate", static_cast<long>(Pa_GetStreamInfo(stream)->sampleRate));
    finished_calls = 0;
    say("finished callback", Pa_SetStreamFinishedCallback(stream, &count_finished));
    say("start", Pa_StartStream(stream));
    say("stopped after start", Pa_IsStreamStopped(stream));
    if (callback == &keep_going) {
        say("active after start", Pa_IsStreamActive(stream));
        say("start again", Pa_StartStream(stream));
        say("read from a callback stream", Pa_ReadStream(stream, buffer, 1));
        say("write to a callback stream", Pa_WriteStream(stream, buffer, 1));
        say("read available of a callback stream", Pa_GetStreamReadAvailable(stream));
        say("write available of a callback stream", Pa_GetStreamWriteAvailable(stream));
        let_time_pass();
        say("finished callbacks while it runs", finished_calls);
    } else {
        wait_until_inactive(stream);
        say("active at the end", Pa_IsStreamActive(stream));
        say("stopped at the end", Pa_IsStreamStopped(stream));
        say("finished callbacks at the end", finished_calls);
        say("start at the end", Pa_StartStream(stream));
    }
    say("finished callback while not stopped",
        Pa_SetStreamFinishedCallback(stream, &count_finished));
    say("stop", Pa_StopStream(stream));
    say("finished callbacks after stop", finished_calls);
    say("stopped after stop", Pa_IsStreamStopped(stream));
    say("active after stop", Pa_IsStreamActive(stream));
    say("stop again", Pa_StopStream(stream));
    say("abort again", Pa_AbortStream(stream));
    say("start once more", Pa_StartStream(stream));
    say("abort", Pa_AbortStream(stream));
    say("stopped after abort", Pa_IsStreamStopped(stream));
    say("start a third time", Pa_StartStream(stream));
    say("close while it runs", Pa_CloseStream(stream));
}

void blocking() {
    const auto both = stereo(0);
    std::vector<float> buffer(2 * 256);
    PaStream* stream = nullptr;
    Pa_OpenStream(&stream, &both, &both, 48000, 256, 0, nullptr, nullptr);
    row("blocking: read before start", Pa_ReadStream(stream, buffer.data(), 256));
    row("blocking: write before start", Pa_WriteStream(stream, buffer.data(), 256));
    row("blocking: start", Pa_StartStream(stream));
    row("blocking: active", Pa_IsStreamActive(stream));
    row("blocking: stopped", Pa_IsStreamStopped(stream));
    row_sign("blocking: write available", Pa_GetStreamWriteAvailable(stream));
    row("blocking: read NULL", Pa_ReadStream(stream, nullptr, 256));
    row("blocking: read 0", Pa_ReadStream(stream, buffer.data(), 0));
    row("blocking: stop", Pa_StopStream(stream));
    row("blocking: read after stop", Pa_ReadStream(stream, buffer.data(), 256));
    row("blocking: close", Pa_CloseStream(stream));

    Pa_OpenStream(&stream, &both, nullptr, 48000, 256, 0, nullptr, nullptr);
    Pa_StartStream(stream);
    row("blocking input: read", Pa_ReadStream(stream, buffer.data(), 256));
    row("blocking input: write", Pa_WriteStream(stream, buffer.data(), 256));
    Pa_CloseStream(stream);

    Pa_OpenStream(&stream, nullptr, &both, 48000, 256, 0, nullptr, nullptr);
    Pa_StartStream(stream);
    row("blocking output: write", Pa_WriteStream(stream, buffer.data(), 256));
    row("blocking output: read", Pa_ReadStream(stream, buffer.data(), 256));
    Pa_CloseStream(stream);
}

void bad_streams() {
    char buffer[64]{};
    // Long enough that PortAudio may look for its mark inside it.
    alignas(16) static std::array<unsigned char, 512> memory{};
    for (const auto& [name, stream] : {std::pair<const char*, PaStream*>{"NULL", nullptr},
                                       std::pair<const char*, PaStream*>{"no stream", &memory}}) {
        const auto say = [&, n = name](const char* call, long result) {
            row(std::string{call} + "(" + n + ")", result);
        };
        say("Pa_CloseStream", Pa_CloseStream(stream));
        say("Pa_SetStreamFinishedCallback", Pa_SetStreamFinishedCallback(stream, nullptr));
        say("Pa_StartStream", Pa_StartStream(stream));
        say("Pa_StopStream", Pa_StopStream(stream));
        say("Pa_AbortStream", Pa_AbortStream(stream));
        say("Pa_IsStreamStopped", Pa_IsStreamStopped(stream));
        say("Pa_IsStreamActive", Pa_IsStreamActive(stream));
        say("Pa_GetStreamInfo is NULL", Pa_GetStreamInfo(stream) == nullptr);
        say("Pa_GetStreamTime is 0", Pa_GetStreamTime(stream) == 0);
        say("Pa_GetStreamCpuLoad is 0", Pa_GetStreamCpuLoad(stream) == 0);
        say("Pa_ReadStream", Pa_ReadStream(stream, buffer, 1));
        say("Pa_ReadStream, 0 frames", Pa_ReadStream(stream, buffer, 0));
        say("Pa_WriteStream", Pa_WriteStream(stream, buffer, 1));
        say("Pa_GetStreamReadAvailable", Pa_GetStreamReadAvailable(stream));
        say("Pa_GetStreamWriteAvailable", Pa_GetStreamWriteAvailable(stream));
    }
}

void terminating_closes() {
    PaStream* stream = nullptr;
    const auto both = stereo(0);
    row("terminate: initialize", Pa_Initialize());
    row("terminate: open",
        Pa_OpenStream(&stream, &both, &both, 48000, 64, 0, &keep_going, nullptr));
    row("terminate: start", Pa_StartStream(stream));
    row("terminate: terminate", Pa_Terminate());
    row("terminate: close afterwards", Pa_CloseStream(stream));
}

}  // namespace

int main() {
#if defined(PORTSPAN_CONFORMANCE_MOCK)
    // What PortAudio finds on ALSA's null device.
    using portspan::mock::Device;
    const Device silent{.name = "silent", .max_input_channels = 128, .max_output_channels = 128};
    Device usual = silent;
    usual.name = "default";
    portspan::mock::Scope scope{{{{.type = paALSA,
                                   .name = "ALSA",
                                   .devices = {silent, usual},
                                   .default_input = 1,
                                   .default_output = 1}}}};
    script = &scope;
#endif
    not_initialized();
    sample_sizes();
    error_texts();
    counting();
    if (Pa_Initialize() != paNoError) return 1;
    enumeration();
    parameters();
    default_stream();
    life("continue", &keep_going);
    life("complete", &complete);
    life("abort", &abort_at_once);
    life("nonsense", &nonsense);
    blocking();
    bad_streams();
    row("the last Pa_Terminate", Pa_Terminate());
    terminating_closes();
    std::fprintf(stderr, "%d rows\n", lines);
    return lines >= 150 ? 0 : 1;
}
