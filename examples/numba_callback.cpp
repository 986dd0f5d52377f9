// SPDX-License-Identifier: MIT
// You hear the microphone overdriven by a Python function that Numba compiled
// (callbacks/soft_clip.py). There is no Python in this program. Run it beside libsoft_clip.so.
#include <iostream>
#include <portspan/portspan.hpp>

int main() try {
    portspan::SharedLibrary dsp{"libsoft_clip.so"};
    portspan::Stream<float> stream{dsp.callback("soft_clip")};
    if (stream.input_channels() != 2 || stream.output_channels() != 2) {
        std::cerr << "soft_clip works on two channels, unless a state says otherwise\n";
        return 1;
    }
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
