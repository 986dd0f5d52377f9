// SPDX-License-Identifier: MIT
// How much of the time of an offline render is the callback's own.
// usage: render_share LIBRARY SYMBOL
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <portspan/library.hpp>
#include <portspan/render.hpp>
#include <vector>

namespace {

constexpr std::size_t frames = 48000 * 4;
constexpr std::size_t block = 256;

template <class F>
double seconds(F&& f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 3) {
        std::cerr << "usage: render_share LIBRARY SYMBOL\n";
        return 2;
    }
    const auto callback = portspan::SharedLibrary{argv[1]}.callback(argv[2]);
    std::vector<float> input(2 * frames);
    for (std::size_t i = 0; i < input.size(); ++i) {
        input[i] = static_cast<float>(std::sin(0.01 * static_cast<double>(i)));
    }
    std::vector<float> output(input.size());

    const auto alone = [&] {
        const PaStreamCallbackTimeInfo time{};
        for (std::size_t at = 0; at < frames; at += block) {
            callback.function(&input[2 * at], &output[2 * at], block, &time, 0, nullptr);
        }
    };
    const auto rendered = [&] {
        portspan::render(portspan::InterleavedView<const float>{input, 2},
                         portspan::InterleavedView<float>{output, 2}, {.frames_per_buffer = block},
                         callback);
    };
    // The best of each: what else the machine does only makes them slower.
    double its_own = seconds(alone);
    double all = seconds(rendered);
    for (int repetition = 0; repetition < 100; ++repetition) {
        its_own = std::min(its_own, seconds(alone));
        all = std::min(all, seconds(rendered));
    }
    const double share = its_own / all;
    std::cout << "render: " << 100 * share << " % of the time is the callback's own ("
              << frames / block << " blocks of " << block << " stereo frames, the best of 100)\n";
    return share >= 0.95 ? 0 : 1;
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
