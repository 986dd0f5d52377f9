// SPDX-License-Identifier: MIT
#include <array>
#include <catch2/catch.hpp>  // Catch2 3: <catch2/catch_all.hpp>
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
    CHECK_THROWS_WITH(Fader{}, Catch::Contains("no default input device"));
}
