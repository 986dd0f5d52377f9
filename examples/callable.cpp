// SPDX-License-Identifier: MIT
// You hear the microphone at half its amplitude: a C++ callable, in place, on the default devices.
#include <iostream>
#include <portspan/portspan.hpp>

int main() try {
    // clang-format off
    portspan::Stream<float> stream{[](auto& block) noexcept { for (float& x : block.in_place().samples()) x *= 0.5f; }};
    // clang-format on
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
