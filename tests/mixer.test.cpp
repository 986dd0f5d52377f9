// SPDX-License-Identifier: MIT
// What a mixer plays and records, to the frame, and what becomes of it.
#include <portspan/guards.hpp>
#include <portspan/mixer.hpp>
#include <portspan/mixer_table.hpp>
#include <portspan/mock.hpp>
#include <portspan/renderer.hpp>
#include <portspan/slot.hpp>
#include <portspan/stream.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using namespace std::chrono_literals;
using portspan::ActionState;
using portspan::Fault;
using portspan::Int24;
using portspan::Interleaved;
using portspan::InterleavedView;
using portspan::Mixer;
using portspan::MixerAction;
using portspan::OutputStream;
using portspan::Planar;
using portspan::PlanarView;
using portspan::Renderer;
using portspan::RingBuffer;
using portspan::Stream;
using portspan::StreamClock;
using portspan::mock::Scope;
using Moment = StreamClock::time_point;

namespace {

constexpr double rate = 48000;
constexpr std::size_t block = 8;

Moment seconds(double seconds) { return Moment{StreamClock::duration{seconds}}; }

/// A renderer's clock: frame `frame` is at the ADC then, and a block later at the DAC.
Moment adc(double frame) { return seconds(frame / rate); }
Moment dac(double frame) { return adc(frame + block); }

/// 1, 2, 3 and so on.
template <class T = float>
std::vector<T> counting(std::size_t count, int first = 1) {
    std::vector<T> samples;
    for (std::size_t i = 0; i < count; ++i) {
        samples.push_back(static_cast<T>(first + static_cast<int>(i)));
    }
    return samples;
}
template <class T>
InterleavedView<const T> mono(const std::vector<T>& samples) {
    return {samples, 1};
}

/// `count` zeros, with `audio` from frame `first` on.
std::vector<float> silent_but(std::size_t count, std::size_t first, std::vector<float> audio) {
    std::vector<float> samples(count);
    std::copy(audio.begin(), audio.end(), samples.begin() + std::ptrdiff_t(first));
    return samples;
}

/// A mixer in a renderer of two channels each way, whose input counts: channel 0 is the frame's
/// number, channel 1 that and 1000.
template <class T, class L = Interleaved>
class Bench {
public:
    Mixer<T, T, L> mixer;
    std::vector<T> left;   ///< what was played
    std::vector<T> right;  ///< likewise

    void process(std::size_t frames) {
        portspan::detail::Buffer<T, L> input{frames, 2};
        portspan::detail::Buffer<T, L> output{frames, 2};
        const auto in = input.view(frames);
        for (std::size_t i = 0; i < frames; ++i) {
            in(i, 0) = static_cast<T>(static_cast<int>(renderer_.position() + i));
            in(i, 1) = static_cast<T>(static_cast<int>(renderer_.position() + i + 1000));
        }
        const auto out = output.view(frames);
        portspan::detail::fill_silence(out);
        renderer_.process(in, out);
        for (std::size_t i = 0; i < frames; ++i) {
            left.push_back(out(i, 0));
            right.push_back(out(i, 1));
        }
    }

private:
    Renderer<T, T, L> renderer_{{.sample_rate = rate, .frames_per_buffer = block}, mixer};
};

// Mixer alone makes one.
static_assert(!std::is_constructible_v<MixerAction, std::shared_ptr<portspan::detail::MixerCore>,
                                       std::shared_ptr<portspan::detail::Job>>);

std::string refusal(const std::optional<portspan::Error>& error, std::error_code code) {
    REQUIRE(error);
    CHECK(error->code() == code);
    return error->detail();
}

}  // namespace

TEMPLATE_TEST_CASE("a view plays from its frame on", "", Interleaved, Planar) {
    Bench<float, TestType> bench;
    const auto samples = counting(10);
    SECTION("in the middle of a block, over its end") {
        auto action = bench.mixer.play(mono(samples), {.at = dac(13), .mapping = {0}});
        bench.process(32);
        CHECK(bench.left == silent_but(32, 13, samples));
        CHECK(bench.right == std::vector<float>(32));
        CHECK(action.done());
        const auto statistics = action.statistics();
        CHECK(statistics.state == ActionState::complete);
        CHECK(std::abs((statistics.start.value() - dac(13)).count()) < 1e-9);
        CHECK_FALSE(statistics.belated);
        CHECK(statistics.frames == 10);
        CHECK(statistics.missing == 0);
        CHECK(statistics.blocks.blocks == 2);
    }
    SECTION("at each frame of a block") {
        for (std::size_t frame = 0; frame < 3 * block; ++frame) {
            Bench<float, TestType> other;
            other.mixer.play(mono(samples), {.at = dac(double(frame))});
            other.process(40);
            CHECK(other.left == silent_but(40, frame, samples));
        }
    }
    SECTION("rounded to the nearest one") {
        bench.mixer.play(mono(samples), {.at = dac(7.4)});
        bench.mixer.play(mono(samples), {.at = dac(7.6), .mapping = {1}});
        bench.process(32);
        CHECK(bench.left == silent_but(32, 7, samples));
        CHECK(bench.right == silent_but(32, 8, samples));
    }
    SECTION("with the next block, without a time") {
        bench.process(8);
        bench.mixer.play(mono(samples));
        bench.process(16);
        CHECK(bench.left == silent_but(24, 8, samples));
    }
    SECTION("on the channels of its mapping") {
        auto stereo = counting(8);
        bench.mixer.play(InterleavedView<const float>{stereo, 2}, {.mapping = {1, 0}});
        std::vector<float> left{10, 20}, right{30, 40};
        float* const planes[]{left.data(), right.data()};
        bench.mixer.play(PlanarView<float>{planes, 2, 2}, {.at = dac(8)});
        bench.mixer.play(mono(samples), {.at = dac(16), .mapping = {0, 1}});
        bench.process(32);
        auto on_left = silent_but(32, 16, samples), on_right = on_left;
        const std::vector<float> even{2, 4, 6, 8}, odd{1, 3, 5, 7};
        std::copy(even.begin(), even.end(), on_left.begin());
        std::copy(odd.begin(), odd.end(), on_right.begin());
        std::copy(left.begin(), left.end(), on_left.begin() + 8);
        std::copy(right.begin(), right.end(), on_right.begin() + 8);
        CHECK(bench.left == on_left);
        CHECK(bench.right == on_right);
    }
    SECTION("again and again, until it is cancelled") {
        const auto three = counting(3);
        auto action = bench.mixer.play(mono(three), {.at = dac(2), .loop = true});
        action.cancel(dac(13));
        bench.process(24);
        CHECK(bench.left == silent_but(24, 2, {1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2}));
        CHECK(action.statistics().state == ActionState::cancelled);
        CHECK(action.statistics().frames == 11);
    }
}

TEMPLATE_TEST_CASE("what plays together is added up, around silence and as far as it goes", "",
                   float, std::int32_t, Int24, std::int16_t, std::int8_t, std::uint8_t) {
    Bench<TestType> bench;
    Bench<TestType, Planar> planar;
    constexpr int zero = static_cast<int>(portspan::silence<TestType>);
    const std::vector<TestType> quiet(4, static_cast<TestType>(zero + 3));
    const auto check = [&](auto& mixed, auto expected) {
        for (std::size_t i = 0; i < 16; ++i) {
            CHECK(mixed.left[i] == (i >= 5 && i < 9 ? expected : static_cast<TestType>(zero)));
            CHECK(mixed.right[i] == static_cast<TestType>(zero));
        }
    };
    SECTION("three") {
        for (int i = 0; i < 3; ++i) {
            bench.mixer.play(mono(quiet), {.at = dac(5)});
            planar.mixer.play(quiet, {.at = dac(5)});
        }
        bench.process(16);
        planar.process(16);
        check(bench, static_cast<TestType>(zero + 9));
        check(planar, static_cast<TestType>(zero + 9));
    }
    SECTION("to full scale") {
        if constexpr (!std::is_same_v<TestType, float>) {
            TestType high{}, low{};
            if constexpr (std::is_same_v<TestType, Int24>) {
                high = Int24{Int24::max};
                low = Int24{Int24::min};
            } else {
                high = (std::numeric_limits<TestType>::max)();
                low = (std::numeric_limits<TestType>::min)();
            }
            bench.mixer.play(std::vector<TestType>(4, high), {.at = dac(5)});
            bench.mixer.play(std::vector<TestType>(4, high), {.at = dac(5)});
            bench.process(16);
            check(bench, high);
            planar.mixer.play(std::vector<TestType>(4, low), {.at = dac(5)});
            planar.mixer.play(std::vector<TestType>(4, low), {.at = dac(5)});
            planar.process(16);
            check(planar, low);
        }
    }
}

TEMPLATE_TEST_CASE("a view records from its frame on", "", Interleaved, Planar) {
    Bench<std::int32_t, TestType> bench;
    SECTION("in the middle of a block, over its end") {
        std::vector<std::int32_t> samples(20, -1);
        auto action =
            bench.mixer.record(InterleavedView<std::int32_t>{samples, 2}, {.at = adc(13)});
        bench.process(32);
        CHECK(action.done());
        for (int i = 0; i < 10; ++i) {
            CHECK(samples[std::size_t(2 * i)] == 13 + i);
            CHECK(samples[std::size_t(2 * i + 1)] == 1013 + i);
        }
        CHECK(action.statistics().frames == 10);
        CHECK(std::abs((action.statistics().start.value() - adc(13)).count()) < 1e-9);
    }
    SECTION("each channel that its mapping names, also twice") {
        std::vector<std::int32_t> a(3), b(3), c(3);
        std::int32_t* const planes[]{a.data(), b.data(), c.data()};
        bench.mixer.record(PlanarView<std::int32_t>{planes, 3, 3},
                           {.at = adc(4), .mapping = {1, 0, 1}});
        bench.process(8);
        CHECK(a == std::vector<std::int32_t>{1004, 1005, 1006});
        CHECK(b == std::vector<std::int32_t>{4, 5, 6});
        CHECK(c == a);
    }
    SECTION("while others play, in one block of memory too") {
        std::vector<std::int32_t> samples(8);
        bench.mixer.record(InterleavedView<std::int32_t>{samples, 1}, {.at = adc(8)});
        bench.mixer.play(mono(samples), {.at = dac(8)});
        bench.process(16);
        CHECK(samples == counting<std::int32_t>(8, 8));
        CHECK(std::vector(bench.left.begin() + 8, bench.left.end()) == samples);
    }
}

TEST_CASE("a mixer works in place: what is recorded is the input") {
    Mixer<float> mixer;
    Renderer<float> renderer{{.input_channels = 1, .output_channels = 1, .frames_per_buffer = 4},
                             portspan::in_place(mixer)};
    std::vector<float> recorded(4), buffer = counting(4, 5);
    const auto played = counting(4);
    mixer.play(mono(played));
    mixer.record(InterleavedView<float>{recorded, 1});
    const InterleavedView<float> both{buffer, 1};
    SECTION("by the adaptor") {
        std::vector<float> output(4);
        renderer.process(both, InterleavedView<float>{output, 1});
        CHECK(output == played);
    }
    SECTION("by the buffers") {
        renderer.process(both, both);
        CHECK(buffer == played);
    }
    CHECK(recorded == counting(4, 5));
}

TEST_CASE("without an input silence is recorded") {
    Scope audio;
    Mixer<std::uint8_t, void> mixer;
    portspan::InputStream<std::uint8_t> stream{{.input = {.channels = 1}}, mixer};
    audio.null_input(1);
    std::vector<std::uint8_t> samples(4, 1);
    mixer.record(InterleavedView<std::uint8_t>{samples, 1});
    stream.start();
    audio.pump(4);
    CHECK(samples == std::vector<std::uint8_t>(4, 128));
}

TEST_CASE("a mixer plays and records at the times of a device, with blocks of any size") {
    Scope audio;
    audio.feed([](std::size_t frame, std::size_t) { return float(frame) / 4096; });
    Mixer<float> mixer;
    Stream<float> stream{{.input = {.channels = 1, .latency = 10ms},
                          .output = {.channels = 1, .latency = 20ms},
                          .sample_rate = rate},
                         mixer};
    stream.start();
    audio.blocks({5, 64, 1, 17});
    const auto beep = counting(100);
    const Moment now = stream.time();
    auto play = mixer.play(mono(beep), {.at = now + 20ms + 10ms});
    std::vector<float> heard(100);
    auto record = mixer.record(InterleavedView<float>{heard, 1}, {.at = now - 10ms + 5ms});
    audio.pump(1000);
    const auto captured = audio.captured();  // what does not fill a block is kept
    REQUIRE(captured.size() > 900);
    CHECK(captured == silent_but(captured.size(), 480, beep));
    for (std::size_t i = 0; i < heard.size(); ++i) CHECK(heard[i] == float(240 + i) / 4096);
    CHECK(play.statistics().blocks.smallest_block == 1);
    CHECK(play.statistics().blocks.largest_block == 64);
    CHECK(std::abs((*record.statistics().start - (now - 5ms)).count()) < 1e-9);
}

TEST_CASE("what follows at ends_at() follows without a gap") {
    Bench<float> bench;
    const auto samples = counting(11);
    auto first = bench.mixer.play(mono(samples), {.at = dac(3)});
    auto second = bench.mixer.play(mono(samples), {.at = first.ends_at()});
    auto third = bench.mixer.play(mono(samples), {.at = second.ends_at()});
    bench.process(48);
    auto expected = silent_but(48, 3, samples);
    std::copy(samples.begin(), samples.end(), expected.begin() + 14);
    std::copy(samples.begin(), samples.end(), expected.begin() + 25);
    CHECK(bench.left == expected);
    CHECK(std::abs((third.ends_at().value() - dac(36)).count()) < 1e-9);
    CHECK(std::abs((third.starts_at().value() - dac(25)).count()) < 1e-9);
}

TEST_CASE("ends_at() is empty where nobody knows") {
    Mixer<float> mixer;
    const auto samples = counting(4);
    auto without_stream = mixer.play(mono(samples), {.at = dac(0)});
    CHECK_FALSE(without_stream.ends_at());
    CHECK(without_stream.starts_at() == dac(0));
    Renderer<float> renderer{{}, mixer};
    CHECK(without_stream.ends_at());
    CHECK_FALSE(mixer.play(mono(samples)).ends_at());
    CHECK_FALSE(mixer.play(mono(samples)).starts_at());
    CHECK_FALSE(mixer.play(mono(samples), {.at = dac(0), .loop = true}).ends_at());
    auto ring = mixer.play(RingBuffer<float>{4, 1}, {.at = dac(0)});
    CHECK_FALSE(ring.ends_at());
}

TEST_CASE("an action whose time has passed") {
    Bench<float> bench;
    const auto samples = counting(4);
    bench.process(16);
    SECTION("starts at once, and says so") {
        auto action = bench.mixer.play(mono(samples), {.at = dac(3)});
        bench.process(8);
        CHECK(bench.left == silent_but(24, 16, samples));
        const auto statistics = action.statistics();
        CHECK(statistics.state == ActionState::complete);
        CHECK(statistics.belated);
        CHECK(std::abs((statistics.start.value() - dac(16)).count()) < 1e-9);
    }
    SECTION("is dropped, where that is wanted") {
        auto action = bench.mixer.play(mono(samples), {.at = dac(15), .allow_belated = false});
        bench.process(8);
        CHECK(bench.left == std::vector<float>(24));
        CHECK(action.done());
        const auto statistics = action.statistics();
        CHECK(statistics.state == ActionState::dropped);
        CHECK(statistics.belated);
        CHECK_FALSE(statistics.start);
        CHECK(statistics.frames == 0);
        CHECK_FALSE(action.ends_at());
    }
    SECTION("is in time at the first frame of the block") {
        auto action = bench.mixer.play(mono(samples), {.at = dac(16), .allow_belated = false});
        bench.process(8);
        CHECK(action.statistics().state == ActionState::complete);
    }
}

TEST_CASE("a clock that jitters makes nothing belated that was waiting") {
    Scope audio;
    Mixer<void, float> mixer;
    OutputStream<float> stream{{.output = {.channels = 1}, .sample_rate = rate}, mixer};
    stream.start();
    audio.blocks({8});
    bool jumps = false;
    double first = 0;
    audio.times([&](PaStreamCallbackTimeInfo& time) {
        if (first == 0) first = time.outputBufferDacTime;
        if (std::exchange(jumps, true)) time.outputBufferDacTime += 2 / rate;
    });
    const auto samples = counting(4);
    audio.pump(8);
    // Block 1 is at frames 10 to 18 by its time, block 0 was at 0 to 8.
    Mixer<void, float> same = mixer;
    auto action =
        same.play(mono(samples), {.at = seconds(first + 19 / rate), .allow_belated = false});
    audio.pump(8);
    CHECK(action.statistics().state == ActionState::waiting);
    audio.times([&](PaStreamCallbackTimeInfo& time) { time.outputBufferDacTime += 4 / rate; });
    audio.pump(8);
    CHECK(action.statistics().state == ActionState::complete);
    CHECK_FALSE(action.statistics().belated);
    CHECK(audio.captured() == silent_but(24, 16, samples));
}

TEST_CASE("a clock that leaps over an action makes it belated") {
    Scope audio;
    Mixer<void, float> mixer;
    OutputStream<float> stream{{.output = {.channels = 1}, .sample_rate = rate}, mixer};
    stream.start();
    audio.blocks({8});
    const bool is_exact = GENERATE(true, false);
    const bool allow_belated = GENERATE(true, false);
    double leap = 0;
    audio.times([&](PaStreamCallbackTimeInfo& time) {
        time.currentTime += leap;
        time.outputBufferDacTime = is_exact ? time.outputBufferDacTime + leap : 0;
    });
    auto action = mixer.play(counting(4), {.at = stream.time() + StreamClock::duration{1},
                                           .allow_belated = allow_belated});
    audio.pump(8);
    CHECK(action.statistics().state == ActionState::waiting);
    leap = 10;
    audio.pump(8);
    CHECK(action.statistics().state ==
          (allow_belated ? ActionState::complete : ActionState::dropped));
    CHECK(action.statistics().belated);
}

TEST_CASE("a host that does not tell the times of its buffers") {
    Scope audio;
    Mixer<float> mixer;
    Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}, .sample_rate = rate},
                         mixer};
    const auto samples = counting(4);
    std::vector<float> recorded(4);
    audio.blocks({8});
    stream.start();
    const Moment now = stream.time();
    const Moment later = now + StreamClock::duration{10 / rate};
    SECTION("plays with the first block that is called for at that time") {
        const double untold = GENERATE(0.0, std::numeric_limits<double>::infinity(),
                                       std::numeric_limits<double>::quiet_NaN());
        audio.times([=](PaStreamCallbackTimeInfo& time) {
            time.outputBufferDacTime = time.inputBufferAdcTime = untold;
        });
        auto play = mixer.play(mono(samples), {.at = later});
        auto record = mixer.record(InterleavedView<float>{recorded, 1}, {.at = later});
        auto loop = mixer.play(mono(samples), {.loop = true});
        loop.cancel(later);
        audio.pump(32);
        std::vector<float> expected;
        for (std::size_t i = 0; i < 16; ++i) expected.push_back(float(i % 4 + 1));
        expected.insert(expected.end(), samples.begin(), samples.end());
        expected.resize(32);
        CHECK(audio.captured() == expected);
        CHECK(std::abs((*play.statistics().start - now).count() - 16 / rate) < 1e-9);
        CHECK(play.statistics().start == record.statistics().start);
        CHECK_FALSE(play.statistics().belated);
    }
    SECTION("or of anything plays by the frames since its start") {
        const double untold = GENERATE(0.0, -std::numeric_limits<double>::infinity(),
                                       std::numeric_limits<double>::quiet_NaN());
        audio.times([=](PaStreamCallbackTimeInfo& time) { time = {untold, untold, untold}; });
        mixer.play(mono(samples), {.at = adc(10)});
        audio.pump(32);
        CHECK(audio.captured() == silent_but(32, 10, samples));
        stream.stop();
        stream.start();
        mixer.play(mono(samples), {.at = adc(3)});
        audio.pump(8);
        auto expected = silent_but(40, 10, samples);
        std::copy(samples.begin(), samples.end(), expected.begin() + 35);
        CHECK(audio.captured() == expected);
    }
}

TEST_CASE("an action is cancelled") {
    Bench<float> bench;
    const auto samples = counting(100);
    auto action = bench.mixer.play(mono(samples), {.at = dac(4)});
    const auto first = [&](std::size_t count) {
        return silent_but(bench.left.size(), 4,
                          {samples.begin(), samples.begin() + std::ptrdiff_t(count)});
    };
    const auto check = [&](std::size_t frames) {
        CHECK(bench.left == first(frames));
        CHECK(action.done());
        CHECK(action.statistics().state == ActionState::cancelled);
        CHECK(action.statistics().frames == frames);
    };
    SECTION("with the next block") {
        bench.process(8);
        action.cancel();
        bench.process(16);
        check(4);
    }
    SECTION("at a frame, in a later block") {
        action.cancel(dac(21));
        bench.process(32);
        check(17);
        CHECK(std::abs((action.ends_at().value() - dac(21)).count()) < 1e-9);
    }
    SECTION("in the block in which it starts") {
        action.cancel(dac(6));
        bench.process(8);
        check(2);
    }
    SECTION("before it starts") {
        action.cancel(dac(4));
        bench.process(8);
        check(0);
        CHECK_FALSE(action.statistics().start);
        CHECK(action.statistics().blocks.blocks == 0);
    }
    SECTION("long before it starts, and is over then") {
        auto later = bench.mixer.play(mono(samples), {.at = dac(1000)});
        later.cancel(dac(3));
        bench.process(8);
        CHECK(later.done());
        CHECK(later.statistics().state == ActionState::cancelled);
    }
    SECTION("where its time has passed, which is not told then") {
        bench.process(8);
        for (const bool allow_belated : {true, false}) {
            auto late =
                bench.mixer.play(mono(samples), {.at = dac(2), .allow_belated = allow_belated});
            late.cancel(dac(7));
            bench.process(8);
            CHECK(late.statistics().state == ActionState::cancelled);
            CHECK_FALSE(late.statistics().belated);
        }
    }
    SECTION("in the past") {
        bench.process(8);
        action.cancel(dac(5));
        bench.process(8);
        check(4);
    }
    SECTION("twice: the earlier time counts") {
        action.cancel(dac(12));
        action.cancel(dac(21));
        bench.process(32);
        check(8);
        action.cancel();
        action.cancel(dac(100));
        check(8);
    }
    SECTION("by a copy, after the mixer was moved") {
        const MixerAction copy = std::move(action);
        action.cancel();
        CHECK_FALSE(copy.done());
        bench.process(8);
        check(0);
        CHECK(copy.done());
    }
    SECTION("after its last frame that changes nothing") {
        action.cancel(dac(104));
        bench.process(120);
        CHECK(bench.left == first(100));
        CHECK(action.statistics().state == ActionState::complete);
    }
    SECTION("a recording as well") {
        std::vector<float> recorded(20, -1);
        auto recording = bench.mixer.record(InterleavedView<float>{recorded, 1}, {.at = adc(2)});
        recording.cancel(adc(11));
        bench.process(24);
        auto expected = counting(9, 2);
        expected.resize(20, -1);
        CHECK(recorded == expected);
    }
}

TEMPLATE_TEST_CASE("a ring buffer plays while somebody writes", "", Interleaved, Planar) {
    Bench<float, TestType> bench;
    RingBuffer<float> ring{20, 2};
    const auto write = [&](std::size_t frames, int first) {
        std::vector<float> samples;
        for (std::size_t i = 0; i < frames; ++i) {
            samples.push_back(float(first + int(i)));
            samples.push_back(float(-first - int(i)));
        }
        CHECK(ring.write(InterleavedView<float>{samples, 2}) == frames);
    };
    auto action = bench.mixer.play(ring, {.at = dac(5)});
    write(10, 1);
    bench.process(16);
    SECTION("from its frame on, around its end, to finish()") {
        CHECK(ring.readable() == 0);
        CHECK(action.statistics().missing == 1);
        write(18, 11);
        ring.finish();
        bench.process(24);
        auto expected = silent_but(40, 5, counting(10));
        const auto rest = counting(18, 11);
        std::copy(rest.begin(), rest.end(), expected.begin() + 16);
        CHECK(bench.left == expected);
        for (float& sample : expected) sample = -sample;
        CHECK(bench.right == expected);
        CHECK(action.done());
        CHECK(action.statistics().state == ActionState::complete);
        CHECK(action.statistics().frames == 28);
        CHECK(action.statistics().missing == 1);
    }
    SECTION("silence where it is empty, which is counted, to cancel()") {
        bench.process(16);
        CHECK_FALSE(action.done());
        action.cancel(dac(35));
        bench.process(16);
        CHECK(bench.left == silent_but(48, 5, counting(10)));
        CHECK(action.done());
        CHECK(action.statistics().frames == 10);
        CHECK(action.statistics().missing == 20);
    }
    SECTION("by one action at a time") {
        CHECK(refusal(error_of([&] { bench.mixer.play(ring); }), Fault::invalid_argument) ==
              "the ring buffer is being played already");
        action.cancel();
        bench.process(8);
        bench.mixer.play(ring);
    }
}

TEMPLATE_TEST_CASE("a ring buffer records while somebody reads", "", Interleaved, Planar) {
    Bench<std::int32_t, TestType> bench;
    RingBuffer<std::int32_t> ring{12, 1};
    auto action = bench.mixer.record(ring, {.at = adc(5), .mapping = {1}});
    const auto read = [&] {
        std::vector<std::int32_t> samples(20);
        samples.resize(ring.read(InterleavedView<std::int32_t>{samples, 1}));
        return samples;
    };
    bench.process(16);
    SECTION("from its frame on, around its end, to cancel()") {
        CHECK(read() == counting<std::int32_t>(11, 1005));
        action.cancel(adc(25));
        bench.process(16);
        CHECK(read() == counting<std::int32_t>(9, 1016));
        CHECK(action.statistics().frames == 20);
        CHECK(action.statistics().missing == 0);
        bench.mixer.record(ring);
    }
    SECTION("what there is no room for is lost, and counted") {
        bench.process(8);
        CHECK(action.statistics().missing == 7);
        CHECK(read() == counting<std::int32_t>(12, 1005));
        bench.process(8);
        CHECK(read() == counting<std::int32_t>(8, 1024));
        CHECK(action.statistics().frames == 20);
    }
    SECTION("by one action at a time, which another may play") {
        CHECK(refusal(error_of([&] { bench.mixer.record(ring); }), Fault::invalid_argument) ==
              "the ring buffer is being recorded into already");
        bench.mixer.play(ring);
        bench.process(8);
        CHECK(std::vector(bench.left.begin() + 16, bench.left.end()) ==
              counting<std::int32_t>(8, 1005));
    }
}

TEST_CASE("memory is kept until its action is over, and no longer") {
    Bench<float> bench;
    const auto owner = [] { return std::make_shared<std::vector<float>>(counting(8)); };
    auto samples = owner();
    const std::weak_ptr<std::vector<float>> alive = samples;
    const InterleavedView<const float> view{samples->data(), 8, 1};
    auto action = bench.mixer.play(view, {.at = dac(4), .keep_alive = std::move(samples)});
    bench.process(8);
    CHECK_FALSE(action.done());
    CHECK_FALSE(alive.expired());
    bench.process(8);
    SECTION("by done()") { CHECK(action.done()); }
    SECTION("by wait()") { CHECK(action.wait()); }
    SECTION("by any call of the mixer") { (void)bench.mixer.statistics(); }
    CHECK(alive.expired());
    CHECK(bench.left == silent_but(16, 4, counting(8)));
}

TEST_CASE("memory is not given back by the audio thread, but when everybody has gone") {
    std::optional<Bench<float>> bench{std::in_place};
    auto samples = std::make_shared<std::vector<float>>(counting(8));
    const std::weak_ptr<std::vector<float>> alive = samples;
    std::optional<MixerAction> action =
        bench->mixer.play(InterleavedView<const float>{*samples, 1}, {.keep_alive = samples});
    samples.reset();
    SECTION("after its end") {
        bench->process(16);
        CHECK_FALSE(alive.expired());
        bench.reset();
        CHECK(alive.expired());
        CHECK(action->statistics().state == ActionState::complete);
        CHECK(action->done());
    }
    SECTION("in the middle") {
        bench->process(4);
        bench.reset();
        CHECK(alive.expired());
        CHECK(action->wait());
        CHECK(action->statistics().state == ActionState::interrupted);
    }
}

TEST_CASE("samples that were moved in are the mixer's") {
    Bench<float> bench;
    bench.mixer.play(counting(4), {.at = dac(2), .mapping = {0, 1}});
    bench.process(8);
    CHECK(bench.left == silent_but(8, 2, counting(4)));
    CHECK(bench.right == bench.left);
}

TEST_CASE("what a stream leaves at its end is interrupted, and nobody waits for it") {
    Scope audio;
    Mixer<void, float> mixer;
    std::optional<OutputStream<float>> stream;
    stream.emplace(portspan::StreamConfig{.output = {.channels = 1}, .frames_per_buffer = 8},
                   mixer);
    const auto samples = counting(100);
    const auto is_interrupted = [](MixerAction& action) {
        CHECK(action.wait());
        CHECK(action.done());
        CHECK(action.statistics().state == ActionState::interrupted);
    };
    stream->start();
    auto running = mixer.play(mono(samples));
    auto waiting = mixer.play(mono(samples), {.at = stream->time() + 100s});
    audio.pump(8);
    auto untaken = mixer.play(mono(samples));
    CHECK_FALSE(running.wait_for(0s));
    SECTION("by stop()") { stream->stop(); }
    SECTION("by abort()") { stream->abort(); }
    SECTION("by close()") { stream->close(); }
    SECTION("by its destructor") { stream.reset(); }
    SECTION("by request_stop()") {
        stream->request_stop();
        audio.pump(8);
    }
    SECTION("by a stop that nobody has noticed before the next start") {
        stream->stop();
        stream->start();
        audio.pump(8);
        const auto captured = audio.captured();
        CHECK(std::vector(captured.end() - 8, captured.end()) == std::vector<float>(8));
    }
    is_interrupted(running);
    is_interrupted(waiting);
    is_interrupted(untaken);
    CHECK(running.statistics().frames >= 8);
    CHECK(waiting.statistics().frames == 0);
}

TEST_CASE("what is scheduled without a stream is for the next one") {
    Scope audio;
    Mixer<void, float> mixer;
    const portspan::StreamConfig config{.output = {.channels = 1}};
    const auto samples = counting(4);
    auto action = mixer.play(mono(samples));
    CHECK_FALSE(action.done());
    CHECK_FALSE(action.wait());
    {
        OutputStream<float> never_started{config, mixer};
        CHECK_FALSE(action.wait_for(1h));
    }
    CHECK(action.statistics().state == ActionState::waiting);
    SECTION("where it plays") {
        OutputStream<float> stream{config, mixer};
        stream.start();
        audio.pump(8);
        CHECK(audio.captured(1) == silent_but(8, 0, samples));
        CHECK(action.done());
        stream.stop();
        auto next = mixer.play(mono(samples));
        CHECK_FALSE(next.wait());
        stream.start();
        audio.pump(8);
        CHECK(next.wait());
        CHECK(next.statistics().state == ActionState::complete);
    }
    SECTION("unless it is cancelled, which needs none") {
        action.cancel();
        CHECK(action.wait());
        CHECK(action.statistics().state == ActionState::cancelled);
    }
    SECTION("but not where it does not fit") {
        mixer.play(mono(samples), {.mapping = {3}});
        CHECK(refusal(error_of([&] { OutputStream<float>{config, mixer}; }),
                      Fault::channel_mismatch) == "4 output channels are needed, the stream has 1");
    }
}

TEST_CASE("a stream that could not be started has not run") {
    Scope audio;
    Mixer<void, float> mixer;
    OutputStream<float> stream{{.output = {.channels = 1}}, mixer};
    const auto samples = counting(4);
    auto action = mixer.play(mono(samples));
    audio.fail("Pa_StartStream", paDeviceUnavailable);
    CHECK_THROWS_AS(stream.start(), portspan::Error);
    CHECK(action.wait());
    CHECK(action.statistics().state == ActionState::interrupted);
}

TEST_CASE("a device that makes no call is not waited for for ever") {
    Scope audio;
    Mixer<void, float> mixer{{.patience = 20ms}};
    OutputStream<float> stream{mixer};
    stream.start();
    auto action = mixer.play(counting(4));
    audio.lose_device();
    CHECK(refusal(error_of([&] { action.wait(); }), portspan::portaudio_error(paTimedOut)) ==
          "no call from the device");
    CHECK_FALSE(action.done());
}

TEST_CASE("a mixer counts its blocks, and begins anew") {
    Scope audio;
    Mixer<float> mixer;
    Stream<float> stream{mixer};
    stream.start();
    CHECK(mixer.statistics().blocks == 0);
    CHECK(mixer.statistics().smallest_block == 0);
    audio.blocks({64, 16, 32});
    audio.status(paInputOverflow | paOutputUnderflow, 1);
    audio.status(paInputUnderflow | paOutputOverflow | paPrimingOutput, 2);
    std::vector<float> samples(80);
    auto action = mixer.play(mono(samples));
    audio.pump(64 + 16 + 32);
    for (int i = 0; i < 2; ++i) {
        const auto all = mixer.statistics();
        CHECK(all.blocks == 3);
        CHECK(all.smallest_block == 16);
        CHECK(all.largest_block == 64);
        CHECK(all.input_underflows == 1);
        CHECK(all.input_overflows == 1);
        CHECK(all.output_underflows == 1);
        CHECK(all.output_overflows == 1);
        CHECK(all.priming_outputs == 1);
    }
    const auto own = action.statistics().blocks;
    CHECK(own.blocks == 2);
    CHECK(own.output_underflows == 1);
    CHECK(own.priming_outputs == 0);
    CHECK(mixer.take_statistics().blocks == 3);
    CHECK(mixer.statistics().blocks == 0);
    audio.pump(64);
    CHECK(mixer.take_statistics().smallest_block == 64);
    CHECK(action.statistics().blocks.blocks == 2);
}

TEST_CASE("the statistics of an action are told while it runs") {
    Bench<float> bench;
    const auto samples = counting(20);
    auto action = bench.mixer.play(mono(samples), {.at = dac(4)});
    CHECK(action.statistics().state == ActionState::waiting);
    bench.process(8);
    CHECK(action.statistics().state == ActionState::running);
    CHECK(action.statistics().frames == 4);
    CHECK(action.statistics().start);
    bench.process(8);
    CHECK(action.statistics().frames == 12);
    bench.process(8);
    CHECK(action.statistics().frames == 20);
    CHECK(action.statistics().state == ActionState::complete);
}

TEST_CASE("a mixer is a callback among others") {
    Mixer<float> mixer;
    const auto samples = counting(4);
    const auto played = [](auto& renderer) {
        std::vector<float> input(4, 9), output(4, 9);
        renderer.process(InterleavedView<const float>{input, 1}, InterleavedView<float>{output, 1});
        return output;
    };
    const portspan::RenderConfig config{.input_channels = 1, .output_channels = 1};
    SECTION("in a guard") {
        Renderer<float> renderer{config, portspan::limit(mixer, -2.0f, 2.0f)};
        mixer.play(mono(samples));
        CHECK(played(renderer) == std::vector<float>{1, 2, 2, 2});
    }
    SECTION("in a slot, from which it is taken") {
        portspan::Slot<float> slot{mixer};
        Renderer<float> renderer{config, slot};
        mixer.play(mono(samples));
        CHECK(played(renderer) == samples);
        auto action = mixer.play(mono(samples));
        auto done = slot.exchange_async([](auto& b) noexcept { b.in_place(); }, {.frames = 0});
        played(renderer);
        done.get();
        CHECK(action.wait());
        CHECK(action.statistics().state == ActionState::interrupted);
    }
    SECTION("in one stream at a time") {
        Renderer<float> renderer{config, mixer};
        CHECK(refusal(error_of([&] { Renderer<float>{config, mixer}; }), Fault::invalid_argument) ==
              "another callback that is not destroyed yet has it, in this stream or another");
        mixer.play(mono(samples));
        CHECK(played(renderer) == samples);
    }
}

TEST_CASE("what a mixer cannot do is an Error that says so") {
    Bench<float> bench;
    Mixer<float> mixer = bench.mixer;
    const auto samples = counting(8);
    std::vector<float> memory(8);
    const InterleavedView<float> stereo{memory, 2};
    const auto refused = [](auto call, Fault fault = Fault::invalid_argument) {
        return refusal(error_of(call), fault);
    };
    SECTION("views of nothing") {
        CHECK(refused([&] { mixer.play(InterleavedView<const float>{nullptr, 4, 1}); }) ==
              "the audio is null");
        CHECK(refused([&] { mixer.play(std::vector<float>{}); }) == "the audio has no frames");
        CHECK(refused([&] { mixer.record(InterleavedView<float>{memory.data(), 4, 0}); }) ==
              "the audio has no channels");
        float* const planes[]{memory.data(), nullptr};
        CHECK(refused([&] { mixer.record(PlanarView<float>{planes, 4, 2}); }) ==
              "channel 1 of the audio is null");
    }
    SECTION("channels that are not there") {
        const std::vector<float> three(9);
        CHECK(refused([&] { mixer.play(InterleavedView<const float>{three, 3}); },
                      Fault::channel_mismatch) == "3 output channels are needed, the stream has 2");
        CHECK(refused([&] { mixer.record(stereo, {.mapping = {0, 7}}); },
                      Fault::channel_mismatch) == "8 input channels are needed, the stream has 2");
        CHECK(refused([&] { mixer.play(stereo, {.mapping = {0}}); }, Fault::channel_mismatch) ==
              "1 channels in the mapping, the audio has 2");
        CHECK(refused([&] { mixer.record(stereo, {.mapping = {0}}); }, Fault::channel_mismatch) ==
              "1 channels in the mapping, the audio has 2");
        CHECK(refused([&] { mixer.play(stereo, {.mapping = {1, 1}}); }) ==
              "output channel 1 is twice in the mapping");
        RingBuffer<float> ring{8, 3};
        for (int i = 0; i < 2; ++i) {  // it is free again
            CHECK(refused([&] { mixer.play(ring); }, Fault::channel_mismatch) ==
                  "3 output channels are needed, the stream has 2");
        }
        CHECK(refused([&] { mixer.record(ring, {.mapping = {0, 1}}); }, Fault::channel_mismatch) ==
              "2 channels in the mapping, the audio has 3");
    }
    SECTION("times that are none") {
        using Limits = std::numeric_limits<double>;
        auto action = mixer.play(mono(samples));
        for (const double time : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
            const char* const none = "the time is infinite or not a number";
            CHECK(refused([&] { mixer.play(mono(samples), {.at = seconds(time)}); }) == none);
            CHECK(refused([&] { mixer.record(stereo, {.at = seconds(time)}); }) == none);
            CHECK(refused([&] { action.cancel(seconds(time)); }) == none);
        }
        mixer.play(mono(samples), {.at = seconds(Limits::lowest())});
        auto never = mixer.play(mono(samples), {.at = seconds((Limits::max)())});
        bench.process(8);
        CHECK(never.statistics().state == ActionState::waiting);
        CHECK(bench.left[0] == 2);
    }
    SECTION("loops of what has no end") {
        const char* const none = "only a view that is played can loop";
        CHECK(refused([&] { mixer.record(stereo, {.loop = true}); }) == none);
        CHECK(refused([&] { mixer.play(RingBuffer<float>{4, 1}, {.loop = true}); }) == none);
        CHECK(refused([&] { mixer.record(RingBuffer<float>{4, 1}, {.loop = true}); }) == none);
    }
    SECTION("recording into a ring buffer that is finished") {
        RingBuffer<float> ring{4, 1};
        ring.finish();
        CHECK(refused([&] { mixer.record(ring); }) == "the ring buffer is finished");
    }
    SECTION("a mixer of nothing") {
        CHECK(refused([] { Mixer<float>{{.actions = 0}}; }) == "0 actions at once");
        CHECK(refused([] { Mixer<float>{{.actions = 1 << 17}}; }) == "131072 actions at once");
        CHECK(refused([] { Mixer<float>{{.patience = -1s}}; }) ==
              "the patience must be 0 s or more");
    }
    // What was refused has left nothing behind.
    CHECK(error_of([&] { bench.process(8); }) == std::nullopt);
}

TEST_CASE("what a call tells is not read before the call has ended") {
    portspan::detail::MixerTable table{1};
    portspan::BlockCounts counts;
    std::array<std::size_t, 3> banks{};
    for (std::size_t& bank : banks) {
        {
            const portspan::detail::MixerTable::Call call{table};
            bank = call.bank();
        }
        table.gather(counts);
    }
    CHECK(banks == std::array<std::size_t, 3>{0, 1, 0});
}

TEST_CASE("a mixer takes as many actions as it was made for, then again when one is over") {
    Mixer<void, float> mixer{{.actions = 2}};
    Renderer<void, float> renderer{{.output_channels = 1, .frames_per_buffer = 4}, mixer};
    const auto samples = counting(4);
    RingBuffer<float> ring{4, 1};
    mixer.play(mono(samples));
    mixer.play(mono(samples));
    CHECK(refusal(error_of([&] { mixer.play(mono(samples)); }),
                  std::make_error_code(std::errc::resource_unavailable_try_again)) ==
          "2 actions are waiting or running, MixerConfig has no room for more");
    CHECK_THROWS_AS(mixer.play(ring), portspan::Error);
    std::vector<float> output(4);
    renderer.process({}, InterleavedView<float>{output, 1});
    CHECK(output == std::vector<float>{2, 4, 6, 8});
    mixer.play(mono(samples));
    mixer.play(ring);
}

TEST_CASE("actions come and go in any order") {
    Mixer<void, float> mixer{{.actions = 4}};
    Renderer<void, float> renderer{{.output_channels = 1, .frames_per_buffer = 4}, mixer};
    const auto block_of = [&] {
        std::vector<float> output(4);
        renderer.process({}, InterleavedView<float>{output, 1});
        return output[0];
    };
    std::vector<MixerAction> actions;
    const auto play = [&](float sample) {
        actions.push_back(mixer.play(std::vector<float>(4, sample), {.loop = true}));
    };
    for (const float sample : {1.0f, 2.0f, 4.0f}) play(sample);
    CHECK(block_of() == 7);
    actions[1].cancel();
    CHECK(block_of() == 5);
    actions[2].cancel();
    CHECK(block_of() == 1);
    CHECK(actions[2].done());
    play(8);
    CHECK(block_of() == 9);
    play(16);
    play(32);
    CHECK(block_of() == 57);
    actions[0].cancel();
    CHECK(block_of() == 56);
    CHECK(actions[0].done());
    for (const std::size_t i : {3u, 4u, 5u}) actions[i].cancel();
    CHECK(block_of() == 0);
    CHECK(actions[5].done());
    play(64);
    CHECK(block_of() == 64);
}

TEST_CASE("a callback cannot use a mixer") {
    Mixer<void, float> mixer;
    Renderer<void, float> mixing{{.output_channels = 1}, mixer};
    auto action = mixer.play(counting(4));
    int refused = 0;
    const auto try_all = [&](auto& called) {
        portspan::detail::fill_silence(called.output());
        const auto check = [&](auto call) {
            refused += error_of(call).value().code() == Fault::inside_callback;
        };
        check([&] { mixer.play(counting(4)); });
        check([&] { mixer.play(RingBuffer<float>{4, 1}); });
        check([&] { (void)mixer.statistics(); });
        check([&] { mixer.take_statistics(); });
        check([&] { action.cancel(); });
        check([&] { action.cancel(seconds(1)); });
        check([&] { action.wait(); });
        check([&] { action.wait_for(1s); });
        check([&] { (void)action.done(); });
        check([&] { (void)action.statistics(); });
        check([&] { (void)action.ends_at(); });
    };
    Renderer<void, float> renderer{{.output_channels = 1}, try_all};
    std::vector<float> output(4);
    renderer.process({}, InterleavedView<float>{output, 1});
    CHECK(refused == 11);
    mixing.process({}, InterleavedView<float>{output, 1});
    CHECK(output == counting(4));
}
