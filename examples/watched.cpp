// SPDX-License-Identifier: MIT
// The microphone, at half its amplitude: pull the device out, and it goes on with another.
#include <iostream>
#include <portspan/watched.hpp>

int main() try {
    portspan::Watch watch{.reopen = portspan::Reopen::default_device};
    watch.on_loss = [](const portspan::DeviceLoss& loss) {
        std::cout << loss.devices << " is gone\n";
    };
    const auto quieter = [](auto& block) noexcept {
        for (float& x : block.in_place().samples()) x *= 0.5f;
    };
    portspan::WatchedStream<float> stream{{}, quieter, watch};
    stream.start();

    std::cout << "Press Enter to stop.\n";
    std::cin.get();
    stream.stop();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
