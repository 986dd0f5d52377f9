// SPDX-License-Identifier: MIT
#include "table.hpp"

#include <cstdio>
#include <cstdlib>

#include "machine.hpp"

namespace conformance {

namespace {

int rows_so_far = 0;
bool all_as_expected = true;

void print(const std::string& call, const std::string& result) {
    ++rows_so_far;
    std::printf("%-72s %s\n", call.c_str(), result.c_str());
    // Whoever crashes next leaves the rows before it behind.
    std::fflush(stdout);
}

std::string answer(long result) {
    const std::string code = std::to_string(result);
    return result < 0 ? code + " " + Pa_GetErrorText(static_cast<PaError>(result)) : code;
}

void hold(const std::string& call, long result, long expected) {
    if (result == expected) return;
    all_as_expected = false;
    print(call, "and yet it answered " + answer(result));
}

}  // namespace

void row(const std::string& call, long result) { print(call, answer(result)); }
void row_sign(const std::string& call, long result) {
    print(call, result > 0 ? "some" : answer(result));
}
void row_text(const std::string& call, const std::string& result) {
    print(call, "'" + result + "'");
}

void differs(const std::string& call, long result, long from_mock, long from_portaudio,
             const std::string& reason) {
    print(call,
          "mock " + answer(from_mock) + ", PortAudio " + answer(from_portaudio) + ": " + reason);
    hold(call, result, on_mock ? from_mock : from_portaudio);
}

void not_asked_of_portaudio(const std::string& call, std::optional<long> result, long expected,
                            const std::string& reason) {
    print(call, "mock " + answer(expected) + ", PortAudio not asked: " + reason);
    if (result) hold(call, *result, expected);
}

int rows() { return rows_so_far; }
bool as_expected() { return all_as_expected; }

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

PaStreamParameters stereo(PaDeviceIndex device, PaSampleFormat format, int channels) {
    return {device, channels, format, 0.1, nullptr};
}

PaStream* opened(PaDeviceIndex device, PaStreamCallback* callback, bool input, bool output,
                 PaSampleFormat format, void* user_data) {
    PaStream* stream = nullptr;
    const auto both = stereo(device, format);
    const PaError error = Pa_OpenStream(&stream, input ? &both : nullptr, output ? &both : nullptr,
                                        48000, 64, paNoFlag, callback, user_data);
    return error == paNoError ? stream : nullptr;
}

void wait_until_inactive(PaStream* stream) {
    for (int i = 0; i < 400 && Pa_IsStreamActive(stream) == 1; ++i) let_time_pass();
}

PaDeviceIndex device_of(PaHostApiTypeId type, int place) {
    const PaDeviceIndex device =
        Pa_HostApiDeviceIndexToDeviceIndex(Pa_HostApiTypeIdToHostApiIndex(type), place);
    if (device >= 0) return device;
    std::fprintf(stderr, "host API %d has no device %d\n", type, place);
    std::exit(1);
}

}  // namespace conformance
