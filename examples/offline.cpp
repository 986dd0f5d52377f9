// SPDX-License-Identifier: MIT
// Hears nothing: runs a callback over two arrays, as a unit test of an audio effect would.
#include <iostream>
#include <portspan/render.hpp>
#include <vector>

int main() {
    const std::vector<float> input(2 * 480, 1.0f);  // 10 ms of stereo at 48 kHz
    std::vector<float> output(input.size());

    float gain = 0;  // a fade-in: 1/480 more with every frame
    const auto fade_in = [&](auto& block) noexcept {
        const auto audio = block.in_place();
        for (std::size_t frame = 0; frame < audio.frames(); ++frame) {
            gain += 1.0f / 480;
            for (float& sample : audio.frame(frame)) sample *= gain;
        }
    };
    const auto rendered = portspan::render(portspan::InterleavedView<const float>{input, 2},
                                           portspan::InterleavedView<float>{output, 2}, fade_in);

    std::cout << rendered.frames << " frames, the last sample is " << output.back() << '\n';
    return output.back() > 0.999f && output.front() < 0.003f ? 0 : 1;
}
