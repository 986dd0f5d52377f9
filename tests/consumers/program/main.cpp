// SPDX-License-Identifier: MIT
// A whole program of a user: no device needed to run it.
#include <array>
#include <cstdio>
#include <portspan/portspan.hpp>

const std::error_category* category_of_the_other_unit();
bool opens_a_stream();

int main(int argc, char**) {
    const std::array<float, 4> input{1, 2, 3, 4};
    std::array<float, 4> output{};
    portspan::render(portspan::InterleavedView<const float>{input, 2},
                     portspan::InterleavedView<float>{output, 2}, [](auto& block) noexcept {
                         for (float& sample : block.in_place().samples()) sample *= 0.5f;
                     });
    std::printf("%g %g %g %g, PortAudio %x\n", output[0], output[1], output[2], output[3],
                static_cast<unsigned>(Pa_GetVersion()));
    if (argc > 1) return opens_a_stream() ? 0 : 1;
    const bool right = output == std::array<float, 4>{0.5f, 1, 1.5f, 2};
    const bool shared = category_of_the_other_unit() == &portspan::portspan_category();
    return right && shared ? 0 : 1;
}
