// SPDX-License-Identifier: MIT
// You hear a beep; what of it comes back through the microphone is recorded, and played again.
#include <cmath>
#include <iostream>
#include <numbers>
#include <portspan/portspan.hpp>
#include <vector>

int main() try {
    constexpr double sample_rate = 48000;
    std::vector<float> beep(48000);
    for (std::size_t i = 0; i < beep.size() / 2; ++i) {
        const double time = static_cast<double>(i) / sample_rate;
        beep[i] = static_cast<float>(0.2 * std::sin(2 * std::numbers::pi * 440 * time));
    }
    portspan::play(beep, {.sample_rate = sample_rate}).wait();

    auto recording = portspan::play_and_record(portspan::InterleavedView<const float>{beep, 1},
                                               {.sample_rate = sample_rate, .input_mapping = {0}});
    recording.wait();
    const std::vector<float> echo = recording.take();

    auto playback = portspan::play(echo, {.sample_rate = sample_rate, .mapping = {0, 1}});
    playback.wait();
    std::cout << "played " << playback.position() << " frames\n";
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
