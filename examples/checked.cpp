// SPDX-License-Identifier: MIT
// Hears nothing: tries a foreign function before it comes near an audio thread, as a unit test
// would.
#include <cstddef>
#include <iostream>
#include <portspan/check.hpp>

namespace {

struct OnePole {
    float coefficient;
    float last[2];
};

/// A low-pass for stereo that starts anew in each block, which is heard.
int low_pass(const float* input, float* output, unsigned long frames,
             const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, OnePole* state) {
    state->last[0] = state->last[1] = 0;
    for (std::size_t i = 0; i < 2 * frames; ++i) {
        float& last = state->last[i % 2];
        last += state->coefficient * ((input ? input[i] : 0) - last);
        output[i] = last;
    }
    return paContinue;
}

}  // namespace

int main() {
    OnePole state{.coefficient = 0.1f, .last = {}};
    const portspan::CheckReport report = portspan::check<float>(&low_pass, &state);
    std::cout << report.text() << '\n';
    return report.find(portspan::Observation::depends_on_block_size) ? 0 : 1;
}
