// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/sample.hpp>
#include <portspan/sample_size.hpp>
#include <portspan/version.hpp>

#include <cstdint>

#include "catch.hpp"

TEST_CASE("PortAudio's version is told as numbers and as text, without a Session") {
    const portspan::mock::Scope audio;
    const portspan::Version version = portspan::portaudio_version();
    CHECK(version.major == 19);
    CHECK(version.minor == 7);
    CHECK(version.subminor == 0);
    CHECK(version.number() == Pa_GetVersion());
    CHECK(version.number() >= paMakeVersionNumber(19, 5, 0));
    CHECK(version.text == Pa_GetVersionText());
    CHECK(version.revision == "mock");
    CHECK(audio.calls().empty());
}

TEST_CASE("the size of a sample is known at run time too") {
    const portspan::mock::Scope audio;
    CHECK(portspan::sample_size(paFloat32) == sizeof(float));
    CHECK(portspan::sample_size(paInt24) == sizeof(portspan::Int24));
    CHECK(portspan::sample_size(paInt16 | paNonInterleaved) == 2);
    CHECK(portspan::sample_size(paUInt8) == 1);
    CHECK_THROWS_WITH(portspan::sample_size(0),
                      "Pa_GetSampleSize: Sample format not supported (0)");
    CHECK_THROWS_AS(portspan::sample_size(paCustomFormat), portspan::Error);
}
