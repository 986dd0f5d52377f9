// SPDX-License-Identifier: MIT
// A script: the machine that a program finds, what it hears and plays, the calls that it makes.
#include <portaudio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <portspan/find_device.hpp>
#include <portspan/mock.hpp>
#include <portspan/session.hpp>
#include <portspan/stream.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "c_stream.hpp"
#include "catch.hpp"

using mock_test::Block;
using mock_test::CStream;
using mock_test::Side;
using portspan::Direction;
using portspan::InputStream;
using portspan::Next;
using portspan::OutputStream;
using portspan::Session;
using portspan::StatusFlags;
using portspan::Stream;
using portspan::mock::Device;
using portspan::mock::HostApi;
using portspan::mock::Machine;
using portspan::mock::Opened;
using portspan::mock::Scope;

namespace {

const auto half = [](auto& block) noexcept {
    for (float& x : block.in_place().samples()) x *= 0.5f;
};
const auto ones = [](auto& block) noexcept {
    for (float& x : block.output().samples()) x = 1;
};
constexpr Side mono{.channels = 1};

/// Notes the size of each block.
auto note(std::vector<std::size_t>& sizes) {
    return [&sizes](auto& block) noexcept {
        block.in_place();
        sizes.push_back(block.frames());
    };
}

/// Two host APIs; the second one has the default devices.
Machine studio() {
    const HostApi old{.type = paOSS,
                      .name = "Old",
                      .devices = {{.name = "beeper", .max_input_channels = 0}},
                      .default_input = {},
                      .default_output = {}};
    const HostApi modern{.type = paALSA,
                         .name = "Modern",
                         .devices = {{.name = "microphone",
                                      .max_input_channels = 1,
                                      .max_output_channels = 0,
                                      .default_sample_rate = 16000,
                                      .low_input_latency = 0.001,
                                      .low_output_latency = 0.002,
                                      .high_input_latency = 0.003,
                                      .high_output_latency = 0.004},
                                     {.name = "desk",
                                      .max_input_channels = 32,
                                      .max_output_channels = 16,
                                      .default_sample_rate = 96000,
                                      .sample_rates = {48000, 96000}}},
                         .default_input = 1,
                         .default_output = 1};
    return {{old, modern}};
}

}  // namespace

// Audio

TEST_CASE("what is fed goes through the callback and is captured") {
    Scope audio;
    audio.feed(std::array{1.0f, 2.0f, 3.0f, 4.0f});
    Stream<float> stream{half};
    stream.start();
    audio.pump(3);
    CHECK(audio.captured() == std::vector<float>{0.5f, 1, 1.5f, 2, 0, 0});
}

TEST_CASE("what is fed later stands behind what was fed before, after the silence between") {
    Scope audio;
    audio.feed(std::array{1.0f, 2.0f});
    audio.feed(std::array{3.0f, 4.0f});
    Stream<float> stream{half};
    stream.start();
    audio.pump(3);
    audio.feed(std::array{5.0f, 6.0f});
    audio.pump(2);
    CHECK(audio.captured() == std::vector<float>{0.5f, 1, 1.5f, 2, 0, 0, 2.5f, 3, 0, 0});
}

TEST_CASE("each stream reads what is fed from its beginning, in its own channels") {
    Scope audio;
    audio.feed(std::array{1.0f, 2.0f, 3.0f, 4.0f});
    std::vector<float> left, right;
    const auto keep = [](std::vector<float>& all) {
        return [&all](auto& block) noexcept {
            const auto samples = block.input().samples();
            all.insert(all.end(), samples.begin(), samples.end());
        };
    };
    InputStream<float> first{{.input = {.channels = 1}}, keep(left)};
    first.start();
    audio.pump(3);
    InputStream<float> second{keep(right)};
    second.start();
    audio.pump(2);
    CHECK(left == std::vector<float>{1, 2, 3, 4, 0});
    CHECK(right == std::vector<float>{1, 2, 3, 4});
}

TEST_CASE("a function feeds by frame and channel, counted from a stream's first start") {
    Scope audio;
    audio.feed(std::array{7.0f, 7.0f, 7.0f});
    audio.feed([](std::size_t frame, std::size_t channel) {
        return static_cast<float>(10 * frame + channel);
    });
    std::vector<float> heard;
    InputStream<float> stream{[&](auto& block) noexcept {
        const auto samples = block.input().samples();
        heard.insert(heard.end(), samples.begin(), samples.end());
    }};
    stream.start();
    audio.pump(2);
    CHECK(heard == std::vector<float>{0, 1, 10, 11});
    stream.stop();
    audio.pump(5);
    stream.start();
    audio.pump(1);
    CHECK(heard == std::vector<float>{0, 1, 10, 11, 20, 21});
    SECTION("an empty function gives way to the samples, of which none has passed") {
        audio.feed(std::function<float(std::size_t, std::size_t)>{});
        heard.clear();
        audio.pump(2);
        CHECK(heard == std::vector<float>{7, 7, 7, 0});
    }
}

TEST_CASE("what a stream has played since its first start is captured") {
    Scope audio;
    float value = 1;
    OutputStream<float> stream{{.output = {.channels = 1}}, [&](auto& block) noexcept {
                                   for (float& x : block.output().samples()) x = value;
                               }};
    CHECK(audio.captured().empty());
    stream.start();
    audio.pump(2);
    stream.stop();
    audio.pump(10);
    value = 2;
    stream.start();
    audio.pump(1);
    CHECK(audio.captured() == std::vector<float>{1, 1, 2});
}

TEST_CASE("a stream without output plays nothing") {
    Scope audio;
    std::size_t heard = 0;
    audio.listen([&](std::size_t, std::span<const float>) { ++heard; });
    InputStream<float> stream{[](auto&) noexcept {}};
    stream.start();
    audio.pump(100);
    CHECK(audio.captured().empty());
    CHECK(heard == 0);
}

TEST_CASE("a stream that the program has not opened has no number") {
    Scope audio;
    CHECK_THROWS_AS(audio.captured(), std::out_of_range);
    CHECK_THROWS_AS(audio.opened(), std::out_of_range);
    CHECK_THROWS_AS(audio.lose_device(), std::out_of_range);
    Stream<float> stream{half};
    CHECK_NOTHROW(audio.captured());
    CHECK_THROWS_WITH(audio.captured(1), ContainsSubstring("has opened 1 streams"));
}

TEST_CASE("nothing is captured while capturing is off") {
    Scope audio;
    audio.capture(false);
    std::size_t heard = 0;
    audio.listen([&](std::size_t, std::span<const float> samples) { heard += samples.size(); });
    OutputStream<float> stream{ones};
    stream.start();
    audio.pump(100);
    CHECK(audio.captured().empty());
    CHECK(heard == 200);
    audio.capture(true);
    audio.pump(1);
    CHECK(audio.captured() == std::vector<float>{1, 1});
}

TEST_CASE("a listener hears each block of each stream") {
    Scope audio;
    std::vector<std::pair<std::size_t, std::vector<float>>> heard;
    audio.listen([&](std::size_t stream, std::span<const float> samples) {
        heard.emplace_back(stream, std::vector<float>{samples.begin(), samples.end()});
    });
    CStream first{{},
                  mono,
                  [](const Block& block) {
                      static_cast<float*>(block.output)[0] = 3;
                      return paContinue;
                  },
                  1};
    CStream second{{}, mono};
    Pa_StartStream(first);
    Pa_StartStream(second);
    const float sample = 5;
    Pa_WriteStream(second, &sample, 1);
    audio.pump(2);
    CHECK(heard == decltype(heard){{0, {3}}, {0, {3}}, {1, {5, 0}}});
    audio.listen({});
    audio.pump(2);
    CHECK(heard.size() == 3);
}

TEST_CASE("a listener may feed what it hears, which is a loop") {
    Scope audio;
    audio.feed(std::array{1.0f, 1.0f});
    audio.listen([&](std::size_t, std::span<const float> samples) { audio.feed(samples); });
    Stream<float> stream{{.frames_per_buffer = 1}, half};
    stream.start();
    audio.pump(3);
    CHECK(audio.captured() == std::vector<float>{0.5f, 0.5f, 0.25f, 0.25f, 0.125f, 0.125f});
}

TEST_CASE("a script's functions may put others in their place while they are called") {
    Scope audio;
    // Each has something to lose that only the heap keeps.
    const std::string text(100, 'x');
    int asked = 0, listened = 0, timed = 0, fed = 0;
    audio.intercept([&, text](std::string_view) -> std::optional<PaError> {
        audio.intercept({});
        asked += text.back() == 'x';
        return std::nullopt;
    });
    audio.listen([&, text](std::size_t, std::span<const float>) {
        audio.listen({});
        listened += text.back() == 'x';
    });
    audio.times([&, text](PaStreamCallbackTimeInfo&) {
        audio.times({});
        timed += text.back() == 'x';
    });
    audio.feed([&, text](std::size_t, std::size_t) -> float {
        audio.feed([](std::size_t, std::size_t) { return 0.5f; });
        fed += text.back() == 'x';
        return 1;
    });
    Stream<float> stream{{.frames_per_buffer = 2}, half};
    stream.start();
    audio.pump(4);
    CHECK(asked == 1);
    CHECK(listened == 1);
    CHECK(timed == 1);
    CHECK(fed > 0);
    CHECK(audio.captured().back() == 0.25f);
}

// The machine

TEST_CASE("the default machine is one stereo device") {
    Scope audio;
    const Session session;
    const auto devices = portspan::devices();
    REQUIRE(devices.size() == 1);
    CHECK(devices[0].name == "Mock device");
    CHECK(devices[0].host_api == "Mock");
    CHECK(devices[0].max_input_channels == 2);
    CHECK(devices[0].max_output_channels == 2);
    CHECK(devices[0].default_sample_rate == 48000);
    CHECK(portspan::default_device(Direction::input)->index == 0);
    CHECK(portspan::default_device(Direction::output)->index == 0);
    CHECK(Pa_IsFormatSupported(nullptr, nullptr, 48000) == paInvalidDevice);
}

TEST_CASE("a program finds the script's host APIs and devices") {
    Scope audio{studio()};
    const Session session;
    CHECK(Pa_GetHostApiCount() == 2);
    CHECK(Pa_GetHostApiInfo(0)->name == std::string{"Old"});
    CHECK(Pa_GetHostApiInfo(0)->type == paOSS);
    CHECK(Pa_GetHostApiInfo(0)->deviceCount == 1);
    CHECK(Pa_GetHostApiInfo(0)->defaultInputDevice == paNoDevice);
    CHECK(Pa_GetHostApiInfo(0)->defaultOutputDevice == paNoDevice);
    CHECK(Pa_GetHostApiInfo(1)->defaultInputDevice == 2);
    CHECK(Pa_GetDefaultHostApi() == 1);
    CHECK(Pa_HostApiTypeIdToHostApiIndex(paALSA) == 1);
    CHECK(Pa_HostApiTypeIdToHostApiIndex(paJACK) == paHostApiNotFound);
    CHECK(Pa_HostApiDeviceIndexToDeviceIndex(1, 0) == 1);

    const auto devices = portspan::devices();
    REQUIRE(devices.size() == 3);
    const auto& microphone = devices[1];
    CHECK(microphone.name == "microphone");
    CHECK(microphone.host_api == "Modern");
    CHECK(microphone.max_input_channels == 1);
    CHECK(microphone.max_output_channels == 0);
    CHECK(microphone.default_sample_rate == 16000);
    CHECK(microphone.default_low_input_latency == 0.001);
    CHECK(microphone.default_low_output_latency == 0.002);
    CHECK(microphone.default_high_input_latency == 0.003);
    CHECK(microphone.default_high_output_latency == 0.004);
    CHECK(portspan::default_device(Direction::input)->name == "desk");
    CHECK(portspan::find_device("beep", Direction::output).index == 0);
    CHECK_THROWS_WITH(portspan::find_device("beep", Direction::input),
                      ContainsSubstring("\"microphone\" (Modern), \"desk\""));
}

TEST_CASE("a device refuses the rates and channels that it does not have") {
    Scope audio{studio()};
    const Session session;
    PaStreamParameters desk{2, 16, paFloat32, 0, nullptr};
    CHECK(Pa_IsFormatSupported(nullptr, &desk, 48000) == paFormatIsSupported);
    CHECK(Pa_IsFormatSupported(nullptr, &desk, 44100) == paInvalidSampleRate);
    desk.channelCount = 17;
    CHECK(Pa_IsFormatSupported(nullptr, &desk, 48000) == paInvalidChannelCount);
    CHECK(Pa_IsFormatSupported(&desk, nullptr, 48000) == paFormatIsSupported);
    PaStreamParameters microphone{1, 1, paFloat32, 0, nullptr};
    CHECK(Pa_IsFormatSupported(&microphone, nullptr, 12345) == paFormatIsSupported);
    CHECK(Pa_IsFormatSupported(&microphone, nullptr, 999) == paInvalidSampleRate);
    CHECK(Pa_IsFormatSupported(nullptr, &microphone, 48000) == paInvalidChannelCount);
    PaStreamParameters beeper{0, 1, paFloat32, 0, nullptr};
    CHECK(Pa_IsFormatSupported(&microphone, &beeper, 48000) == paBadIODeviceCombination);
}

TEST_CASE("a machine without devices has none, and a session leaves nothing behind") {
    Scope audio{Machine::without_devices()};
    CHECK_THROWS_WITH(Stream<float>{half}, ContainsSubstring("no default input device"));
    CHECK(audio.initialized() == 0);
    CHECK(audio.open_streams() == 0);
    const Session session;
    CHECK(Pa_GetHostApiCount() == 1);
    CHECK(Pa_GetDeviceCount() == 0);
    CHECK(Pa_GetDefaultInputDevice() == paNoDevice);
    CHECK(Pa_GetDefaultOutputDevice() == paNoDevice);
}

TEST_CASE("a machine without host APIs has no default one") {
    Scope audio{{.host_apis = {}}};
    const Session session;
    CHECK(Pa_GetHostApiCount() == 0);
    CHECK(Pa_GetDefaultHostApi() == paInternalError);
    CHECK(Pa_GetDefaultOutputDevice() == paNoDevice);
    CHECK(portspan::devices().empty());
}

TEST_CASE("another machine is seen at the next first Pa_Initialize") {
    Scope audio;
    {
        const Session session;
        audio.machine(studio());
        const Session another;
        CHECK(Pa_GetDeviceCount() == 1);
    }
    const Session session;
    CHECK(Pa_GetDeviceCount() == 3);
}

TEST_CASE("a host API that is down fails Pa_Initialize, which leaves nothing to terminate") {
    Machine machine = studio();
    machine.host_apis[1].initialization = paUnanticipatedHostError;
    Scope audio{machine};
    audio.host_error(paALSA, -19, "No such device");
    CHECK_THROWS_WITH(Stream<float>{half}, ContainsSubstring("No such device"));
    CHECK(Pa_Terminate() == paNotInitialized);
    machine.host_apis[1].initialization = paNoError;
    audio.machine(machine);
    CHECK_NOTHROW(Stream<float>{{.input = {.channels = 1}, .output = {.channels = 1}}, half});
}

TEST_CASE("a default that is no place in the list of devices is refused") {
    Machine machine;
    machine.host_apis[0].default_output = 1;
    CHECK_THROWS_WITH(Scope{machine}, ContainsSubstring("\"Mock\" has no device 1"));
    machine.host_apis[0].default_output = -1;
    CHECK_THROWS_AS(Scope{machine}, std::invalid_argument);
    // The refused one does not count as a Scope that lives.
    Scope audio;
    CHECK_THROWS_AS(audio.machine(machine), std::invalid_argument);
    machine.host_apis[0].default_output = 0;
    CHECK_NOTHROW(audio.machine(machine));
}

TEST_CASE("a device that no machine has is refused, and a load that is none") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto with = [](const portspan::mock::Device& device) {
        return Machine{{{.devices = {device}}}};
    };
    CHECK_THROWS_WITH((Scope{with({.name = "Odd", .max_input_channels = -1})}),
                      ContainsSubstring("\"Odd\" with -1 channels"));
    CHECK_THROWS_AS((Scope{with({.max_output_channels = -1})}), std::invalid_argument);
    CHECK_THROWS_AS((Scope{with({.default_sample_rate = -1})}), std::invalid_argument);
    CHECK_THROWS_AS((Scope{with({.default_sample_rate = nan})}), std::invalid_argument);
    CHECK_NOTHROW(Scope{with({.max_input_channels = 0, .default_sample_rate = 0})});
    Scope audio;
    CHECK_THROWS_AS(audio.cpu_load(nan), std::invalid_argument);
    CHECK_THROWS_AS(audio.cpu_load(-0.1), std::invalid_argument);
    CHECK_NOTHROW(audio.cpu_load(1.5));
}

// Blocks

TEST_CASE("blocks have the size that the program asked for, or the script's") {
    Scope audio;
    std::vector<std::size_t> sizes;
    SECTION("the program's, what does not fill one waits") {
        Stream<float> stream{{.frames_per_buffer = 4}, note(sizes)};
        stream.start();
        audio.pump(10);
        CHECK(sizes == std::vector<std::size_t>{4, 4});
        audio.pump(2);
        CHECK(sizes.size() == 3);
    }
    SECTION("the host's, at most 256 frames") {
        Stream<float> stream{note(sizes)};
        stream.start();
        audio.pump(600);
        audio.pump(3);
        CHECK(sizes == std::vector<std::size_t>{256, 256, 88, 3});
    }
    SECTION("the script's, over and over, what does not fill one waits") {
        audio.blocks({1, 7, 300});
        Stream<float> stream{note(sizes)};
        stream.start();
        audio.pump(310);
        CHECK(sizes == std::vector<std::size_t>{1, 7, 300, 1});
        audio.pump(6);
        CHECK(sizes == std::vector<std::size_t>{1, 7, 300, 1, 7});
    }
    SECTION("always 1") {
        audio.blocks({1});
        Stream<float> stream{note(sizes)};
        stream.start();
        audio.pump(3);
        CHECK(sizes == std::vector<std::size_t>{1, 1, 1});
    }
    SECTION("the script's do not touch a stream that asked for a size") {
        audio.blocks({1, 3});
        Stream<float> stream{{.frames_per_buffer = 4}, note(sizes)};
        stream.start();
        audio.pump(8);
        CHECK(sizes == std::vector<std::size_t>{4, 4});
    }
    SECTION("unless they are to be used always: more than asked for, less, odd") {
        audio.blocks({9, 1, 2}, true);
        Stream<float> stream{{.frames_per_buffer = 4}, note(sizes)};
        stream.start();
        audio.pump(12);
        CHECK(sizes == std::vector<std::size_t>{9, 1, 2});
    }
    SECTION("each stream has its own place in the list") {
        audio.blocks({1, 3});
        std::vector<std::size_t> others;
        Stream<float> stream{note(sizes)}, other{note(others)};
        stream.start();
        audio.pump(1);
        other.start();
        audio.pump(4);
        CHECK(sizes == std::vector<std::size_t>{1, 3, 1});
        CHECK(others == std::vector<std::size_t>{1, 3});
    }
    SECTION("a new list begins at its beginning") {
        Stream<float> stream{note(sizes)};
        stream.start();
        audio.pump(256);
        audio.blocks({5, 3});
        audio.pump(5);
        audio.blocks({2, 1});
        audio.pump(3);
        CHECK(sizes == std::vector<std::size_t>{256, 5, 2, 1});
        audio.blocks({300});
        audio.pump(299);
        audio.blocks({});
        audio.pump(1);
        CHECK(sizes == std::vector<std::size_t>{256, 5, 2, 1, 256, 44});
    }
}

TEST_CASE("a block of 0 frames is refused") {
    Scope audio;
    CHECK_THROWS_AS(audio.blocks({4, 0}), std::invalid_argument);
    CHECK_NOTHROW(audio.blocks({4}));
}

TEST_CASE("what does not fill a block is forgotten when the stream stops") {
    Scope audio;
    std::vector<std::size_t> sizes;
    Stream<float> stream{{.frames_per_buffer = 4}, note(sizes)};
    stream.start();
    audio.pump(3);
    stream.stop();
    stream.start();
    audio.pump(3);
    CHECK(sizes.empty());
}

// What a callback is told

TEST_CASE("the first calls may have no input buffer") {
    Scope audio;
    std::vector<bool> has_input;
    const auto note_input = [&](const Block& block) {
        has_input.push_back(block.input != nullptr);
        return paContinue;
    };
    SECTION("of a stream that is open, from now on") {
        CStream stream{mono, mono, note_input, 1};
        Pa_StartStream(stream);
        audio.pump(1);
        audio.null_input(2);
        audio.pump(3);
        CHECK(has_input == std::vector<bool>{true, false, false, true});
    }
    SECTION("of a stream that is opened later, from its first call on") {
        audio.null_input(2);
        CStream stream{mono, mono, note_input, 1};
        Pa_StartStream(stream);
        audio.pump(3);
        CHECK(has_input == std::vector<bool>{false, false, true});
    }
    SECTION("or all have one") {
        CStream stream{mono, mono, note_input, 1};
        Pa_StartStream(stream);
        audio.pump(3);
        CHECK(has_input == std::vector<bool>(3, true));
    }
}

TEST_CASE("input passes while a callback has no input buffer, and portspan's view is empty") {
    Scope audio;
    audio.feed(std::array{1.0f, 2.0f, 3.0f, 4.0f});
    audio.null_input(1);
    std::vector<float> heard;
    InputStream<float> stream{{.frames_per_buffer = 1}, [&](auto& block) noexcept {
                                  const auto samples = block.input().samples();
                                  heard.insert(heard.end(), samples.begin(), samples.end());
                              }};
    stream.start();
    audio.pump(3);
    CHECK(heard == std::vector<float>{3, 4, 0, 0});
}

TEST_CASE("status flags come with the call that they are ordered for, and with no other") {
    Scope audio;
    std::vector<StatusFlags> seen;
    const auto note_status = [&](auto& block) noexcept {
        block.in_place();
        seen.push_back(block.status());
    };
    constexpr auto none = StatusFlags::none;
    constexpr auto overflow = StatusFlags::input_overflow;
    constexpr auto priming = StatusFlags::priming_output;
    SECTION("of a stream that is open") {
        Stream<float> stream{{.frames_per_buffer = 1}, note_status};
        stream.start();
        audio.pump(1);
        audio.status(paInputOverflow);
        audio.status(paPrimingOutput, 2);
        audio.status(paInputOverflow, 2);
        audio.pump(4);
        CHECK(seen == std::vector{none, overflow, none, overflow | priming, none});
    }
    SECTION("of a stream that is opened later") {
        audio.status(paPrimingOutput, 1);
        Stream<float> stream{{.frames_per_buffer = 1}, note_status};
        stream.start();
        audio.pump(3);
        CHECK(seen == std::vector{none, priming, none});
    }
}

TEST_CASE("the CPU load is the script's") {
    Scope audio;
    Stream<float> stream{half};
    CHECK(stream.cpu_load() == 0);
    audio.cpu_load(0.7);
    CHECK(stream.cpu_load() == 0.7);
}

// Several streams, several tests

TEST_CASE("streams are counted as they are opened, and captured apart from each other") {
    Scope audio;
    const auto play = [](float value) {
        return [value](auto& block) noexcept {
            for (float& x : block.output().samples()) x = value;
        };
    };
    OutputStream<float> first{{.output = {.channels = 1}}, play(1)};
    OutputStream<float> second{{.output = {.channels = 1}}, play(2)};
    second.start();
    audio.pump(1);
    first.start();
    audio.pump(1);
    CHECK(audio.captured(0) == std::vector<float>{1});
    CHECK(audio.captured(1) == std::vector<float>{2, 2});
    CHECK(audio.open_streams() == 2);
    second.stop();
    audio.pump(1);
    CHECK(audio.captured(0).size() == 2);
    CHECK(audio.captured(1).size() == 2);
}

TEST_CASE("a callback may open and start another stream") {
    Scope audio;
    PaStream* other = nullptr;
    CStream stream{{}, mono, [&](const Block& block) {
                       std::fill_n(static_cast<float*>(block.output), block.frames, 1.0f);
                       if (!other) {
                           Pa_OpenDefaultStream(&other, 0, 1, paFloat32, 48000, 0, nullptr,
                                                nullptr);
                           Pa_StartStream(other);
                       }
                       return paContinue;
                   }};
    Pa_StartStream(stream);
    audio.pump(10);
    CHECK(audio.captured(0).size() == 10);
    CHECK(audio.captured(1).size() == 10);
}

TEST_CASE("how a stream was opened can be asked, after its end too") {
    Scope audio{studio()};
    int state = 0;
    const auto callback = [](const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                             PaStreamCallbackFlags, void*) -> int { return paContinue; };
    REQUIRE(Pa_Initialize() == paNoError);
    const PaStreamParameters output{2, 3, paInt16, 0.25, nullptr};
    PaStream* handle = nullptr;
    REQUIRE(Pa_OpenStream(&handle, nullptr, &output, 96000, 100, paDitherOff, callback, &state) ==
            paNoError);
    REQUIRE(Pa_CloseStream(handle) == paNoError);
    const Opened opened = audio.opened();
    CHECK_FALSE(opened.input);
    REQUIRE(opened.output);
    CHECK(opened.output->device == 2);
    CHECK(opened.output->channelCount == 3);
    CHECK(opened.output->sampleFormat == paInt16);
    CHECK(opened.output->suggestedLatency == 0.25);
    CHECK(opened.sample_rate == 96000);
    CHECK(opened.frames_per_buffer == 100);
    CHECK(opened.flags == paDitherOff);
    CHECK(opened.callback == static_cast<PaStreamCallback*>(callback));
    CHECK(opened.user_data == &state);
    CHECK(opened.handle == handle);
    CHECK(audio.open_streams() == 0);
    REQUIRE(Pa_OpenDefaultStream(&handle, 2, 0, paFloat32, 48000, 0, nullptr, nullptr) ==
            paNoError);
    CHECK(audio.opened(1).input->device == 2);
    CHECK_FALSE(audio.opened(1).output);
    CHECK(audio.opened(1).callback == nullptr);
    CHECK(audio.open_streams() == 1);
}

TEST_CASE("a stream tells the rate and the latencies that it was opened with") {
    Scope audio;
    Stream<float> stream{{.input = {.latency = std::chrono::duration<double>{0.5}},
                          .output = {.latency = portspan::Latency::low},
                          .sample_rate = 44100},
                         half};
    CHECK(stream.sample_rate() == 44100);
    CHECK(stream.input_latency().count() == 0.5);
    CHECK(stream.output_latency().count() == 0.01);
}

TEST_CASE("the log has every call of a PortAudio function in the order of their ends") {
    Scope audio;
    audio.fail("Pa_StartStream", paDeviceUnavailable);
    {
        CStream stream{mono, {}};
        Pa_StartStream(stream);
        Pa_StartStream(stream);
        audio.pump(5);
        Pa_GetStreamReadAvailable(stream);
        Pa_GetStreamTime(stream);
        Pa_GetErrorText(paNoError);
        Pa_GetVersion();
        Pa_Sleep(0);
    }
    std::vector<std::string> lines;
    for (const auto& call : audio.calls()) {
        lines.push_back(std::string{call.function} + " " + std::to_string(call.result));
    }
    CHECK(lines == std::vector<std::string>{"Pa_Initialize 0", "Pa_OpenStream 0",
                                            "Pa_StartStream " + std::to_string(paDeviceUnavailable),
                                            "Pa_StartStream 0", "Pa_GetStreamReadAvailable 5",
                                            "Pa_GetStreamTime 0", "Pa_CloseStream 0",
                                            "Pa_Terminate 0"});
    CHECK(audio.calls("Pa_StartStream") == 2);
    CHECK(audio.calls("Pa_StopStream") == 0);
}

TEST_CASE("a call inside another one ends before it") {
    Scope audio;
    CStream stream{{}, mono, [](const Block&) { return paContinue; }};
    stream.on_finished([&] { Pa_GetStreamTime(stream); });
    Pa_StartStream(stream);
    Pa_StopStream(stream);
    const auto calls = audio.calls();
    REQUIRE(calls.size() >= 2);
    CHECK(calls[calls.size() - 2].function == "Pa_GetStreamTime");
    CHECK(calls.back().function == "Pa_StopStream");
}

TEST_CASE("a function that is never in the log cannot be counted") {
    Scope audio;
    for (const char* name : {"Pa_StratStream", "Pa_Sleep", "Pa_GetErrorText", "Pa_GetVersion"}) {
        CHECK_THROWS_AS(audio.calls(name), std::invalid_argument);
    }
}

TEST_CASE("initialisations and terminations are counted") {
    Scope audio;
    CHECK(audio.initialized() == 0);
    {
        const Session one, two;
        CHECK(audio.initialized() == 2);
    }
    CHECK(audio.initialized() == 0);
}

TEST_CASE("two Scopes at a time are an error, one after the other is none") {
    {
        Scope audio;
        CHECK_THROWS_AS(Scope{}, std::logic_error);
        // The one that lives is not disturbed.
        const Session session;
        CHECK(audio.initialized() == 1);
        CHECK_THROWS_AS(Scope{}, std::logic_error);
    }
    CHECK_NOTHROW(Scope{});
}

TEST_CASE("a new Scope knows nothing of the one before") {
    bool asked = false;
    PaStream* left_open = nullptr;
    std::size_t called = 0;
    {
        Scope audio{studio()};
        audio.feed(std::array{1.0f, 2.0f});
        audio.feed([](std::size_t, std::size_t) { return 1.0f; });
        audio.capture(false);
        audio.listen([&](std::size_t, std::span<const float>) { asked = true; });
        audio.blocks({1}, true);
        audio.null_input(5);
        audio.status(paInputOverflow, 0);
        audio.times([&](PaStreamCallbackTimeInfo&) { asked = true; });
        audio.call_while_closing();
        audio.cpu_load(1);
        audio.fail("Pa_Initialize", paInternalError, 1, 100);
        audio.fail("Pa_StartStream", paInternalError, 0, 100);
        audio.intercept([&](std::string_view) -> std::optional<PaError> {
            asked = true;
            return std::nullopt;
        });
        audio.host_error(paALSA, 5, "what was");
        REQUIRE(Pa_Initialize() == paNoError);
        const auto callback = [](const void*, void*, unsigned long, const PaStreamCallbackTimeInfo*,
                                 PaStreamCallbackFlags, void* count) -> int {
            ++*static_cast<std::size_t*>(count);
            return paContinue;
        };
        REQUIRE(Pa_OpenDefaultStream(&left_open, 0, 1, paFloat32, 48000, 0, callback, &called) ==
                paNoError);
    }
    asked = false;
    Scope audio;
    CHECK(audio.initialized() == 0);
    CHECK(audio.open_streams() == 0);
    CHECK(audio.calls().empty());
    CHECK(Pa_IsStreamActive(left_open) == paNotInitialized);
    CHECK(Pa_GetLastHostErrorInfo()->errorText == std::string{});
    CHECK(Pa_GetLastHostErrorInfo()->errorCode == 0);
    std::vector<std::size_t> sizes;
    StatusFlags status{};
    std::vector<float> heard;
    Stream<float> stream{[&](auto& block) noexcept {
        sizes.push_back(block.frames());
        status |= block.status();
        const auto samples = block.input().samples();
        heard.insert(heard.end(), samples.begin(), samples.end());
        block.in_place();
    }};
    CHECK(Pa_GetDeviceCount() == 1);
    CHECK(stream.cpu_load() == 0);
    stream.start();
    audio.pump(10);
    CHECK(sizes == std::vector<std::size_t>{10});
    CHECK(status == StatusFlags::none);
    CHECK(heard == std::vector<float>(20, 0.0f));
    CHECK(audio.captured().size() == 20);
    {
        Stream<float> second{half};
    }
    CHECK(audio.captured(1).empty());
    CHECK(called == 0);
    CHECK_FALSE(asked);
}

TEST_CASE("without a Scope the mock has the default machine") {
    {
        Scope audio{studio()};
    }
    CHECK(portspan::devices().size() == 1);
    Stream<float> stream{half};
    stream.start();
    CHECK(stream.active());
    stream.stop();
}

TEST_CASE("the end of a Scope stops the streams of the test") {
    std::size_t called = 0;
    static int finished = 0;
    auto audio = std::make_unique<Scope>();
    Stream<float> stream{[&](auto& block) noexcept {
        block.in_place();
        ++called;
    }};
    REQUIRE(Pa_SetStreamFinishedCallback(stream.handle(), [](void*) { ++finished; }) == paNoError);
    stream.start();
    audio->pump(10);
    REQUIRE(called == 1);
    audio.reset();
    Scope next;
    next.pump(10);
    CHECK(called == 1);
    CHECK(finished == 0);
    CHECK_THROWS(stream.active());
}
