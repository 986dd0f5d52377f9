// SPDX-License-Identifier: MIT
// A callback that was written in Python, in a program that has none.
#include <array>
#include <portspan/library.hpp>
#include <portspan/render.hpp>

int main(int, char** arguments) {
    const portspan::SharedLibrary library{arguments[1]};
    const std::array<float, 4> input{1, 2, 3, 4};
    for (const char* name : {"halve", "halve_arrays"}) {
        std::array<float, 4> output{};
        portspan::render(portspan::InterleavedView<const float>{input, 2},
                         portspan::InterleavedView<float>{output, 2}, library.callback(name));
        if (output != std::array<float, 4>{0.5f, 1, 1.5f, 2}) return 1;
    }
    return 0;
}
