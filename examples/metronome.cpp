// SPDX-License-Identifier: MIT
// A metronome: clap along in its second bar. You hear your claps again in the third one, where they
// were.
#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>
#include <numbers>
#include <portspan/portspan.hpp>
#include <vector>

std::vector<float> click(double frequency, double sample_rate) {
    std::vector<float> samples(static_cast<std::size_t>(sample_rate / 20));
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const double time = static_cast<double>(i) / sample_rate;
        const double swing = std::sin(2 * std::numbers::pi * frequency * time);
        samples[i] = static_cast<float>(0.3 * swing * std::exp(-80 * time));
    }
    return samples;
}

int main() try {
    using namespace std::chrono_literals;
    portspan::Mixer<float> mixer;
    portspan::Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 2}}, mixer};
    const double rate = stream.sample_rate();
    const auto beat = 500ms, bar = 4 * beat;

    stream.start();
    const auto start = stream.time() + 500ms;
    for (int i = 0; i < 12; ++i) {
        mixer.play(click(i % 4 == 0 ? 1760 : 880, rate),
                   {.at = start + i * beat, .mapping = {0, 1}});
    }
    const auto claps = std::make_shared<std::vector<float>>(static_cast<std::size_t>(2 * rate));
    const portspan::InterleavedView<float> view{*claps, 1};
    auto take = mixer.record(view, {.at = start + bar, .keep_alive = claps});
    auto echo = mixer.play(view, {.at = start + 2 * bar, .mapping = {0, 1}, .keep_alive = claps});
    std::cout << "Listen, clap along, listen.\n";
    take.wait();
    echo.wait();

    const auto told = echo.statistics();
    std::cout << "played " << told.frames << " frames, " << told.blocks.output_underflows
              << " underflows\n";
} catch (const portspan::Error& error) {
    std::cerr << error.what() << '\n';
    return 1;
}
