// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/play.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "audio_interface.hpp"
#include "catch.hpp"
#include "error_of.hpp"
#include "levels.hpp"

using namespace std::chrono_literals;
using portspan::Fault;
using portspan::Int24;
using portspan::Interleaved;
using portspan::InterleavedView;
using portspan::Planar;
using portspan::PlanarView;
using portspan::play;
using portspan::Playback;
using portspan::PlayConfig;
using portspan::StatusFlags;
using portspan::mock::Loss;
using portspan::mock::Scope;

namespace {

const std::vector<float> mono{0.1f, 0.2f, 0.3f};
const std::vector<float> stereo{0.1f, -0.1f, 0.2f, -0.2f, 0.3f, -0.3f};
const InterleavedView<const float> stereo_view{stereo, 2};

template <class... Arguments>
std::string refusal(Arguments&&... arguments) {
    const auto error =
        error_of([&] { static_cast<void>(play(std::forward<Arguments>(arguments)...)); });
    return error ? error->what() : "no error";
}

/// What two frames of a mapping sound like.
std::vector<float> played(const PlayConfig& config, InterleavedView<const float> view) {
    Scope audio{machine};
    Playback playback = play(view, config);
    audio.pump(1);
    return audio.captured();
}

template <class T, class L>
void plays() {
    Scope audio;
    std::vector<T> left{sample_of<T>(0.25), sample_of<T>(0.5)};
    std::vector<T> right{sample_of<T>(-0.25), sample_of<T>(-0.5)};
    std::vector<T> interleaved{left[0], right[0], left[1], right[1]};
    const std::array planes{left.data(), right.data()};
    Playback playback = [&] {
        if constexpr (std::is_same_v<L, Interleaved>) {
            return play(InterleavedView<T, 2>{interleaved});
        } else {
            return play(PlanarView<T>{planes.data(), 2, 2});
        }
    }();
    audio.pump(3);
    playback.wait();
    const auto heard = audio.captured();
    REQUIRE(heard.size() == 6);
    constexpr std::array expected{0.25, -0.25, 0.5, -0.5, 0.0, 0.0};
    for (std::size_t i = 0; i < 6; ++i) CHECK_THAT(heard[i], WithinAbs(expected[i], 0.01));
    CHECK(playback.position() == 2);
}

}  // namespace

TEMPLATE_TEST_CASE("a view is played to its end, and silence after it", "", float, std::int32_t,
                   Int24, std::int16_t, std::int8_t, std::uint8_t) {
    SECTION("interleaved") { plays<TestType, Interleaved>(); }
    SECTION("planar") { plays<TestType, Planar>(); }
}

TEST_CASE("samples without channels are one channel") {
    Scope audio;
    SECTION("a vector") {
        Playback playback = play(mono);
        audio.pump(3);
        playback.wait();
    }
    SECTION("a span") {
        Playback playback = play(std::span{mono});
        audio.pump(3);
        playback.wait();
    }
    CHECK(audio.opened().output->channelCount == 1);
    CHECK(audio.captured() == mono);
}

TEST_CASE("a playback runs from its beginning and says how far it is") {
    Scope audio;
    Playback playback = play(stereo_view, {.frames_per_buffer = 1});
    CHECK(playback.active());
    CHECK(playback.position() == 0);
    CHECK_FALSE(playback.wait_for(0s));
    audio.pump(2);
    CHECK(playback.position() == 2);
    CHECK(playback.active());
    audio.pump(1);
    CHECK(playback.position() == 3);
    CHECK_FALSE(playback.active());
    CHECK(playback.wait_for(0s));
    playback.wait();
    playback.stop();
    CHECK(playback.status() == StatusFlags::none);
}

TEST_CASE("a playback is opened as it is configured") {
    Scope audio{machine};
    Playback playback = play(stereo_view, {.output = {.device = 0, .channels = 5, .latency = 20ms},
                                           .sample_rate = 32000,
                                           .frames_per_buffer = 7,
                                           .flags = portspan::StreamFlags::clip_off});
    const auto opened = audio.opened();
    CHECK_FALSE(opened.input);
    CHECK(opened.output->channelCount == 5);
    CHECK(opened.output->suggestedLatency == 0.02);
    CHECK(opened.sample_rate == 32000);
    CHECK(opened.frames_per_buffer == 7);
    CHECK(opened.flags == paClipOff);
    CHECK(playback.sample_rate() == 32000);
    audio.pump(7);
    CHECK(std::vector(audio.captured()).at(5) == 0.2f);
}

TEST_CASE("without a configuration the sample rate is the device's") {
    const Scope audio{machine};
    const Playback playback = play(stereo_view);
    CHECK(audio.opened().sample_rate == 44100);
}

TEST_CASE("a mapping says which channel plays where") {
    CHECK(played({.mapping = {2, 0}}, stereo_view) == std::vector{-0.1f, 0.0f, 0.1f});
    CHECK(played({.output = {.channels = 4}, .mapping = {1, 2}}, stereo_view) ==
          std::vector{0.0f, 0.1f, -0.1f, 0.0f});
    const InterleavedView<const float> one{mono, 1};
    CHECK(played({.mapping = {2}}, one) == std::vector{0.0f, 0.0f, 0.1f});
    CHECK(played({.mapping = {3, 0}}, one) == std::vector{0.1f, 0.0f, 0.0f, 0.1f});
    CHECK(played({.mapping = std::vector<std::size_t>{0, 1}}, stereo_view) ==
          std::vector{0.1f, -0.1f});
}

TEST_CASE("a mapping of channel 0 alone is silent on channel 1") {
    const InterleavedView<const float> one{mono, 1};
    CHECK(played({.mapping = {0}}, one) == std::vector{0.1f, 0.0f});
    CHECK(played({.output = {.channels = 1}, .mapping = {0}}, one) == std::vector{0.1f});
    Scope audio{portspan::mock::Machine{{{.devices = {{.max_output_channels = 1}}}}}};
    const Playback playback = play(one, {.mapping = {0}});
    CHECK(audio.opened().output->channelCount == 1);
}

TEST_CASE("a loop begins again without a gap, in the middle of a block too") {
    Scope audio;
    Playback playback = play(mono, {.frames_per_buffer = 4, .loop = true});
    audio.pump(8);
    CHECK(audio.captured() == std::vector{0.1f, 0.2f, 0.3f, 0.1f, 0.2f, 0.3f, 0.1f, 0.2f});
    CHECK(playback.position() == 2);
    CHECK(playback.active());
    audio.pump(4);
    CHECK(playback.position() == 0);
    playback.stop();
    playback.wait();
    CHECK_FALSE(playback.active());
}

TEST_CASE("what ends a playback from outside is no error") {
    Scope audio;
    Playback playback = play(mono, {.frames_per_buffer = 1});
    audio.pump(1);
    std::thread other{[&] { playback.wait(); }};
    SECTION("stop") { playback.stop(); }
    SECTION("abort") { playback.abort(); }
    other.join();
    CHECK(playback.wait_for(0s));
    CHECK(playback.position() == 1);
}

TEST_CASE("the xruns of a playback are kept") {
    Scope audio;
    Playback playback = play(mono, {.frames_per_buffer = 1});
    audio.status(paOutputUnderflow, 0);
    audio.status(paPrimingOutput, 1);
    audio.pump(3);
    CHECK(playback.status() == (StatusFlags::output_underflow | StatusFlags::priming_output));
}

TEST_CASE("the end of a playback cuts it off, and it can be moved before") {
    Scope audio;
    {
        Playback first = play(mono, {.frames_per_buffer = 1});
        Playback second{std::move(first)};
        audio.pump(1);
        Playback third = play(mono, {.frames_per_buffer = 1});
        third = std::move(second);
        CHECK(audio.open_streams() == 1);
        audio.pump(1);
        CHECK(third.position() == 2);
    }
    CHECK(audio.open_streams() == 0);
    CHECK(audio.initialized() == 0);
}

TEST_CASE("a host that calls on after the end finds no audio") {
    Scope audio;
    audio.fail("Pa_CloseStream", paTimedOut);
    {
        const Playback playback = play(mono);
    }
    audio.pump(2);
    CHECK(audio.last_result() == paAbort);
    CHECK(audio.captured().empty());
}

TEST_CASE("a device that is lost is an error of wait()") {
    Scope audio;
    Playback playback = play(mono, {.frames_per_buffer = 1, .patience = 0.05s});
    audio.pump(1);
    SECTION("it ends the stream") {
        audio.lose_device(0, Loss::finished);
        const auto error = error_of([&] { playback.wait(); });
        REQUIRE(error);
        CHECK(std::string{error->what()} ==
              "wait: Device unavailable (the device has ended the stream after 1 of 3 frames)");
    }
    SECTION("it falls silent") {
        audio.lose_device(0, Loss::silence);
        CHECK_FALSE(playback.wait_for(0s));
        const auto error = error_of([&] { playback.wait(); });
        REQUIRE(error);
        CHECK(std::string{error->what()} ==
              "wait: Wait timed out (no call from the device after 1 of 3 frames)");
    }
    SECTION("it answers errors") {
        audio.lose_device(0, Loss::error);
        const auto error = error_of([&] { playback.wait(); });
        REQUIRE(error);
        CHECK(error->code() == portspan::portaudio_error(paUnanticipatedHostError));
    }
    CHECK(playback.position() == 1);
}

TEST_CASE("a device that plays its last frames for long is not given up") {
    Scope audio;
    audio.drain(100);
    Playback playback = play(mono, {.patience = 0.01s});
    audio.pump(3);
    CHECK_FALSE(playback.wait_for(0.1s));
    audio.pump(100);
    playback.wait();
}

TEST_CASE("what cannot be played is refused in a sentence") {
    const Scope audio{machine};
    CHECK(refusal(std::span<const float>{}) == "play: invalid argument (the audio has no frames)");
    CHECK(refusal(InterleavedView<const float>{mono, 0}) ==
          "play: invalid argument (the audio has no channels)");
    CHECK(refusal(InterleavedView<const float>{nullptr, 1, 1}) ==
          "play: invalid argument (the audio is null)");
    const std::array<const float*, 2> planes{mono.data(), nullptr};
    CHECK(refusal(PlanarView<const float>{planes.data(), 1, 2}) ==
          "play: invalid argument (channel 1 of the audio is null)");
    CHECK(refusal(PlanarView<const float>{planes.data(), 1, 2, 1}) ==
          "play: invalid argument (channel 1 of the audio is null)");
    CHECK(refusal(PlanarView<const float>{nullptr, 10, 2}) ==
          "play: invalid argument (the audio is null)");
    CHECK(refusal(mono, PlayConfig{.mapping = std::vector<std::size_t>{}}) ==
          "play: invalid argument (the mapping is empty)");
    CHECK(refusal(stereo_view, PlayConfig{.mapping = {1, 1}}) ==
          "play: invalid argument (output channel 1 is twice in the mapping)");
    CHECK(refusal(stereo_view, PlayConfig{.mapping = {1}}) ==
          "play: channel counts do not fit (1 channels in the mapping, the audio has 2)");
    CHECK(refusal(stereo_view, PlayConfig{.output = {.channels = 2}, .mapping = {0, 2}}) ==
          "play: channel counts do not fit (channel 2 in the mapping, the stream is to have 2 "
          "channels)");
    CHECK(refusal(mono, PlayConfig{.output = {.channels = 0}}) ==
          "play: channel counts do not fit (channel 0 of the audio, the stream is to have 0 "
          "channels)");
    CHECK(
        refusal(stereo_view, PlayConfig{.mapping = {0, std::numeric_limits<std::size_t>::max()}}) ==
        "play: invalid argument (channel 18446744073709551615 in the mapping)");
    CHECK(refusal(stereo_view, PlayConfig{.mapping = {0, 8}}) ==
          "Stream: Invalid number of channels (9 output channels, \"Interface\" has 8)");
    CHECK(refusal(mono, PlayConfig{.mapping = portspan::Mapping{{}}}) ==
          "play: invalid argument (the mapping is empty)");
    CHECK(refusal(mono, PlayConfig{.mapping = {{}}}) ==
          "play: invalid argument (the mapping is empty)");
    CHECK(refusal(stereo_view, PlayConfig{.sample_rate = -1e300}) ==
          "Stream: Invalid sample rate (-1e+300)");
    CHECK(refusal(stereo_view, PlayConfig{.sample_rate = 800000.5}) ==
          "Stream: Invalid sample rate (800000.5)");
    CHECK(refusal(stereo_view, PlayConfig{.output = {.latency = 11s}}) ==
          "Stream: invalid argument (output latency of 11 s, it may be 0 to 10)");
    CHECK(refusal(stereo_view, PlayConfig{.output = {.latency = 1e300s}}) ==
          "Stream: invalid argument (output latency of 1e+300 s, it may be 0 to 10)");
    CHECK(refusal(stereo_view, PlayConfig{.sample_rate = 0}) == "Stream: Invalid sample rate (0)");
    CHECK(audio.streams() == 0);
    CHECK(audio.initialized() == 0);
    CHECK(refusal(stereo_view, PlayConfig{.mapping = {0, 7}}) == "no error");
    CHECK(refusal(stereo_view, PlayConfig{.output = {.latency = 10s}}) == "no error");
}

TEST_CASE("what is neither of the latencies is refused") {
    const Scope audio;
    const auto latency = static_cast<portspan::Latency>(9);
    CHECK(refusal(mono, PlayConfig{.output = {.latency = latency}}) ==
          "Stream: invalid argument (output latency that is neither low nor high)");
}

TEST_CASE("a playback that the device has ended is stopped without an error") {
    Scope audio;
    Playback playback = play(mono, {.frames_per_buffer = 1});
    audio.pump(1);
    audio.lose_device(0, portspan::mock::Loss::finished);
    CHECK_NOTHROW(playback.stop());
    CHECK_NOTHROW(playback.abort());
}

TEST_CASE("where the start fails nothing is left open") {
    Scope audio;
    audio.fail("Pa_StartStream", paDeviceUnavailable);
    CHECK(refusal(mono) == "Pa_StartStream: Device unavailable");
    CHECK(audio.open_streams() == 0);
    CHECK(audio.initialized() == 0);
}

TEST_CASE("a playback is waited for while another thread asks how far it is") {
    Scope audio;
    audio.run(10);
    const std::vector<float> second(48000);
    Playback playback = play(second);
    std::thread other{[&] {
        while (playback.active()) {
            if (playback.position() > second.size()) std::abort();
            static_cast<void>(playback.status());
        }
    }};
    playback.wait();
    other.join();
    CHECK(playback.position() == second.size());
}

TEST_CASE("a device that is lost after the last frame is given up, too") {
    Scope audio;
    audio.drain(48000);
    Playback playback = play(mono, {.patience = 0.01s});
    audio.pump(3);
    audio.lose_device(0, portspan::mock::Loss::silence);
    CHECK_THROWS_WITH(playback.wait(), ContainsSubstring("no call from the device"));
}

TEST_CASE("a patience that is no time is refused, and what was moved from plays nothing") {
    const Scope audio;
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK_THROWS_WITH((play(mono, {.patience = -1s})), ContainsSubstring("patience"));
    CHECK_THROWS_WITH((play(mono, {.patience = std::chrono::duration<double>{nan}})),
                      ContainsSubstring("patience"));
    CHECK(audio.open_streams() == 0);
    Playback playback = play(mono);
    const Playback moved{std::move(playback)};
    CHECK(playback.position() == 0);
    CHECK_THROWS_AS(playback.wait(), portspan::Error);
    CHECK_THROWS_AS(playback.stop(), portspan::Error);
}
