// SPDX-License-Identifier: MIT
// How much faster than real time the mock's virtual time is, for an empty callback at 48 kHz, 64
// frames, stereo both ways. Exit status 1 below 10,000 times.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <limits>
#include <portspan/mock.hpp>

namespace {

int nothing(const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
            PaStreamCallbackFlags, void*) {
    return paContinue;
}

/// Of the best of some runs: what else the machine does only makes them slower.
double times_real_time(bool capture, std::size_t seconds) {
    constexpr double rate = 48000;
    double best = 0;
    for (int repetition = 0; repetition < 7; ++repetition) {
        portspan::mock::Scope audio;
        audio.capture(capture);
        const PaStreamParameters stereo{0, 2, paFloat32, 0.01, nullptr};
        PaStream* stream = nullptr;
        if (Pa_Initialize() != paNoError ||
            Pa_OpenStream(&stream, &stereo, &stereo, rate, 64, paNoFlag, &nothing, nullptr) !=
                paNoError ||
            Pa_StartStream(stream) != paNoError) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        const auto start = std::chrono::steady_clock::now();
        audio.pump(static_cast<std::size_t>(rate) * seconds);
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
        best = std::max(best, static_cast<double>(seconds) / passed.count());
        Pa_CloseStream(stream);
        Pa_Terminate();
    }
    return best;
}

}  // namespace

int main() {
    const double speed = times_real_time(false, 2000);
    std::printf(
        "mock: virtual time passes %.0f times as fast as real time, %.0f times while all "
        "that is played is captured\n",
        speed, times_real_time(true, 100));
    return speed >= 10000 ? 0 : 1;
}
