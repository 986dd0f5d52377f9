// SPDX-License-Identifier: MIT
#include <portspan/mock.hpp>
#include <portspan/play_and_record.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "audio_interface.hpp"
#include "catch.hpp"
#include "error_of.hpp"
#include "levels.hpp"
#include "sanitizer.hpp"

using namespace std::chrono_literals;
using portspan::Fault;
using portspan::Int24;
using portspan::Interleaved;
using portspan::InterleavedView;
using portspan::Planar;
using portspan::PlanarView;
using portspan::play_and_record;
using portspan::PlayAndRecordConfig;
using portspan::record;
using portspan::RecordConfig;
using portspan::Recording;
using portspan::StatusFlags;
using portspan::mock::Loss;
using portspan::mock::Scope;

namespace {

constexpr std::array heard{0.1f, -0.1f, 0.2f, -0.2f, 0.3f, -0.3f};

std::vector<float> samples_of(InterleavedView<const float> view) {
    return {view.samples().begin(), view.samples().end()};
}

std::string refusal(auto call) {
    const auto error = error_of([&] { static_cast<void>(call()); });
    return error ? error->what() : "no error";
}

template <class T, class L>
void records() {
    Scope audio;
    audio.feed(heard);
    Recording<T, L> recording = record<T, L>(3);
    CHECK(recording.recorded().empty());
    audio.pump(3);
    recording.wait();
    const auto recorded = recording.recorded();
    REQUIRE(recorded.frames() == 3);
    REQUIRE(recorded.channels() == 2);
    for (std::size_t i = 0; i < heard.size(); ++i) {
        CHECK_THAT(level_of(recorded(i / 2, i % 2)), WithinAbs(heard[i], 0.01));
    }
    const std::vector<T> taken = recording.take();
    REQUIRE(taken.size() == heard.size());
    for (std::size_t i = 0; i < heard.size(); ++i) {
        CHECK_THAT(level_of(taken[i]), WithinAbs(heard[i], 0.01));
    }
    CHECK(recording.recorded().empty());
    CHECK(recording.take().empty());
}

template <class T, class L>
void plays_and_records() {
    Scope audio;
    audio.feed(heard);
    std::vector<T> interleaved;
    std::vector<T> left, right;
    for (const double level : {0.25, -0.5, 0.75}) {
        left.push_back(sample_of<T>(level));
        right.push_back(sample_of<T>(-level));
        interleaved.push_back(left.back());
        interleaved.push_back(right.back());
    }
    const std::array planes{left.data(), right.data()};
    auto recording = [&] {
        if constexpr (std::is_same_v<L, Interleaved>) {
            return play_and_record(InterleavedView<T>{interleaved, 2});
        } else {
            return play_and_record(PlanarView<T>{planes.data(), 3, 2});
        }
    }();
    const auto opened = audio.opened();
    CHECK(opened.input->sampleFormat == (portspan::sample_format<T> | L::format_flag));
    CHECK(opened.output->sampleFormat == (portspan::sample_format<T> | L::format_flag));
    audio.pump(4);
    recording.wait();
    const std::vector<T> taken = recording.take();
    REQUIRE(taken.size() == heard.size());
    for (std::size_t i = 0; i < heard.size(); ++i) {
        CHECK_THAT(level_of(taken[i]), WithinAbs(heard[i], 0.01));
    }
    const auto played = audio.captured();
    REQUIRE(played.size() == 8);
    for (std::size_t i = 0; i < 6; ++i) {
        CHECK_THAT(played[i], WithinAbs(level_of(interleaved[i]), 0.01));
    }
    CHECK(played[6] == 0);
}

}  // namespace

TEMPLATE_TEST_CASE("a recording holds what was heard from its start", "", float, std::int32_t,
                   Int24, std::int16_t, std::int8_t, std::uint8_t) {
    SECTION("interleaved") { records<TestType, Interleaved>(); }
    SECTION("planar") { records<TestType, Planar>(); }
}

TEMPLATE_TEST_CASE("one stream plays and records", "", float, std::int32_t, Int24, std::int16_t,
                   std::int8_t, std::uint8_t) {
    SECTION("interleaved") { plays_and_records<TestType, Interleaved>(); }
    SECTION("planar") { plays_and_records<TestType, Planar>(); }
}

TEST_CASE("a recording can be looked at while it grows, and ends by itself") {
    Scope audio;
    audio.feed(heard);
    auto recording = record<float>(3, {.frames_per_buffer = 1});
    CHECK(recording.active());
    audio.pump(2);
    CHECK(samples_of(recording.recorded()) == std::vector{0.1f, -0.1f, 0.2f, -0.2f});
    CHECK(recording.position() == 2);
    CHECK_FALSE(recording.wait_for(0s));
    audio.pump(10);
    CHECK_FALSE(recording.active());
    CHECK(recording.wait_for(0s));
    CHECK(samples_of(recording.recorded()) == std::vector(heard.begin(), heard.end()));
}

TEST_CASE("a recording is opened as it is configured") {
    Scope audio{machine};
    const auto recording = record<std::int16_t>(
        10, {.input = {.device = 0, .channels = 3, .latency = portspan::Latency::low},
             .sample_rate = 32000,
             .frames_per_buffer = 7,
             .flags = portspan::StreamFlags::dither_off});
    const auto opened = audio.opened();
    CHECK_FALSE(opened.output);
    CHECK(opened.input->channelCount == 3);
    CHECK(opened.input->sampleFormat == paInt16);
    CHECK(opened.input->suggestedLatency == 0.01);
    CHECK(opened.sample_rate == 32000);
    CHECK(opened.frames_per_buffer == 7);
    CHECK(opened.flags == paDitherOff);
    CHECK(recording.sample_rate() == 32000);
}

TEST_CASE("a recording into the caller's memory has the channels of the view") {
    Scope audio{machine};
    audio.feed(std::array{0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f});
    SECTION("interleaved") {
        std::vector<float> memory(6);
        auto recording = record(InterleavedView<float>{memory, 3});
        audio.pump(2);
        recording.wait();
        CHECK(memory == std::vector{0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f});
        CHECK(recording.recorded().data() == memory.data());
        CHECK(recording.take() == memory);
        CHECK(memory.size() == 6);
    }
    SECTION("planar") {
        std::array<float, 2> left{}, middle{}, right{};
        const std::array planes{left.data(), middle.data(), right.data()};
        auto recording = record(PlanarView<float, 3>{planes.data(), 2});
        audio.pump(2);
        recording.wait();
        CHECK(middle == std::array{0.2f, 0.5f});
        CHECK(recording.take() == std::vector{0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f});
    }
}

TEST_CASE("arrays and vectors are one channel") {
    Scope audio;
    audio.feed(std::array{0.1f, 0.2f, 0.3f});
    SECTION("recorded into") {
        std::vector<float> memory(3);
        auto recording = record(memory);
        CHECK(audio.opened().input->channelCount == 1);
        audio.pump(3);
        recording.wait();
        CHECK(memory == std::vector{0.1f, 0.2f, 0.3f});
    }
    SECTION("played, and recorded from") {
        const std::array beep{0.5f, 0.25f, 0.125f};
        auto recording = play_and_record(beep, {.input = {.channels = 1}});
        static_assert(std::is_same_v<decltype(recording), Recording<float>>);
        CHECK(audio.opened().output->channelCount == 1);
        audio.pump(3);
        recording.wait();
        CHECK(recording.take() == std::vector{0.1f, 0.2f, 0.3f});
        CHECK(audio.captured() == std::vector{0.5f, 0.25f, 0.125f});
    }
    SECTION("recorded in another sample type") {
        const std::array<std::int16_t, 3> beep{};
        auto recording = play_and_record<float>(beep, {.input = {.channels = 1}});
        audio.pump(3);
        recording.wait();
        CHECK(recording.take() == std::vector{0.1f, 0.2f, 0.3f});
    }
}

TEST_CASE("a mapping says which channels are recorded") {
    Scope audio{machine};
    audio.feed(std::array{0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f});
    SECTION("in any order, and twice") {
        auto recording = record<float>(1, {.mapping = {2, 0, 2}});
        CHECK(audio.opened().input->channelCount == 3);
        audio.pump(1);
        CHECK(recording.take() == std::vector{0.3f, 0.1f, 0.3f});
    }
    SECTION("of a stream with more channels") {
        auto recording = record<float>(1, {.input = {.channels = 4}, .mapping = {1}});
        CHECK(audio.opened().input->channelCount == 4);
        audio.pump(1);
        CHECK(recording.take() == std::vector{0.2f});
    }
    SECTION("into the caller's memory") {
        std::array<float, 2> memory{};
        auto recording = record(InterleavedView<float>{memory, 2}, {.mapping = {1, 0}});
        audio.pump(1);
        CHECK(memory == std::array{0.2f, 0.1f});
    }
}

TEST_CASE("playing and recording have a mapping each, and a sample type each") {
    Scope audio{machine};
    audio.feed(std::array{0.1f, 0.5f});
    const std::array played{0.25f, -0.25f};
    auto recording = play_and_record<std::int16_t>(InterleavedView<const float>{played, 2},
                                                   {.input = {.latency = portspan::Latency::low},
                                                    .output = {.latency = portspan::Latency::high},
                                                    .sample_rate = 32000,
                                                    .frames_per_buffer = 4,
                                                    .flags = portspan::StreamFlags::clip_off,
                                                    .input_mapping = {1},
                                                    .output_mapping = {2, 0}});
    STATIC_REQUIRE(std::is_same_v<decltype(recording), Recording<std::int16_t>>);
    const auto opened = audio.opened();
    CHECK(opened.input->channelCount == 2);
    CHECK(opened.input->suggestedLatency == 0.01);
    CHECK(opened.output->channelCount == 3);
    CHECK(opened.output->suggestedLatency == 0.2);
    CHECK(opened.sample_rate == 32000);
    CHECK(opened.frames_per_buffer == 4);
    CHECK(opened.flags == paClipOff);
    audio.pump(4);
    recording.wait();
    const auto taken = recording.take();
    REQUIRE(taken.size() == 1);
    CHECK_THAT(level_of(taken[0]), WithinAbs(0.5, 0.001));
    auto out = audio.captured();
    out.resize(4);
    CHECK(out == std::vector{-0.25f, 0.0f, 0.25f, 0.0f});
}

TEST_CASE("an input that the host does not have is silence, and the rest keeps its place") {
    Scope audio;
    audio.feed([](std::size_t frame, std::size_t) { return frame < 2 ? 0.9f : 0.5f; });
    audio.null_input(2);
    const std::array played{0.1f, 0.2f, 0.3f};
    auto recording = play_and_record(InterleavedView<const float>{played, 1},
                                     {.input = {.channels = 1}, .frames_per_buffer = 1});
    audio.pump(3);
    CHECK(recording.take() == std::vector{0.0f, 0.0f, 0.5f});
    CHECK(audio.captured() == std::vector{0.1f, 0.2f, 0.3f});
}

TEST_CASE("what has come stays when the device is lost in the middle") {
    Scope audio;
    audio.feed(heard);
    auto recording = record<float>(1000, {.frames_per_buffer = 1, .patience = 0.05s});
    audio.pump(3);
    const auto code = [&](Loss loss) {
        audio.lose_device(0, loss);
        const auto error = error_of([&] { recording.wait(); });
        return error ? error->code().value() : 0;
    };
    SECTION("it ends the stream") { CHECK(code(Loss::finished) == paDeviceUnavailable); }
    SECTION("it falls silent") { CHECK(code(Loss::silence) == paTimedOut); }
    SECTION("it answers errors") { CHECK(code(Loss::error) == paUnanticipatedHostError); }
    CHECK(samples_of(recording.recorded()) == std::vector(heard.begin(), heard.end()));
    CHECK(recording.take() == std::vector(heard.begin(), heard.end()));
}

TEST_CASE("a recording that is stopped keeps what it has") {
    Scope audio;
    audio.feed(heard);
    auto recording = record<float>(1000, {.frames_per_buffer = 1});
    audio.pump(2);
    SECTION("stop") { recording.stop(); }
    SECTION("abort") { recording.abort(); }
    recording.wait();
    audio.pump(2);
    CHECK(samples_of(recording.recorded()) == std::vector{0.1f, -0.1f, 0.2f, -0.2f});
}

TEST_CASE("take() ends a recording that runs") {
    Scope audio;
    audio.feed(heard);
    auto recording = record<float>(1000, {.frames_per_buffer = 1});
    audio.pump(1);
    const float* memory = recording.recorded().data();
    SECTION("its own memory is handed over") {
        const auto taken = recording.take();
        CHECK(taken == std::vector{0.1f, -0.1f});
        CHECK(taken.data() == memory);
    }
    SECTION("unless the host may still write to it") {
        audio.fail("Pa_CloseStream", paTimedOut);
        const auto taken = recording.take();
        audio.pump(1);
        CHECK(taken == std::vector{0.1f, -0.1f});
        CHECK(taken.data() != memory);
    }
    // PortAudio is not even initialised any more, which is nobody's business.
    const auto closed = [](const char* call) {
        return call + std::string{": Invalid stream pointer (it is closed or was moved from)"};
    };
    CHECK_THROWS_WITH(recording.wait(), closed("wait"));
    CHECK_THROWS_WITH(recording.wait_for(std::chrono::seconds{1}), closed("wait"));
    CHECK_THROWS_WITH(recording.stop(), closed("stop"));
    CHECK_THROWS_WITH(recording.abort(), closed("abort"));
    CHECK_THROWS_WITH(recording.active(), closed("Pa_IsStreamActive"));
    CHECK_THROWS_WITH(recording.sample_rate(), closed("Pa_GetStreamInfo"));
    CHECK(recording.recorded().empty());
}

TEST_CASE("the overflows of a recording are kept") {
    Scope audio;
    auto recording = record<float>(3, {.frames_per_buffer = 1});
    audio.status(paInputOverflow, 0);
    audio.status(paInputUnderflow, 1);
    audio.pump(3);
    CHECK(recording.status() == (StatusFlags::input_overflow | StatusFlags::input_underflow));
}

TEST_CASE("a recording moves while it runs") {
    Scope audio;
    audio.feed(heard);
    auto first = record<float>(3, {.frames_per_buffer = 1});
    audio.pump(1);
    auto second = std::move(first);
    auto third = record<float>(1);
    third = std::move(second);
    CHECK(audio.open_streams() == 1);
    audio.pump(2);
    third.wait();
    CHECK(third.take() == std::vector(heard.begin(), heard.end()));
    CHECK(first.recorded().empty());
}

TEST_CASE("what cannot be recorded is refused in a sentence") {
    const Scope audio{machine};
    std::vector<float> memory(6);
    CHECK(refusal([] { return record<float>(0); }) ==
          "record: invalid argument (the audio has no frames)");
    CHECK(refusal([&] { return record(InterleavedView<float>{memory.data(), 0, 1}); }) ==
          "record: invalid argument (the audio has no frames)");
    CHECK(refusal([] { return record(PlanarView<float>{nullptr, 10, 2}); }) ==
          "record: invalid argument (the audio is null)");
    CHECK(refusal([] { return play_and_record(PlanarView<float>{nullptr, 10, 2}); }) ==
          "play_and_record: invalid argument (the audio is null)");
    CHECK(refusal([&] { return record(InterleavedView<float>{memory, 0}); }) ==
          "record: invalid argument (the audio has no channels)");
    CHECK(refusal([&] { return record<float>(1, {.mapping = std::vector<std::size_t>{}}); }) ==
          "record: invalid argument (the mapping is empty)");
    CHECK(refusal([&] { return record<float>(1, {.mapping = {4}}); }) ==
          "Stream: Invalid number of channels (5 input channels, \"Interface\" has 4)");
    CHECK(refusal([&] { return record(InterleavedView<float>{memory, 6}); }) ==
          "Stream: Invalid number of channels (6 input channels, \"Interface\" has 4)");
    CHECK(refusal([&] { return record(InterleavedView<float>{memory, 2}, {.mapping = {0}}); }) ==
          "record: channel counts do not fit (1 channels in the mapping, the audio has 2)");
    CHECK(refusal([&] {
              return record(InterleavedView<float>{memory, 2}, {.input = {.channels = 3}});
          }) == "record: channel counts do not fit (3 channels of input, the audio has 2)");
    CHECK(refusal([&] {
              return record(InterleavedView<float>{memory, 2}, {.input = {.channels = -1}});
          }) == "record: channel counts do not fit (-1 channels of input, the audio has 2)");
    CHECK(refusal([&] { return record<float>(1, {.input = {.channels = 1}, .mapping = {1}}); }) ==
          "record: channel counts do not fit (channel 1 in the mapping, the stream is to "
          "have 1 channels)");
    const InterleavedView<const float> view{memory, 2};
    CHECK(refusal([&] {
              return play_and_record(view, {.input_mapping = std::vector<std::size_t>{}});
          }) == "play_and_record: invalid argument (the mapping is empty)");
    CHECK(refusal([&] { return play_and_record(view, {.output_mapping = {0}}); }) ==
          "play_and_record: channel counts do not fit (1 channels in the mapping, the audio has "
          "2)");
    CHECK(refusal([&] { return play_and_record(view.slice(0, 0)); }) ==
          "play_and_record: invalid argument (the audio has no frames)");
    CHECK(audio.streams() == 0);
    CHECK(refusal([] { return record<float>(std::numeric_limits<std::size_t>::max()); }) ==
          "record: invalid argument (18446744073709551615 frames of 2 channels are "
          "1.475739526e+20 bytes, more than there is memory)");
#if !defined(PORTSPAN_TEST_ASAN) && !defined(PORTSPAN_TEST_TSAN)  // they end the program
    CHECK(refusal([] { return record<std::uint8_t>(1ull << 58, {.input = {.channels = 1}}); }) ==
          "record: invalid argument (288230376151711744 frames of 1 channels are "
          "2.882303762e+17 bytes, more than there is memory)");
#endif
    CHECK(audio.open_streams() == 0);
    CHECK(audio.initialized() == 0);
    CHECK(refusal([] { return record<float>(1, {.mapping = {3}}); }) == "no error");
}

TEST_CASE("a recording is looked at and waited for by threads of their own") {
    Scope audio;
    audio.feed([](std::size_t, std::size_t) { return 0.5f; });
    audio.run(10);
    auto recording = record<float>(24000);
    std::size_t wrong = 0;
    std::thread other{[&] {
        for (std::size_t frames = 0; frames < 24000;) {
            const auto recorded = recording.recorded();
            frames = recorded.frames();
            if (frames > 0) wrong += recorded(frames - 1, 1) != 0.5f;
        }
    }};
    recording.wait();
    other.join();
    CHECK(wrong == 0);
}
