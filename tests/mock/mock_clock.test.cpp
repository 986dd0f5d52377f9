// SPDX-License-Identifier: MIT
// Programs that run for long, or on a clock that waits for nothing.
#include <portspan/mock.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <iterator>
#include <limits>
#include <thread>
#include <vector>

#include "catch.hpp"

using portspan::mock::Scope;

TEST_CASE("calls are noted where the script wants them") {
    Scope audio;
    audio.record_calls(false);
    Pa_Initialize();
    CHECK(audio.calls().empty());
    audio.record_calls(true);
    Pa_Terminate();
    CHECK(audio.calls("Pa_Terminate") == 1);
    CHECK(audio.calls().size() == 1);
}

TEST_CASE("a listener learns once that a stream with an output is closed") {
    Scope audio;
    std::vector<std::size_t> closed;
    audio.listen([&](std::size_t stream, std::span<const float> samples) {
        if (samples.empty()) closed.push_back(stream);
    });
    Pa_Initialize();
    PaStream* recording = nullptr;
    std::array<PaStream*, 2> playing{};
    REQUIRE(Pa_OpenDefaultStream(&recording, 1, 0, paFloat32, 48000, 0, nullptr, nullptr) == 0);
    for (PaStream*& stream : playing) {
        REQUIRE(Pa_OpenDefaultStream(&stream, 0, 1, paFloat32, 48000, 0, nullptr, nullptr) == 0);
    }
    Pa_CloseStream(recording);
    Pa_CloseStream(playing[1]);
    CHECK(closed == std::vector<std::size_t>{2});
    Pa_Terminate();
    CHECK(closed == std::vector<std::size_t>{2, 1});
    CHECK(audio.streams() == 3);
    CHECK(audio.open_streams() == 0);
}

namespace {

constexpr double unlimited = std::numeric_limits<double>::infinity();

/// PortAudio with one stream that runs at infinite speed.
struct Unlimited {
    Scope audio;
    PaStream* stream = nullptr;

    Unlimited(int inputs, int outputs, PaStreamCallback* callback, void* user_data = nullptr) {
        Pa_Initialize();
        REQUIRE(Pa_OpenDefaultStream(&stream, inputs, outputs, paFloat32, 48000, 256, callback,
                                     user_data) == paNoError);
        audio.feed([](std::size_t frame, std::size_t) { return static_cast<float>(frame); });
        audio.run(unlimited);
        REQUIRE(Pa_StartStream(stream) == paNoError);
    }
};

int count(const void*, void*, unsigned long frames, const PaStreamCallbackTimeInfo*,
          PaStreamCallbackFlags, void* counter) {
    static_cast<std::atomic<unsigned long>*>(counter)->fetch_add(frames);
    return paContinue;
}

}  // namespace

TEST_CASE("at infinite speed Pa_Sleep ends when so much time has passed for the stream") {
    std::atomic<unsigned long> frames{0};
    const auto start = std::chrono::steady_clock::now();
    Unlimited fast{1, 0, count, &frames};
    Pa_Sleep(60'000);
    CHECK(frames >= 60 * 48000);
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{30});
    Pa_StopStream(fast.stream);
}

TEST_CASE("at infinite speed a blocking stream loses nothing") {
    std::atomic<unsigned long> frames{0};
    Unlimited fast{1, 1, nullptr};
    PaStream* other = nullptr;  // keeps the clock running
    REQUIRE(Pa_OpenDefaultStream(&other, 1, 0, paFloat32, 48000, 0, count, &frames) == paNoError);
    REQUIRE(Pa_StartStream(other) == paNoError);
    while (frames == 0) std::this_thread::yield();
    std::array<float, 100> block;
    std::vector<float> recorded;
    SECTION("reading and writing in turn") {
        for (int i = 0; i < 200; ++i) {
            CHECK(Pa_ReadStream(fast.stream, block.data(), block.size()) == paNoError);
            recorded.insert(recorded.end(), block.begin(), block.end());
            CHECK(Pa_WriteStream(fast.stream, block.data(), block.size()) == paNoError);
            Pa_Sleep(1);
        }
        Pa_StopStream(fast.stream);
        std::vector<float> played = fast.audio.captured();
        played.erase(played.begin(), played.begin() + block.size());  // nothing was written yet
        CHECK(played == recorded);
    }
    SECTION("waiting until there is enough") {
        while (Pa_GetStreamReadAvailable(fast.stream) < 1000) Pa_Sleep(1);
        recorded.resize(1000);
        CHECK(Pa_ReadStream(fast.stream, recorded.data(), recorded.size()) == paNoError);
    }
    Pa_StopStream(other);
    for (std::size_t i = 0; i < recorded.size(); ++i) {
        if (recorded[i] != static_cast<float>(i)) FAIL_CHECK("frame " << i << ": " << recorded[i]);
    }
}

TEST_CASE("Pa_Sleep waits for the thread that reads the stream") {
    Unlimited fast{1, 0, nullptr};
    std::atomic<bool> enough{false};
    std::size_t blocks = 0;
    std::thread reader{[&] {
        std::array<float, 480> block;
        for (; !enough; ++blocks) Pa_ReadStream(fast.stream, block.data(), block.size());
    }};
    Pa_Sleep(5'000);
    enough = true;
    reader.join();
    CHECK(blocks >= 500);
}

TEST_CASE("the clock stands while nothing runs") {
    std::atomic<unsigned long> frames{0};
    Unlimited fast{1, 0, count, &frames};
    Pa_StopStream(fast.stream);
    const std::clock_t before = std::clock();
    std::this_thread::sleep_for(std::chrono::milliseconds{300});
    CHECK(std::clock() - before < CLOCKS_PER_SEC / 10);
    REQUIRE(Pa_StartStream(fast.stream) == paNoError);
    const unsigned long at_start = frames;
    Pa_Sleep(1000);
    CHECK(frames > at_start);
}

#if defined(__linux__)
TEST_CASE("run() has no thread before a stream runs") {
    const auto threads = [] {
        const std::filesystem::directory_iterator tasks{"/proc/self/task"};
        return std::distance(begin(tasks), end(tasks));
    };
    std::atomic<unsigned long> frames{0};
    const auto before = threads();
    Scope audio;
    audio.run(unlimited);
    CHECK(threads() <= before);
    Pa_Initialize();
    PaStream* stream = nullptr;
    REQUIRE(Pa_OpenDefaultStream(&stream, 1, 0, paFloat32, 48000, 0, count, &frames) == paNoError);
    REQUIRE(Pa_StartStream(stream) == paNoError);
    Pa_Sleep(100);
    CHECK(frames >= 4800);
    Pa_StopStream(stream);
    audio.halt();
    audio.run(unlimited);
    REQUIRE(Pa_StartStream(stream) == paNoError);
    const unsigned long once = frames;
    Pa_Sleep(100);
    CHECK(frames >= once + 4800);
    Pa_StopStream(stream);
}
#endif
