// SPDX-License-Identifier: MIT
// You hear a steady tone from a callback of which only the address is known.
#include <cmath>
#include <cstdint>
#include <iostream>
#include <portspan/portspan.hpp>

// Stands for code that was compiled at run time: Numba's cfunc.address is such a number, and so is
// cffi's int(ffi.cast("intptr_t", pointer)).
unsigned long channels = 2;

int tone(const void*, void* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
         PaStreamCallbackFlags, void*) {
    static double phase = 0;
    auto* samples = static_cast<float*>(output);
    for (unsigned long frame = 0; frame < frames; ++frame) {
        for (unsigned long channel = 0; channel < channels; ++channel) {
            *samples++ = static_cast<float>(0.1 * std::sin(phase));
        }
        phase = std::fmod(phase + 0.06, 6.283185307179586);
    }
    return paContinue;
}

int main() try {
    const auto address = reinterpret_cast<std::uintptr_t>(&tone);
    portspan::Stream<float> stream{portspan::callback_at(address)};
    channels = stream.output_channels();
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
