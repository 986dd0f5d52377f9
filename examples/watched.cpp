// SPDX-License-Identifier: MIT
// The microphone, at half its amplitude: unplug the device and it goes on with another.
#include <iostream>
#include <portspan/watched.hpp>

int main() try {
    portspan::WatchedStream<float> stream{
        {},
        [](auto& block) noexcept { for (float& x : block.in_place().samples()) x *= 0.5f; },
        {.reopen = portspan::Reopen::default_device,
         .on_loss = [](const portspan::DeviceLoss& loss) {
             std::cout << loss.devices << " is gone\n" << std::flush;
         }}};
    stream.start();

    std::cout << "Press Enter to stop.\n" << std::flush;
    std::cin.get();
    stream.stop();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
