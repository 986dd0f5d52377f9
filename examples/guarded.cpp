// SPDX-License-Identifier: MIT
// Plays a filter that is about to burst, through guards that keep it from the loudspeaker.
#include <iostream>
#include <portspan/portspan.hpp>

namespace {

/// A resonance at 1 kHz that does not decay but grows, until it is infinite.
struct Resonance {
    float past[2] = {0.01f, 0};
};

int resonance(const void*, float* output, unsigned long frames, const PaStreamCallbackTimeInfo*,
              PaStreamCallbackFlags, Resonance* state) {
    for (unsigned long i = 0; i < frames; ++i) {
        const float next = 1.99f * state->past[0] - 1.007f * state->past[1];
        state->past[1] = state->past[0];
        output[i] = state->past[0] = next;
    }
    return paContinue;
}

}  // namespace

int main() try {
    Resonance state;
    portspan::SampleCount silenced;
    portspan::OutputStream<float> stream{
        {.output = {.channels = 1}, .sample_rate = 48000},
        portspan::flush_denormals(portspan::limit(
            portspan::silence_non_finite(&resonance, &state, silenced), -0.1f, 0.1f))};
    stream.start();
    std::cout << "Press Enter to stop.\n";
    std::cin.get();
    stream.stop();
    std::cout << silenced.get() << " samples were NaN or infinite, and silence\n";
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
