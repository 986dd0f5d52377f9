// SPDX-License-Identifier: MIT
// Calls a callback back to back, as a host without a device would. A file of its own, so that no
// compiler sees which function it is.
#include "engine.hpp"

#include <vector>

extern "C" [[gnu::noinline]] int count_these_calls(PaStreamCallback* callback, const float* input,
                                                   float* output, unsigned long frames,
                                                   unsigned long blocks, void* user_data) {
    const PaStreamCallbackTimeInfo time{};
    int result = 0;
    for (unsigned long block = 0; block < blocks; ++block) {
        result += callback(input, output, frames, &time, 0, user_data);
    }
    return result;
}

int drive(PaStreamCallback* callback, void* user_data, unsigned long frames, unsigned long blocks) {
    const std::vector<float> input(2 * frames, 0.25f);
    std::vector<float> output(2 * frames);
    const PaStreamCallbackTimeInfo time{};
    // The first call finds the C library's functions.
    return callback(input.data(), output.data(), frames, &time, 0, user_data) +
           count_these_calls(callback, input.data(), output.data(), frames, blocks, user_data);
}
