// SPDX-License-Identifier: MIT
// A gain on the default devices for some seconds: as PortAudio's own callback, and by portspan.
// usage: callbacks raw|foreign|callable SECONDS
#include <chrono>
#include <iostream>
#include <portspan/portspan.hpp>
#include <stdexcept>
#include <string_view>
#include <thread>
#include <utility>

extern "C" PaStreamCallback gain;  // gain.c

namespace {

using Seconds = std::chrono::duration<double>;

float volume = 0.5f;

void check(PaError error) {
    if (error != paNoError) throw std::runtime_error(Pa_GetErrorText(error));
}

PaStreamParameters stereo(PaDeviceIndex device) {
    const PaDeviceInfo* const info = Pa_GetDeviceInfo(device);
    if (!info) throw std::runtime_error("no JACK server");
    return {device, 2, paFloat32, info->defaultLowInputLatency, nullptr};
}

void run_raw(Seconds seconds) {
    const PaStreamParameters input = stereo(Pa_GetDefaultInputDevice());
    const PaStreamParameters output = stereo(Pa_GetDefaultOutputDevice());
    PaStream* stream = nullptr;
    check(Pa_OpenStream(&stream, &input, &output, 48000, paFramesPerBufferUnspecified, paNoFlag,
                        &gain, &volume));
    check(Pa_StartStream(stream));
    std::this_thread::sleep_for(seconds);
    check(Pa_StopStream(stream));
    check(Pa_CloseStream(stream));
}

template <class... Callback>
void run(Seconds seconds, Callback&&... callback) {
    portspan::Stream<float> stream{{.input = {.channels = 2}, .output = {.channels = 2}},
                                   std::forward<Callback>(callback)...};
    stream.start();
    std::this_thread::sleep_for(seconds);
    stream.stop();
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 3) throw std::invalid_argument("usage: callbacks raw|foreign|callable SECONDS");
    const portspan::Session session;
    const std::string_view kind = argv[1];
    const Seconds seconds{std::stod(argv[2])};
    if (kind == "raw") {
        run_raw(seconds);
    } else if (kind == "foreign") {
        run(seconds, &gain, &volume);
    } else {
        run(seconds, [](auto& block) noexcept {
            for (float& sample : block.in_place().samples()) sample *= volume;
        });
    }
    return 0;
} catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
