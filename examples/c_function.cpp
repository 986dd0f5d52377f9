// SPDX-License-Identifier: MIT
// You hear a click every half second: an ordinary C callback that knows PortAudio and nothing else.
#include <cstdint>
#include <iostream>
#include <portspan/portspan.hpp>

struct Metronome {
    unsigned long frames_left;
    unsigned long channels;
};

extern "C" int my_c_callback(const void*, void* output, unsigned long frames,
                             const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags,
                             void* user_data) {
    auto* state = static_cast<Metronome*>(user_data);
    auto* samples = static_cast<std::int16_t*>(output);
    for (unsigned long frame = 0; frame < frames; ++frame) {
        const bool click = state->frames_left < 64;
        for (unsigned long c = 0; c < state->channels; ++c) *samples++ = click ? 8000 : 0;
        state->frames_left = state->frames_left == 0 ? 24000 : state->frames_left - 1;
    }
    return paContinue;
}

int main() try {
    Metronome my_state{.frames_left = 0, .channels = 2};
    portspan::OutputStream<std::int16_t> stream{&my_c_callback, &my_state};
    my_state.channels = stream.output_channels();
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
