// SPDX-License-Identifier: MIT
// Hears nothing: drives a callback on planar buffers from a program's own loop, a plug-in host say.
#include <array>
#include <iostream>
#include <portspan/renderer.hpp>

using PlanarBlock = portspan::Block<float, float, portspan::Planar>;

int main() {
    std::array<float, 64> left{}, right{};
    std::array<float*, 2> planes{left.data(), right.data()};
    const portspan::PlanarView<float> audio{planes.data(), left.size(), planes.size()};

    portspan::Renderer<float, float, portspan::Planar> renderer{
        {.input_channels = 2, .output_channels = 2, .sample_rate = 44100},
        [](PlanarBlock& block) noexcept {
            for (float& sample : block.in_place().channel(0)) sample = -sample;
        }};
    for (int block = 0; block < 10; ++block) {
        left.fill(0.5f);
        right.fill(0.25f);
        renderer.process(audio, audio);  // in place; the next call goes on where this one ended
    }

    std::cout << renderer.position() << " frames, " << left[0] << " and " << right[0] << '\n';
    return renderer.position() == 640 && left[63] == -0.5f && right[63] == 0.25f ? 0 : 1;
}
