// SPDX-License-Identifier: MIT
// A chord that gets twice as many voices with each line that you type, until the machine cannot
// keep up; after each it says what the callback takes of its time.
#include <atomic>
#include <cmath>
#include <iostream>
#include <numbers>
#include <portspan/portspan.hpp>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Chord {
    std::atomic<std::size_t>& voices;
    std::vector<double> phases = std::vector<double>(1 << 20);

    void operator()(portspan::Block<void, float>& block) noexcept {
        const std::size_t count = voices.load(std::memory_order_relaxed);
        for (float& sample : block.output().samples()) {
            double sum = 0;
            for (std::size_t voice = 0; voice < count; ++voice) {
                phases[voice] += 0.01 + 0.0001 * static_cast<double>(voice);
                sum += std::sin(2 * std::numbers::pi * phases[voice]);
            }
            sample = static_cast<float>(0.1 * sum / std::sqrt(static_cast<double>(count)));
        }
    }
};

}  // namespace

int main() try {
    std::atomic<std::size_t> voices{1};
    portspan::Telemetry telemetry;
    portspan::OutputStream<float> stream{{.output = {.channels = 1}, .frames_per_buffer = 256},
                                         portspan::monitor(Chord{voices}, telemetry)};
    stream.start();
    std::cout << "Each line doubles the voices. Press Ctrl-D to stop.\n";
    for (std::string line; std::getline(std::cin, line) && voices < 1 << 20; voices = 2 * voices) {
        telemetry.reset();
        std::this_thread::sleep_for(std::chrono::milliseconds{200});
        const portspan::TelemetrySnapshot now = telemetry.snapshot();
        std::cout << voices << " voices: median " << now.duration.median.count() / 1000
                  << " us, 99 % " << now.duration.percentile_99.count() / 1000 << " us, "
                  << 100 * now.load << " % of the time, " << now.deadline_misses << " late\n";
    }
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
