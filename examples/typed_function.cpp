// SPDX-License-Identifier: MIT
// You hear the microphone quieter: a C callback that says what it works on, so the compiler
// compares its sample and state types with the stream's.
#include <iostream>
#include <portspan/portspan.hpp>

struct GainState {
    float gain;
    unsigned long channels;
};

int gain(const float* input, float* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
         PaStreamCallbackFlags, GainState* state) {
    for (unsigned long i = 0; i < frames * state->channels; ++i) {
        output[i] = input ? state->gain * input[i] : 0;  // PortAudio may pass no input
    }
    return paContinue;
}

int main() try {
    GainState gain_state{.gain = 0.25f, .channels = 2};
    portspan::Stream<float> stream{&gain, &gain_state};  // Stream<std::int16_t> would not compile
    gain_state.channels = stream.output_channels();
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
