// SPDX-License-Identifier: MIT
// Programs that run for long, or on a clock that waits for nothing.
#include <portspan/mock.hpp>

#include <array>
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
}
