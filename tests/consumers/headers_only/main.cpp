// SPDX-License-Identifier: MIT
// A callback out of a library, in place, over an array; and an Error.
#include <array>
#include <cstdio>
#include <cstring>
#include <portspan/portspan.hpp>

int main(int, char** arguments) {
    const portspan::SharedLibrary plugin{arguments[1]};
    const std::array<float, 4> input{1, 2, 3, 4};
    std::array<float, 4> output{};
    const auto done = portspan::render(portspan::InterleavedView<const float>{input, 2},
                                       portspan::InterleavedView<float>{output, 2},
                                       portspan::in_place(plugin.callback("halve")));
    if (done.frames != 2 || output != std::array<float, 4>{0.5f, 1, 1.5f, 2}) return 1;
    try {
        (void)plugin.callback("double");
    } catch (const portspan::Error& error) {
        std::puts(error.what());
        return error.code() == portspan::Fault::symbol_not_found ? 0 : 1;
    }
    return 1;
}
