// SPDX-License-Identifier: MIT
// The ten tasks of examples/coming_from/, compiled once for each library (TASKS): what is side by
// side on that page does the same.
#include TASKS

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <iostream>
#include <limits>
#include <portspan/mock.hpp>
#include <string>
#include <vector>

#include "catch.hpp"
#include "coming_from/gain.h"

using namespace std::chrono_literals;
using portspan::mock::Scope;

namespace {

constexpr double as_fast_as_possible = std::numeric_limits<double>::infinity();

/// What a task prints, by printf or std::cout.
std::string said(const std::function<void()>& task) {
    std::FILE* file = std::tmpfile();
    REQUIRE(file);
    std::cout.flush();
    std::fflush(stdout);
    const int terminal = dup(STDOUT_FILENO);
    dup2(fileno(file), STDOUT_FILENO);
    task();
    std::cout.flush();
    std::fflush(stdout);
    dup2(terminal, STDOUT_FILENO);
    close(terminal);
    std::rewind(file);
    std::string text;
    for (int c = std::fgetc(file); c != EOF; c = std::fgetc(file)) text += static_cast<char>(c);
    std::fclose(file);
    return text;
}

/// A signal without silence, of which every frame has a value of its own for a while.
float ramp(std::size_t frame) { return static_cast<float>(1 + frame % 4000) / 8000; }

/// Where the ramp's next frame is not the next one; its first frame is anyone's.
std::size_t breaks(const std::vector<float>& samples) {
    std::size_t count = 0;
    for (std::size_t i = 1; i < samples.size(); ++i) {
        const auto place = static_cast<std::size_t>(samples[i - 1] * 8000 + 0.5f);
        count += samples[i] != ramp(place);
    }
    return count;
}

/// From the first sample that is not silence to the last.
std::vector<float> without_silence(const std::vector<float>& samples) {
    const auto is_sound = [](float x) { return x != 0; };
    const auto first = std::ranges::find_if(samples, is_sound);
    auto last = samples.end();
    while (last != first && !is_sound(last[-1])) --last;
    return {first, last};
}

bool all_are(const std::vector<float>& samples, float value) {
    return !samples.empty() && std::ranges::all_of(samples, [&](float x) { return x == value; });
}

}  // namespace

TEST_CASE("the devices are listed with their host APIs") {
    Scope audio{{{{.name = "ALSA", .devices = {{.name = "Onboard"}, {.name = "USB Audio"}}}}}};
    Tasks tasks;
    CHECK(said([&] { tasks.list_devices(); }) == "0  Onboard, ALSA\n1  USB Audio, ALSA\n");
}

TEST_CASE("a device is found by a part of its name") {
    Scope audio{{{{.name = "ALSA",
                   .devices = {{.name = "USB Microphone", .max_output_channels = 0},
                               {.name = "USB Audio"}}}}}};
    Tasks tasks;
    CHECK(tasks.find_output("USB") == 1);
}

TEST_CASE("an array is played") {
    Scope audio;
    Tasks tasks;
    audio.run(as_fast_as_possible);
    std::vector<float> samples(3000);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = ramp(i);
    tasks.play_array(samples);
    CHECK(without_silence(audio.captured()) == samples);
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("an array is recorded") {
    Scope audio;
    Tasks tasks;
    audio.feed([](std::size_t frame, std::size_t) { return ramp(frame); });
    audio.run(as_fast_as_possible);
    const std::vector<float> samples = tasks.record_array(3000);
    CHECK(samples.size() == 3000);
    CHECK(samples.at(0) > 0);
    CHECK(breaks(samples) == 0);
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("one channel is processed to two in a callback") {
    Scope audio;
    Tasks tasks;
    audio.feed([](std::size_t, std::size_t) { return 1.0f; });
    audio.run();
    tasks.pan(100ms);
    const std::vector<float> heard = audio.captured();
    REQUIRE(heard.size() >= 2);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < heard.size(); i += 2) {
        wrong += heard[i] != 0.25f || heard[i + 1] != 0.75f;
    }
    CHECK(wrong == 0);
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("audio is processed in place, a missing input as silence") {
    Scope audio;
    Tasks tasks;
    audio.feed([](std::size_t, std::size_t) { return 1.0f; });
    SECTION("with input") {
        audio.run();
        tasks.halve(100ms);
        CHECK(all_are(audio.captured(), 0.5f));
    }
    SECTION("without input") {
        audio.null_input(1'000'000);
        audio.run();
        tasks.halve(100ms);
        CHECK(all_are(audio.captured(), 0));
    }
}

TEST_CASE("a C function is the callback, as it is") {
    Scope audio;
    Tasks tasks;
    audio.feed([](std::size_t, std::size_t) { return 1.0f; });
    audio.run();
    tasks.run_c_callback(100ms);
    CHECK(all_are(audio.captured(), 0.5f));
    CHECK(audio.opened().callback == &gain_callback);
    CHECK(audio.opened().user_data != nullptr);
}

TEST_CASE("blocks are read and written") {
    Scope audio;
    Tasks tasks;
    audio.feed([](std::size_t frame, std::size_t) { return ramp(frame); });
    tasks.echo(5);
    CHECK(audio.opened().callback == nullptr);
    CHECK(audio.calls("Pa_ReadStream") > 0);
    CHECK(audio.calls("Pa_WriteStream") > 0);
    std::vector<float> heard = audio.captured();
    std::erase(heard, 0);  // the first block is recorded while nothing is written
    CHECK(heard.size() == 5 * 480);
    CHECK(heard.at(0) == ramp(0));
    CHECK(breaks(heard) == 0);
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("a stream ends from its callback") {
    Scope audio;
    Tasks tasks;
    audio.run(as_fast_as_possible);
    tasks.beep(1000);
    CHECK(without_silence(audio.captured()).size() == 1000);
    CHECK(audio.last_result() == paComplete);
    CHECK(audio.open_streams() == 0);
}

TEST_CASE("xruns are counted, and an error is told") {
    SECTION("an xrun") {
        Scope audio;
        Tasks tasks;
        audio.status(paInputOverflow);
        audio.status(paPrimingOutput, 1);
        audio.run();
        CHECK(said([&] { tasks.watch(100ms); }) == "xruns: 1\n");
    }
    SECTION("an error") {
        Scope audio;
        Tasks tasks;
        audio.fail("Pa_OpenStream", paInvalidSampleRate);
        audio.fail("Pa_OpenDefaultStream", paInvalidSampleRate);
        CHECK(said([&] { tasks.watch(100ms); }).find("Invalid sample rate") != std::string::npos);
    }
}
