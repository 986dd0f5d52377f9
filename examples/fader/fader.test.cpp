// SPDX-License-Identifier: MIT
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>  // Catch2 2.13
#endif
#include <array>
#include <portspan/mock.hpp>

#include "fader.hpp"

TEST_CASE("a fader at half plays what it records at half the level") {
    portspan::mock::Scope audio;
    audio.feed(std::array{1.0f, 0.5f});
    Fader fader;
    fader.level(0.5f);
    audio.pump(1);
    CHECK(audio.captured() == std::vector{0.5f, 0.25f});
}

TEST_CASE("a fader tells that its device has gone") {
    portspan::mock::Scope audio;
    const Fader fader;
    CHECK(fader.runs());
    audio.lose_device(0, portspan::mock::Loss::finished);
    CHECK_FALSE(fader.runs());
}

TEST_CASE("a fader without a microphone is an error that says so") {
    portspan::mock::Scope audio{portspan::mock::Machine::without_devices()};
    // A part of the text needs a matcher: Catch::Contains, in Catch2 3
    // Catch::Matchers::ContainsSubstring.
    CHECK_THROWS_WITH(Fader{}, "Stream: Invalid device (there is no default input device)");
}

TEST_CASE("a fade-out takes a second and ends in silence") {
    portspan::mock::Scope audio;
    audio.feed([](std::size_t, std::size_t) { return 1.0f; });
    Fader fader;
    CHECK(fade_out(fader));
    CHECK(audio.captured().size() == 2 * 48000);
    CHECK(audio.captured().back() == 0);
}

TEST_CASE("a fade-out tells that its device was pulled out in the middle") {
    portspan::mock::Scope audio;
    std::size_t played = 0;
    audio.listen([&](std::size_t stream, std::span<const float> samples) {
        played += samples.size() / 2;
        if (played >= 24000) audio.lose_device(stream, portspan::mock::Loss::finished);
    });
    Fader fader;
    CHECK_FALSE(fade_out(fader));
    CHECK(played == 24000);
}
