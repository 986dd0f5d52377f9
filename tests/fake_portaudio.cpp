// SPDX-License-Identifier: MIT
#include "fake_portaudio.hpp"

#include <atomic>
#include <cstdint>

namespace {
FakePortAudio fake;
char stream_object;  // its address is the PaStream

PaError answer(const char* call, PaError result = paNoError) {
    fake.calls.emplace_back(call);
    const auto failure = fake.failures.find(call);
    return failure == fake.failures.end() ? result : failure->second;
}
PaError answer(const char* call, PaStream* stream) {
    return answer(call, stream == &stream_object ? paNoError : paBadStreamPtr);
}
}  // namespace

FakePortAudio& FakePortAudio::instance() { return fake; }

FakePortAudio& FakePortAudio::reset() {
    fake = {};
    fake.devices = {{2, "Fake duplex", 0, 4, 8, 0.01, 0.02, 0.1, 0.2, 44100}};
    fake.default_input = fake.default_output = 0;
    return fake;
}

int FakePortAudio::call(unsigned long frames, const void* input, void* output) {
    const PaStreamCallbackTimeInfo time{1, 2, 3};
    last_result = opened->callback(input, output, frames, &time, 0, opened->user_data);
    if (last_result != paContinue) active = false;
    return last_result;
}

extern "C" {
int Pa_GetVersion() { return paMakeVersionNumber(19, 6, 0); }
const char* Pa_GetErrorText(PaError code) {
    switch (code) {
        case paNoError:
            return "Success";
        case paInvalidSampleRate:
            return "Invalid sample rate";
        case paInvalidDevice:
            return "Invalid device";
        case paInvalidChannelCount:
            return "Invalid number of channels";
        case paUnanticipatedHostError:
            return "Unanticipated host error";
        case paStreamIsNotStopped:
            return "Stream is not stopped";
        case paBufferTooBig:
            return "Buffer too big";
        default:
            return "another error";
    }
}
PaError Pa_Initialize() {
    const PaError error = answer("Pa_Initialize");
    if (error == paNoError) ++fake.initialized;
    return error;
}
PaError Pa_Terminate() {
    --fake.initialized;
    return answer("Pa_Terminate");
}
const PaHostErrorInfo* Pa_GetLastHostErrorInfo() {
    static const PaHostErrorInfo info{paALSA, -77, "the wire is cut"};
    return &info;
}
PaDeviceIndex Pa_GetDeviceCount() {
    return answer("Pa_GetDeviceCount", static_cast<int>(fake.devices.size()));
}
PaDeviceIndex Pa_GetDefaultInputDevice() { return fake.default_input; }
PaDeviceIndex Pa_GetDefaultOutputDevice() { return fake.default_output; }
const PaDeviceInfo* Pa_GetDeviceInfo(PaDeviceIndex index) {
    const bool there = index >= 0 && static_cast<std::size_t>(index) < fake.devices.size();
    return there ? &fake.devices[static_cast<std::size_t>(index)] : nullptr;
}
const PaHostApiInfo* Pa_GetHostApiInfo(PaHostApiIndex index) {
    static const PaHostApiInfo info{1, paALSA, "Fake API", 1, 0, 0};
    return index == 0 ? &info : nullptr;
}
PaError Pa_OpenStream(PaStream** stream, const PaStreamParameters* input,
                      const PaStreamParameters* output, double sample_rate,
                      unsigned long frames_per_buffer, PaStreamFlags flags,
                      PaStreamCallback* callback, void* user_data) {
    const auto copy = [](const PaStreamParameters* p) {
        return p ? std::optional{*p} : std::nullopt;
    };
    fake.opened = {copy(input), copy(output), sample_rate, frames_per_buffer,
                   flags,       callback,     user_data};
    const PaError error = answer("Pa_OpenStream");
    if (error != paNoError) return error;
    ++fake.open_streams;
    fake.started = fake.active = false;
    *stream = &stream_object;
    return paNoError;
}
PaError Pa_CloseStream(PaStream* stream) {
    if (fake.calls_once_more_while_closing) {
        std::vector<float> memory(1024);
        fake.call(8, memory.data(), memory.data() + 512);
    }
    const PaError error = answer("Pa_CloseStream", stream);
    --fake.open_streams;
    return error;
}
PaError Pa_StartStream(PaStream* stream) {
    if (fake.started) return answer("Pa_StartStream", paStreamIsNotStopped);
    const PaError error = answer("Pa_StartStream", stream);
    if (error == paNoError) fake.started = fake.active = true;
    return error;
}
static PaError end(const char* call, PaStream* stream) {
    if (!fake.started) return answer(call, paStreamIsStopped);
    const PaError error = answer(call, stream);
    if (error == paNoError) fake.started = fake.active = false;
    return error;
}
PaError Pa_StopStream(PaStream* stream) { return end("Pa_StopStream", stream); }
PaError Pa_AbortStream(PaStream* stream) { return end("Pa_AbortStream", stream); }
PaError Pa_IsStreamActive(PaStream* stream) {
    return stream == &stream_object ? int{std::atomic_ref{fake.active}.load()}
                                    : int{paBadStreamPtr};
}
PaError Pa_IsStreamStopped(PaStream* stream) {
    return stream == &stream_object ? int{!fake.started} : int{paBadStreamPtr};
}
const PaStreamInfo* Pa_GetStreamInfo(PaStream* stream) {
    static const PaStreamInfo info{1, 0.25, 0.5, 48000};
    return stream == &stream_object ? &info : nullptr;
}
PaTime Pa_GetStreamTime(PaStream*) { return 12.5; }
double Pa_GetStreamCpuLoad(PaStream*) { return 0.75; }
}
