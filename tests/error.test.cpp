// SPDX-License-Identifier: MIT
#include <portspan/error.hpp>
#include <portspan/mock.hpp>

#include <set>
#include <string>
#include <utility>

#include "catch.hpp"

using portspan::Error;
using portspan::Fault;

TEST_CASE("an error reads call, then PortAudio's text") {
    const Error error{portspan::portaudio_error(paInvalidSampleRate), "Pa_OpenStream"};
    CHECK(std::string{error.what()} == "Pa_OpenStream: Invalid sample rate");
    CHECK(error.call() == "Pa_OpenStream");
    CHECK(error.detail() == "");
    CHECK(error.code().value() == paInvalidSampleRate);
    CHECK(std::string{error.code().category().name()} == "portaudio");
    CHECK_FALSE(error.host_error().has_value());
}

TEST_CASE("an error of portspan's own carries its detail") {
    const Error error{Fault::symbol_not_found, "dsp.so: gain", "what the loader said"};
    CHECK(std::string{error.what()} == "dsp.so: gain: no such symbol (what the loader said)");
    CHECK(error.detail() == "what the loader said");
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
    for (int fault = 1; fault <= static_cast<int>(Fault::held_elsewhere); ++fault) {
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
              "Pa_StartStream: Unanticipated host error: host API ALSA: the wire is cut");
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

TEST_CASE("the host API of an error is named, also one that portaudio.h does not know") {
    portspan::mock::Scope audio;
    const auto failure = [&](int type, std::string text) {
        audio.host_error(type, -7, std::move(text));
        return portspan::portaudio_failure(paUnanticipatedHostError, "Pa_Initialize", "detail");
    };
    const Error pulse = failure(16, "Connection refused");
    CHECK(pulse.host_error()->host_api == portspan::HostApiType::pulse_audio);
    CHECK(std::string{pulse.what()} ==
          "Pa_Initialize: Unanticipated host error (detail): host API PulseAudio: "
          "Connection refused");
    CHECK(pulse.detail() == "detail");
    CHECK(std::string{failure(99, "").what()} ==
          "Pa_Initialize: Unanticipated host error (detail): host API type 99: error -7");
}

TEST_CASE("every type of host API has a name of its own") {
    std::set<std::string> names;
    for (int type = 0; type <= 18; ++type) {
        const std::string name = portspan::host_api_name(portspan::HostApiType{type});
        if (type != 6) CHECK_FALSE(name.starts_with("type "));
        names.insert(name);
    }
    CHECK(names.size() == 19);
    CHECK(portspan::host_api_name(portspan::HostApiType{-1}) == "type -1");
    STATIC_REQUIRE(portspan::HostApiType::alsa == paALSA);
    STATIC_REQUIRE(portspan::HostApiType::jack != paALSA);
}
