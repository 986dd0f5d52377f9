// SPDX-License-Identifier: MIT
// Sources that sound together: what they are called with, what their sum is, how they end.
#include <portspan/mix.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <portspan/chain.hpp>
#include <portspan/check.hpp>
#include <portspan/guards.hpp>
#include <portspan/mock.hpp>
#include <portspan/render.hpp>
#include <portspan/stream.hpp>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "catch.hpp"

using portspan::bound;
using portspan::chain;
using portspan::in_place;
using portspan::Int24;
using portspan::Interleaved;
using portspan::InterleavedView;
using portspan::mix;
using portspan::Next;
using portspan::NoView;
using portspan::Planar;
using portspan::PlanarView;
using portspan::render;
using portspan::RenderConfig;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;
using Floats = std::vector<float>;

template <class T>
T value_of(int value) {
    return static_cast<T>(value);
}

/// Gives one value in each call, for some calls.
template <class T>
struct Tone {
    int value;
    int calls = 1000;
    Next at_end = Next::complete;

    template <class Block>
    Next operator()(Block& block) noexcept {
        const auto output = block.output();
        for (std::size_t f = 0; f < output.frames(); ++f) {
            for (std::size_t c = 0; c < output.channels(); ++c) output(f, c) = value_of<T>(value);
        }
        return --calls > 0 ? Next::keep_going : at_end;
    }
};

template <class T, class... Values>
int sum_of(Values... values) {
    std::vector<T> output(100 * 2);  // more than is added at a time
    render(NoView{}, InterleavedView<T>{output, 2}, mix(Tone<T>{values}...));
    std::vector<T> left(100, T{});
    std::vector<T> right(100, T{});
    std::array<T*, 2> planes{left.data(), right.data()};
    render(NoView{}, PlanarView<T>{planes.data(), 100, 2}, mix(Tone<T>{values}...));
    for (const T sample : output) CHECK(sample == output[0]);
    for (std::size_t f = 0; f < 100; ++f) {
        CHECK(left[f] == output[0]);
        CHECK(right[f] == output[0]);
    }
    return static_cast<int>(output[0]);
}

struct Gain {
    float gain;
};
int gain(const float* input, float* output, unsigned long frames, Time, Flags, Gain* state) {
    for (unsigned long i = 0; i < frames; ++i) output[i] = input ? input[i] * state->gain : 0;
    return paContinue;
}

const auto plus_one = [](auto& block) noexcept {
    const auto audio = block.in_place();
    for (std::size_t f = 0; f < audio.frames(); ++f) {
        for (std::size_t c = 0; c < audio.channels(); ++c) audio(f, c) += 1;
    }
};

template <class Callback>
Floats through(const Floats& input, Callback callback, const RenderConfig& config = {}) {
    Floats output(input.size(), 77.0f);
    render(InterleavedView<const float>{input, 1}, InterleavedView<float>{output, 1}, config,
           std::move(callback));
    return output;
}

}  // namespace

TEST_CASE("Integers are added exactly, and clamped once") {
    CHECK(sum_of<std::int16_t>(20000, 20000) == 32767);
    CHECK(sum_of<std::int16_t>(-20000, -20000) == -32768);
    CHECK(sum_of<std::int16_t>(20000, 20000, -20000) == 20000);
    CHECK(sum_of<std::int16_t>(-30000, -30000, 30000) == -30000);
    CHECK(sum_of<std::int8_t>(100, 27) == 127);
    CHECK(sum_of<std::int8_t>(100, 28) == 127);
    CHECK(sum_of<std::int8_t>(-100, -29) == -128);
    CHECK(sum_of<std::uint8_t>(128, 128) == 128);
    CHECK(sum_of<std::uint8_t>(138, 118) == 128);
    CHECK(sum_of<std::uint8_t>(228, 150) == 250);
    CHECK(sum_of<std::uint8_t>(228, 228) == 255);
    CHECK(sum_of<std::uint8_t>(28, 28) == 0);
    CHECK(sum_of<std::uint8_t>(28, 28, 228) == 28);
    CHECK(sum_of<Int24>(8'000'000, 8'000'000) == Int24::max);
    CHECK(sum_of<Int24>(-8'000'000, -8'000'000) == Int24::min);
    CHECK(sum_of<Int24>(8'000'000, 8'000'000, -8'000'000) == 8'000'000);
    constexpr int most = std::numeric_limits<std::int32_t>::max();
    constexpr int least = std::numeric_limits<std::int32_t>::min();
    CHECK(sum_of<std::int32_t>(most, most) == most);
    CHECK(sum_of<std::int32_t>(least, least, least) == least);
    CHECK(sum_of<std::int32_t>(most, most, least) == most - 1);
    CHECK(sum_of<float>(1, 2, 4, 8) == 15);
    CHECK(sum_of<std::int16_t>(1234) == 1234);
}

TEST_CASE("Sources of a mix are callbacks of every kind, each with the same input") {
    const Floats input{1, 2, 3};
    Gain ten{10};
    CHECK(through(input, mix(plus_one)) == Floats{2, 3, 4});
    CHECK(through(input, mix(bound(&gain, &ten), plus_one)) == Floats{12, 23, 34});
    CHECK(through(input, mix(plus_one, in_place(plus_one), plus_one)) == Floats{6, 9, 12});
    CHECK(through(input, mix(chain(plus_one, bound(&gain, &ten)), mix(plus_one, plus_one))) ==
          Floats{24, 36, 48});
    CHECK(through(input, chain(plus_one, mix(plus_one, plus_one), plus_one)) == Floats{7, 9, 11});
    CHECK(through(input, portspan::limit(mix(plus_one, portspan::limit(plus_one, 0, 3)), 0, 6)) ==
          Floats{4, 6, 6});
}

TEST_CASE("Sources of a mix get the input where it is the output") {
    Gain ten{10};
    Floats both{1, 2, 3};
    SECTION("under in_place()") {
        CHECK(through(both, in_place(mix(plus_one, bound(&gain, &ten), plus_one))) ==
              Floats{14, 26, 38});
    }
    SECTION("interleaved") {
        render(InterleavedView<const float>{both, 1}, InterleavedView<float>{both, 1},
               mix(plus_one, bound(&gain, &ten), plus_one));
        CHECK(both == Floats{14, 26, 38});
    }
    SECTION("one source that writes before it reads") {
        const auto clears = [](auto& block) noexcept {
            for (float& x : block.output().samples()) x = 0;
            for (std::size_t i = 0; i < block.frames(); ++i) {
                block.output()(i, 0) = block.input()(i, 0);
            }
        };
        render(InterleavedView<const float>{both, 1}, InterleavedView<float>{both, 1}, mix(clears));
        CHECK(both == Floats{1, 2, 3});
    }
    SECTION("one channel of two") {
        Floats other{10, 20, 30};
        Floats elsewhere(3, 77);
        const std::array<const float*, 2> inputs{other.data(), both.data()};
        const std::array<float*, 2> outputs{elsewhere.data(), both.data()};
        render(PlanarView<const float>{inputs.data(), 3, 2},
               PlanarView<float>{outputs.data(), 3, 2}, mix(plus_one, plus_one));
        CHECK(both == Floats{4, 6, 8});
        CHECK(elsewhere == Floats{22, 42, 62});
    }
}

TEST_CASE("A mix of unknown blocks is called 4096 frames at a time") {
    Floats input(10000);
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i);
    std::vector<std::size_t> sizes;
    const auto note = [&](auto& block) {
        sizes.push_back(block.frames());
        plus_one(block);
    };
    const Floats output = through(input, mix(note, plus_one), {.frames_per_buffer = 0});
    CHECK(sizes == std::vector<std::size_t>{4096, 4096, 1808});
    for (std::size_t i = 0; i < output.size(); ++i) REQUIRE(output[i] == 2 * input[i] + 2);
}

TEST_CASE("A source that completes is silent from its next block on") {
    Floats output(12, 77);
    portspan::Rendered rendered;
    const auto play = [&](auto callback) {
        rendered = render(NoView{}, InterleavedView<float>{output, 1}, {.frames_per_buffer = 3},
                          std::move(callback));
    };
    SECTION("the mix completes with the last one") {
        play(mix(Tone<float>{1, 1}, Tone<float>{10, 3}, Tone<float>{100, 2}));
        CHECK(output == Floats{111, 111, 111, 110, 110, 110, 10, 10, 10, 0, 0, 0});
        CHECK(rendered.result == paComplete);
        CHECK(rendered.frames == 9);
    }
    SECTION("an abort of one aborts at once") {
        play(mix(Tone<float>{1, 1}, Tone<float>{10, 2, Next::abort}, Tone<float>{100}));
        CHECK(output == Floats{101 + 10, 111, 111, 0, 0, 0, 0, 0, 0, 0, 0, 0});
        CHECK(rendered.result == paAbort);
    }
    SECTION("what is no result ends it, and is told") {
        CHECK_THROWS_WITH(play(mix(Tone<float>{1}, Tone<float>{10, 2, static_cast<Next>(77)},
                                   Tone<float>{100, 1})),
                          ContainsSubstring("77"));
        CHECK(output == Floats{111, 111, 111, 11, 11, 11, 0, 0, 0, 0, 0, 0});
    }
}

TEST_CASE("A mix that a host calls after its end is silent") {
    const auto prepared = portspan::detail::prepare<void, float, Interleaved>(
        mix(Tone<float>{1, 1}, Tone<float>{10, 1}),
        {.shape = {0, 1}, .frames_per_buffer = 4, .sample_rate = 48000});
    for (const float expected : {11.0f, 0.0f}) {
        Floats output(4, 77);
        CHECK(portspan::detail::call(prepared.callback, nullptr, output.data(), 4, nullptr, 0) ==
              paComplete);
        CHECK(output == Floats(4, expected));
    }
}

TEST_CASE("A stream that starts again starts all its sources again") {
    portspan::mock::Scope audio;
    audio.capture(true);
    int calls = 0;
    const auto once = [&](auto& block) noexcept {
        ++calls;
        for (float& x : block.output().samples()) x = 0.25f;
        return Next::complete;
    };
    const auto twice = [n = 0](auto& block) mutable noexcept {
        for (float& x : block.output().samples()) x = 0.5f;
        return ++n % 2 == 0 ? Next::complete : Next::keep_going;
    };
    portspan::OutputStream<float> stream{{.output = {.channels = 1}, .frames_per_buffer = 2},
                                         mix(once, twice)};
    for (int i = 1; i <= 2; ++i) {
        stream.start();
        audio.pump(100);
        stream.wait();
        stream.stop();
        CHECK(calls == i);
    }
    CHECK(audio.captured() == Floats{0.75f, 0.75f, 0.5f, 0.5f, 0.75f, 0.75f, 0.5f, 0.5f});
}

namespace {
unsigned long failures = 3;
const char* says_why(unsigned long* count) {
    *count = failures;
    return "no memory";
}
int fails(const void*, void*, unsigned long, Time, Flags, void*) {
    ++failures;
    return paAbort;
}
}  // namespace

TEST_CASE("What ends a source ends the stream, which tells why") {
    portspan::mock::Scope audio;
    portspan::RawCallback failing{&fails};
    failing.failures = &says_why;
    SECTION("a foreign one that fails") {
        portspan::Stream<float> stream{mix(plus_one, failing)};
        stream.start();
        audio.pump(300);
        CHECK_THROWS_WITH(stream.wait(), ContainsSubstring("no memory"));
    }
    SECTION("one that throws") {
        const auto throws = [](auto&) { throw std::runtime_error{"too loud"}; };
        portspan::Stream<float> stream{mix(plus_one, throws)};
        stream.start();
        audio.pump(300);
        CHECK_THROWS_WITH(stream.wait(), "too loud");
    }
}

TEST_CASE("Each source that describes itself has to fit") {
    const auto bind = [](auto callback) {
        portspan::Renderer<float> renderer{{.input_channels = 1, .output_channels = 2},
                                           std::move(callback)};
    };
    portspan_description says{.input_channels = 1, .output_channels = 2};
    portspan::RawCallback raw{&fails};
    raw.description = &says;
    CHECK_NOTHROW(bind(mix(raw, plus_one, raw)));
    says.output_channels = 1;
    CHECK_THROWS_AS(bind(mix(plus_one, raw)), portspan::Error);
    says = {.properties = PORTSPAN_NOT_IN_PLACE};
    portspan::Renderer<float> renderer{{}, in_place(mix(raw, raw))};
}

TEMPLATE_TEST_CASE("check() finds nothing in a mix", "", Interleaved, Planar) {
    const auto report =
        portspan::check<float, float, TestType>(mix(plus_one, in_place(plus_one), plus_one));
    INFO(report.text());
    CHECK(report.findings.empty());
    CHECK(report.in_place == true);
}
