// SPDX-License-Identifier: MIT
#include <portspan/error.hpp>
#include <portspan/mock.hpp>

#include "catch.hpp"

using portspan::Error;
using portspan::Fault;

TEST_CASE("an error reads call, then PortAudio's text") {
    const Error error{portspan::portaudio_error(paInvalidSampleRate), "Pa_OpenStream"};
    CHECK(std::string{error.what()} == "Pa_OpenStream: Invalid sample rate");
    CHECK(error.call() == "Pa_OpenStream");
    CHECK(error.code().value() == paInvalidSampleRate);
    CHECK(std::string{error.code().category().name()} == "portaudio");
    CHECK_FALSE(error.host_error().has_value());
}

TEST_CASE("an error of portspan's own carries its detail") {
    const Error error{Fault::symbol_not_found, "dsp.so: gain", "what the loader said"};
    CHECK(std::string{error.what()} == "dsp.so: gain: no such symbol (what the loader said)");
    CHECK(error.code() == Fault::symbol_not_found);
    CHECK(error.code() != Fault::null_callback);
    CHECK(std::string{error.code().category().name()} == "portspan");
}

TEST_CASE("an error that was moved from still has its say") {
    Error error{Fault::null_callback, "portspan"};
    const Error moved{std::move(error)};
    CHECK(std::string{error.what()} == moved.what());
    CHECK(error.call() == "portspan");
}

TEST_CASE("every fault has a text of its own") {
    for (int fault = 1; fault <= static_cast<int>(Fault::device_lost); ++fault) {
        CHECK(portspan::portspan_category().message(fault) != "unknown fault");
        CHECK(portspan::portspan_category().message(fault) !=
              portspan::portspan_category().message(fault + 1));
    }
    CHECK(portspan::portspan_category().message(99) == "unknown fault");
}

TEST_CASE("check lets results through and throws errors") {
    CHECK(portspan::check(paNoError, "Pa_Initialize") == 0);
    CHECK(portspan::check(3, "Pa_GetDeviceCount") == 3);
    CHECK_THROWS_WITH(portspan::check(paInvalidDevice, "Pa_OpenStream"),
                      "Pa_OpenStream: Invalid device");
}

TEST_CASE("a host error is captured with the exception") {
    portspan::mock::Scope audio;
    audio.host_error(paALSA, -77, "the wire is cut");
    try {
        portspan::check(paUnanticipatedHostError, "Pa_StartStream");
        FAIL("no exception");
    } catch (const Error& error) {
        audio.host_error(paJACK, -1, "");  // PortAudio keeps the last one only
        REQUIRE(error.host_error().has_value());
        CHECK(error.host_error()->host_api == paALSA);
        CHECK(error.host_error()->code == -77);
        CHECK(std::string{error.what()} ==
              "Pa_StartStream: Unanticipated host error: the wire is cut");
        const Error copy = error;
        CHECK(std::string{copy.what()} == error.what());
    }
    STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<Error>);
}

TEST_CASE("a host that has said nothing yet is no host error") {
    const portspan::mock::Scope audio;
    try {
        portspan::check(paUnanticipatedHostError, "Pa_StartStream");
        FAIL("no exception");
    } catch (const Error& error) {
        CHECK_FALSE(error.host_error().has_value());
        CHECK(std::string{error.what()} == "Pa_StartStream: Unanticipated host error");
    }
}
