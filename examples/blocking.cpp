// SPDX-License-Identifier: MIT
// You hear the microphone for three seconds and see its level, without any callback.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <portspan/portspan.hpp>
#include <string>
#include <vector>

int main() try {
    portspan::BlockingStream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}}};
    stream.start();
    std::vector<float> block(static_cast<std::size_t>(stream.sample_rate() / 10));
    for (int tenths = 0; tenths < 30; ++tenths) {
        if (any(stream.read(block))) std::cout << "input was lost before this block\n";
        stream.write(block);

        const auto [low, high] = std::ranges::minmax(block);
        const float peak = std::min(std::max(std::abs(low), std::abs(high)), 1.0f);
        std::cout << "level " << std::string(static_cast<std::size_t>(peak * 40), '#') << '\n';
    }
    stream.stop();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
