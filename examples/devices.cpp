// SPDX-License-Identifier: MIT
// You hear soft noise on the device that you name by a part of its name, and see what has been
// plugged in meanwhile.
#include <cstdint>
#include <iostream>
#include <portspan/portspan.hpp>
#include <string>

namespace {

void list() {
    for (const portspan::Device& device : portspan::devices()) {
        std::cout << device.index << "  " << device.name << ", " << device.host_api << '\n';
    }
}

}  // namespace

int main(int argc, char** argv) try {
    const std::string wanted = argc > 1 ? argv[1] : "default";
    std::uint32_t random = 1;
    const auto noise = [&random](auto& block) noexcept {
        for (float& x : block.output().samples()) {
            random = 1664525 * random + 1013904223;
            x = static_cast<float>(random >> 8) * 1e-9f;
        }
    };

    const portspan::Session session = portspan::quiet_session();
    list();
    {
        const auto device = portspan::find_device(wanted, portspan::Direction::output);
        const portspan::StreamConfig config{.output = {.device = device}, .sample_rate = 48000};
        portspan::check_supported<void, float>(config);
        portspan::OutputStream<float> stream{config, noise};
        stream.start();
        std::cout << "Press Enter to look for devices again.\n";
        std::cin.get();
    }
    {
        const portspan::QuietStderr quiet;
        portspan::refresh_devices();
    }
    list();
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
