// SPDX-License-Identifier: MIT
// You hear what the microphone hears: the least that a program needs.
#include <iostream>
#include <portspan/portspan.hpp>

int main() try {
    portspan::Stream<float> stream{[](auto& block) noexcept { block.in_place(); }};
    stream.start();
    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
