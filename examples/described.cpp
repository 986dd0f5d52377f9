// SPDX-License-Identifier: MIT
// You hear the microphone at the left: a callback in C that says what it works on, so that a stream
// of anything else is refused before it opens (callbacks/balance.c).
#include <iostream>
#include <portspan/portspan.hpp>

struct Balance {
    float left;
    float right;
};

int main() try {
    portspan::SharedLibrary effects{"libbalance.so"};
    Balance state{.left = 1, .right = 0.1f};
    portspan::Stream<float> stream{{.input = {.channels = 2}, .output = {.channels = 2}},
                                   effects.callback("balance", &state)};
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
