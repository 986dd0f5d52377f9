// SPDX-License-Identifier: MIT
// Ten tasks with portspan; beside this file the same with other libraries.
#include <atomic>
#include <iostream>
#include <portspan/portspan.hpp>

#include "gain.h"
#include "tasks.hpp"

void list_devices() {
    for (const portspan::Device& device : portspan::devices()) {
        std::cout << device.index << "  " << device.name << ", " << device.host_api << '\n';
    }
}

portspan::Device find_output(const std::string& name) {
    return portspan::find_device(name, portspan::Direction::output);
}

void play_array(const std::vector<float>& audio) {
    portspan::play(audio, {.sample_rate = 48000}).wait();
}

std::vector<float> record_array(std::size_t frames) {
    auto recording =
        portspan::record<float>(frames, {.input = {.channels = 1}, .sample_rate = 48000});
    recording.wait();
    return recording.take();
}

void pan(std::chrono::milliseconds time) {
    const auto callback = [](auto& block) noexcept {
        const auto input = block.input();
        const auto output = block.output();
        for (std::size_t i = 0; i < block.frames(); ++i) {
            const float sample = input.empty() ? 0 : input(i, 0);
            output(i, 0) = 0.25f * sample;
            output(i, 1) = 0.75f * sample;
        }
    };
    portspan::Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 2}}, callback};
    stream.start();
    stream.wait_for(time);
    stream.stop();
}

void halve(std::chrono::milliseconds time) {
    portspan::Stream<float> stream{[](auto& block) noexcept {
        for (float& sample : block.in_place().samples()) sample *= 0.5f;
    }};
    stream.start();
    stream.wait_for(time);
    stream.stop();
}

void run_c_callback(std::chrono::milliseconds time) {
    gain state{.factor = 0.5f, .channels = 2};
    portspan::Stream<float> stream{
        {.input = {.channels = 2}, .output = {.channels = 2}}, &gain_callback, &state};
    stream.start();
    stream.wait_for(time);
    stream.stop();
}

void echo(int blocks) {
    portspan::BlockingStream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}}};
    std::vector<float> block(480);
    stream.start();
    for (int i = 0; i < blocks; ++i) {
        stream.read(block);
        stream.write(block);
    }
    stream.stop();
}

void beep(unsigned long frames) {
    const auto callback = [left = frames](auto& block) mutable noexcept {
        for (float& sample : block.output().samples()) {
            sample = left == 0 ? 0 : left-- / 50 % 2 == 0 ? 0.1f : -0.1f;
        }
        return left == 0 ? portspan::Next::complete : portspan::Next::keep_going;
    };
    portspan::OutputStream<float> stream{{.output = {.channels = 1}, .sample_rate = 48000},
                                         callback};
    stream.start();
    if (!stream.wait_for(std::chrono::seconds{10})) stream.stop();
}

void watch(std::chrono::milliseconds time) try {
    std::atomic<int> xruns = 0;
    portspan::Stream<float> stream{[&xruns](auto& block) noexcept {
        using enum portspan::StatusFlags;
        if (any(block.status() & (input_overflow | output_underflow))) ++xruns;
        for (float& sample : block.in_place().samples()) sample *= 0.5f;
    }};
    stream.start();
    stream.wait_for(time);
    stream.stop();
    std::cout << "xruns: " << xruns << '\n';
} catch (const portspan::Error& error) {
    std::cout << error.what() << '\n';
}
