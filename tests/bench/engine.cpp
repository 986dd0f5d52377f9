// SPDX-License-Identifier: MIT
// Calls a callback back to back, as a host without a device would. A file of its own, so that no
// compiler sees which function it is.
#include "engine.hpp"

#include <vector>

int drive(PaStreamCallback* callback, void* user_data, unsigned long frames, unsigned long blocks) {
    const std::vector<float> input(2 * frames, 0.25f);
    std::vector<float> output(2 * frames);
    const PaStreamCallbackTimeInfo time{};
    int result = 0;
    for (unsigned long block = 0; block < blocks; ++block) {
        result += callback(input.data(), output.data(), frames, &time, 0, user_data);
    }
    return result;
}
