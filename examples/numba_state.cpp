// SPDX-License-Identifier: MIT
// You hear one microphone channel overdriven on two loudspeakers: a callback compiled by Numba with
// a state that this program owns. SoftClipState comes from the header that the build generated.
#include <iostream>
#include <portspan/portspan.hpp>
#include <soft_clip.hpp>

int main() try {
    portspan::SharedLibrary dsp{"libsoft_clip.so"};
    SoftClipState state{.gain = 2.0f, .input_channels = 1};
    portspan::Stream<float> stream{{.input = {.channels = 1},
                                    .output = {.channels = 2},
                                    .sample_rate = 48000,
                                    .frames_per_buffer = 64},
                                   dsp.callback("soft_clip", &state)};
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
