// SPDX-License-Identifier: MIT
// A soft tone on the device that ALSA calls by this name, in real time where that is allowed.
#include <cmath>
#include <iostream>
#include <numbers>
#include <portspan/host/alsa.hpp>
#include <portspan/portspan.hpp>

int main(int count, char** arguments) try {
    const std::string name = count > 1 ? arguments[1] : "default";
    const auto tone = [phase = 0.0](auto& block) mutable noexcept {
        for (float& sample : block.output().samples()) {
            sample = 0.1f * static_cast<float>(std::sin(phase));
            phase = std::fmod(phase + 2 * std::numbers::pi * 440 / 48000, 2 * std::numbers::pi);
        }
    };

    portspan::OutputStream<float> stream{
        {.output = {.channels = 1, .host_info = portspan::host::Alsa{.device = name}},
         .sample_rate = 48000},
        tone};
    portspan::host::enable_realtime_scheduling(stream);

    stream.start();
    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
