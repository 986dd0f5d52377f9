// SPDX-License-Identifier: MIT
// Stands in for PortAudio in unit tests: one scripted library in memory, driven by hand.
#pragma once

#include <portaudio.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

/// What the library was asked and how it is to answer; a fresh one for each test by reset().
struct FakePortAudio {
    struct Opened {
        std::optional<PaStreamParameters> input;
        std::optional<PaStreamParameters> output;
        double sample_rate;
        unsigned long frames_per_buffer;
        PaStreamFlags flags;
        PaStreamCallback* callback;
        void* user_data;
    };

    std::vector<PaDeviceInfo> devices;
    PaDeviceIndex default_input = paNoDevice;
    PaDeviceIndex default_output = paNoDevice;
    std::map<std::string, PaError> failures;  ///< the function's name and what it answers
    bool calls_once_more_while_closing = false;

    int initialized = 0;  ///< Pa_Initialize less Pa_Terminate
    int open_streams = 0;
    std::vector<std::string> calls;
    std::optional<Opened> opened;  ///< by the last Pa_OpenStream
    bool started = false;
    bool active = false;
    int last_result = paContinue;

    static FakePortAudio& instance();
    /// One duplex device of 4 channels in and 8 out at 44.1 kHz, the default both ways.
    static FakePortAudio& reset();

    /// Calls the callback as a host would: one block, `samples` long enough for both directions.
    int call(unsigned long frames, const void* input, void* output);
};
