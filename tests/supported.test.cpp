// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/portspan.hpp>

#include <cstdint>
#include <new>
#include <string>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using namespace std::chrono_literals;
using portspan::check_supported;
using portspan::Int24;
using portspan::Planar;
using portspan::portaudio_error;
using portspan::StreamConfig;
using portspan::mock::Machine;
using portspan::mock::Scope;

namespace {

const Machine machine{
    {{.devices = {{.name = "Microphone",
                   .max_input_channels = 1,
                   .max_output_channels = 0,
                   .sample_rates = {44100, 48000}},
                  {.name = "Loudspeaker", .max_input_channels = 0, .sample_rates = {48000}}},
      .default_output = 1},
     {.devices = {{.name = "Elsewhere"}}}}};

/// What the query throws, or "".
template <class In, class Out = In, class L = portspan::Interleaved>
std::string reason(const StreamConfig& config = {}) {
    const auto error = error_of([&] { check_supported<In, Out, L>(config); });
    const std::error_code code = check_supported<In, Out, L>(config, std::nothrow);
    CHECK(code == (error ? error->code() : std::error_code{}));
    return error ? error->what() : "";
}

}  // namespace

TEST_CASE("what a device can do is supported, and nothing is opened") {
    const Scope audio{machine};
    CHECK(reason<float>() == "");
    CHECK(reason<float, void>() == "");
    CHECK(reason<void, std::uint8_t, Planar>() == "");
    CHECK(reason<Int24, std::int16_t>({.sample_rate = 48000, .frames_per_buffer = 64}) == "");
    CHECK(audio.streams() == 0);
    CHECK(audio.initialized() == 0);
}

TEST_CASE("a format that is known at run time is asked for, too") {
    const Scope audio{machine};
    const auto with = [](portspan::RawFormat format) {
        return StreamConfig{.output = {.format = format}, .sample_rate = 44100};
    };
    CHECK(reason<void, std::byte>({.output = {.format = paInt16}}) == "");
    CHECK(reason<void, std::byte>(with(paInt16)) ==
          "Pa_IsFormatSupported: Invalid sample rate (44100 Hz, 2 int16 channels to "
          "\"Loudspeaker\")");
    CHECK_THAT((reason<void, std::byte>(with({paCustomFormat, 2}))),
               ContainsSubstring("(44100 Hz, 2 format-65536 channels to \"Loudspeaker\")"));
    CHECK_THAT((reason<void, std::byte>()), ContainsSubstring("needs a format"));
}

TEST_CASE("the reason says what was asked for") {
    const Scope audio{machine};
    CHECK(reason<float>({.sample_rate = 44100}) ==
          "Pa_IsFormatSupported: Invalid sample rate (44100 Hz, 1 float32 channel from "
          "\"Microphone\", 2 float32 channels to \"Loudspeaker\")");
    CHECK(reason<float, void>({.sample_rate = 44100}) == "");
    CHECK(reason<void, Int24, Planar>({.sample_rate = 44100.5}) ==
          "Pa_IsFormatSupported: Invalid sample rate (44100.5 Hz, 2 int24 channels to "
          "\"Loudspeaker\")");
    CHECK(reason<std::int16_t, float>({.output = {.device = 2}}) ==
          "Pa_IsFormatSupported: Illegal combination of I/O devices (48000 Hz, 1 int16 channel "
          "from \"Microphone\", 2 float32 channels to \"Elsewhere\")");
}

TEST_CASE("what a stream would refuse before PortAudio is asked is the reason too") {
    Scope audio{machine};
    CHECK(reason<float>({.input = {.channels = 2}}) ==
          "Stream: Invalid number of channels (2 input channels, \"Microphone\" has 1)");
    CHECK(reason<float>({.input = {.device = 1}}) ==
          "Stream: Invalid number of channels (\"Loudspeaker\" has no input)");
    CHECK_THAT(reason<float>({.frames_per_buffer = 1ul << 21}),
               ContainsSubstring("2097152 frames"));
    CHECK_THAT(reason<float>({.output = {.device = 7}}), ContainsSubstring("index 7"));
    CHECK(audio.calls("Pa_IsFormatSupported") == 0);
    audio.machine(Machine::without_devices());
    CHECK_THAT(reason<float>(), ContainsSubstring("there is no default input device"));
}

TEST_CASE("PortAudio is asked for what a stream asks it for") {
    Scope audio{machine};
    const std::vector<StreamConfig> configs{
        {},
        {.input = {.channels = 1}, .sample_rate = 44100},
        {.input = {.device = 1}},
        {.output = {.device = 0}},
        {.output = {.channels = 3}},
        {.output = {.latency = -1ms}},
        {.sample_rate = 0},
        {.sample_rate = 1e6},
        {.output = {.device = 2}},
        {.input = {.device = 2}, .output = {.device = 2}},
    };
    for (const StreamConfig& config : configs) {
        const auto opening = error_of([&] {
            portspan::Stream<float>{config, [](auto& block) noexcept { block.in_place(); }};
        });
        const std::error_code code = check_supported<float>(config, std::nothrow);
        CHECK(code == (opening ? opening->code() : std::error_code{}));
    }
}

TEST_CASE("a host that fails is told with its words") {
    Scope audio{machine};
    audio.host_error(paALSA, -19, "No such device");
    audio.fail("Pa_IsFormatSupported", paUnanticipatedHostError);
    CHECK_THROWS_WITH(check_supported<float>(),
                      ContainsSubstring("): host API ALSA: No such device"));
    audio.fail("Pa_Initialize", paInternalError);
    CHECK(check_supported<float>({}, std::nothrow) == portaudio_error(paInternalError));
    STATIC_REQUIRE(noexcept(check_supported<float>({}, std::nothrow)));
}
