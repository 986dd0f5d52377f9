// SPDX-License-Identifier: MIT
// You hear the microphone's volume go up and down: a callback compiled by Numba and linked into
// this program (callbacks/tremolo.py), so the compiler compares its sample and state types.
#include <iostream>
#include <portspan/portspan.hpp>
#include <tremolo.hpp>

int main() try {
    TremoloState state{.rate = 5, .depth = 0.8f};
    portspan::Stream<float> stream{
        {.input = {.channels = 2}, .output = {.channels = 2}}, &tremolo, &state};
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
    stream.stop();
    if (const char* reason = tremolo_error()) std::cerr << reason << '\n';
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
