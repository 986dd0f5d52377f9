// SPDX-License-Identifier: MIT
// Callbacks of every kind on a LiveState, in streams of every shape.
#include <portspan/with_state.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <portspan/check.hpp>
#include <portspan/guards.hpp>
#include <portspan/mock.hpp>
#include <portspan/renderer.hpp>
#include <portspan/stream.hpp>
#include <stdexcept>
#include <vector>

#include "catch.hpp"
#include "error_of.hpp"

using portspan::Block;
using portspan::Fault;
using portspan::in_place;
using portspan::InterleavedView;
using portspan::LiveState;
using portspan::Next;
using portspan::NoView;
using portspan::OutputStream;
using portspan::Planar;
using portspan::PlanarView;
using portspan::Ramp;
using portspan::RawCallback;
using portspan::Renderer;
using portspan::with_state;
using portspan::mock::Scope;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;
using Floats = std::vector<float>;

struct Gain {
    float factor = 1;
    std::int32_t result = paContinue;
    double frames = 0;
};

int gain(const float* input, float* output, unsigned long frames, Time, Flags, Gain* state) {
    for (unsigned long i = 0; i < frames; ++i) output[i] = state->factor * input[i];
    state->frames += static_cast<double>(frames);
    return state->result;
}
int gain_of_anything(const void* input, void* output, unsigned long frames, Time time, Flags flags,
                     void* state) {
    return gain(static_cast<const float*>(input), static_cast<float*>(output), frames, time, flags,
                static_cast<Gain*>(state));
}
int planar_gain(const float* const* input, float* const* output, unsigned long frames, Time time,
                Flags flags, Gain* state) {
    for (int c = 1; c >= 0; --c) gain(input[c], output[c], frames, time, flags, state);
    return state->result;
}

constexpr portspan_description says = [] {
    portspan_description description{};
    description.abi_version = PORTSPAN_ABI_VERSION;
    description.size = sizeof description;
    description.properties = PORTSPAN_NEEDS_STATE;
    description.state_size = sizeof(Gain);
    return description;
}();

template <class Callback>
Floats twice(const LiveState<Gain>& live, Callback callback) {
    LiveState{live}.set(&Gain::factor, 3, Ramp{64});
    Renderer<float> renderer{{1, 1, 1000, 128}, std::move(callback)};
    const Floats input{Floats(128, 1)};
    Floats output(128);
    renderer.process(InterleavedView<const float>{input, 1}, InterleavedView<float>{output, 1});
    return {output[0], output[32], output[64], output[127]};
}

const Floats on_the_line{2, 3, 3, 3};

}  // namespace

TEST_CASE("A callback of every kind gets the state") {
    LiveState<Gain> live;
    SECTION("a typed function") { CHECK(twice(live, with_state(live, gain)) == on_the_line); }
    SECTION("a function of void pointers") {
        CHECK(twice(live, with_state(live, &gain_of_anything)) == on_the_line);
    }
    SECTION("a RawCallback") {
        const RawCallback raw{&gain_of_anything};
        CHECK(twice(live, with_state(live, raw)) == on_the_line);
    }
    SECTION("a described one, which needs a state") {
        const RawCallback raw{.function = &gain_of_anything, .description = &says};
        CHECK(twice(live, with_state(live, raw)) == on_the_line);
    }
    SECTION("a described function of this program") {
        CHECK(twice(live, with_state(live, portspan::described(&gain, says, nullptr))) ==
              on_the_line);
    }
    SECTION("a callable of block and state") {
        CHECK(twice(live, with_state(live, [](auto& block, Gain& state) noexcept {
                        for (float& x : block.in_place().samples()) x *= state.factor;
                        state.frames += static_cast<double>(block.frames());
                    })) == on_the_line);
    }
    SECTION("an std::function of both") {
        const std::function<Next(Block<float, float>&, Gain&)> function = [](auto& block,
                                                                             Gain& state) {
            for (float& x : block.in_place().samples()) x *= state.factor;
            state.frames += static_cast<double>(block.frames());
            return Next::keep_going;
        };
        CHECK(twice(live, with_state(live, function)) == on_the_line);
    }
    SECTION("one that is called in place") {
        CHECK(twice(live, in_place(with_state(live, &gain))) == on_the_line);
    }
    SECTION("one in a guard") {
        CHECK(twice(live, portspan::limit(with_state(live, &gain), -1, 1)) == Floats{1, 1, 1, 1});
    }
    CHECK(live.read().frames == 128);
}

TEST_CASE("A callable that takes a block alone is called in the same parts") {
    LiveState<Gain> live;
    std::vector<std::size_t> parts;
    twice(live, with_state(live, [&](auto& block) { parts.push_back(block.frames()); }));
    CHECK(parts == std::vector<std::size_t>{32, 32, 64});
}

TEST_CASE("What is no state for the callback is refused when the stream opens") {
    LiveState<Gain> live;
    const auto open = [&](auto callback) {
        return error_of([&] { Renderer<float>{{1, 1, 1000, 64}, std::move(callback)}; });
    };
    SECTION("a state of another size") {
        const RawCallback raw{.function = &gain_of_anything, .description = &says};
        CHECK_FALSE(open(with_state(live, raw)));
        const auto error = open(with_state(LiveState<float>{1.0f}, raw));
        REQUIRE(error);
        CHECK(error->code() == Fault::state_mismatch);
    }
    SECTION("a callback that has user data") {
        Gain own;
        const auto error = open(with_state(live, RawCallback{&gain_of_anything, &own}));
        REQUIRE(error);
        CHECK(error->code() == Fault::invalid_argument);
        CHECK(open(with_state(live, portspan::described(&gain, says, &own))));
    }
    SECTION("no callback") {
        CHECK(open(with_state(live, RawCallback{}))->code() == Fault::null_callback);
        const std::function<void(Block<float, float>&, Gain&)> empty;
        CHECK(open(with_state(live, empty))->code() == Fault::null_callback);
    }
    // Nothing of that has taken the state.
    CHECK_FALSE(open(with_state(live, &gain)));
}

TEST_CASE("A state is in one stream at a time") {
    const Scope audio;
    LiveState<Gain> live;
    const auto play = [](auto& block, Gain& state) noexcept {
        for (float& x : block.output().samples()) x = state.factor;
        state.frames += 1;
    };
    std::optional<OutputStream<float>> first{with_state(live, play)};
    const auto open = [&] { OutputStream<float>{with_state(live, play)}; };
    const auto error = error_of(open);
    REQUIRE(error);
    CHECK(error->code() == Fault::invalid_argument);
    first.reset();
    CHECK_FALSE(error_of(open));
}

TEST_CASE("A state lives on in the next stream, and is changed while none runs") {
    Scope audio;
    LiveState<Gain> live;
    const auto play = [](auto& block, Gain& state) noexcept {
        for (float& x : block.output().samples()) x = state.factor;
        state.frames += 1;
    };
    const portspan::StreamConfig config{.output = {.channels = 1}, .frames_per_buffer = 64};
    std::optional<OutputStream<float>> stream{std::in_place, config, with_state(live, play)};
    live.set(&Gain::factor, 2);
    stream->start();
    audio.pump(64);
    stream->stop();
    live.set(&Gain::factor, 3, Ramp{64});
    stream->start();
    audio.pump(64);
    stream.reset();
    OutputStream<float> other{config, with_state(live, play)};
    live.set(&Gain::factor, 4);
    other.start();
    audio.pump(64);

    const Floats captured = audio.captured(0);
    CHECK(captured.size() == 128);
    CHECK(captured[63] == 2);
    CHECK(captured[64] == 2.5f);
    CHECK(captured[127] == 3);
    CHECK(audio.captured(1).at(0) == 4);
    CHECK(live.read().frames == 4);  // 64; 32 and 32; 64
}

namespace {

template <class Sample, class L>
struct Shaped {
    using type = Sample;
    using layout = L;
};

}  // namespace

TEMPLATE_TEST_CASE("Where the callback ends in a part the rest of the block is silent", "",
                   (Shaped<float, portspan::Interleaved>), (Shaped<std::uint8_t, Planar>),
                   (Shaped<std::byte, portspan::Interleaved>)) {
    using Sample = typename TestType::type;
    using L = typename TestType::layout;
    const int result = GENERATE(+paComplete, +paAbort, 7);
    LiveState<Gain> live;
    live.set(&Gain::factor, 3, Ramp{96});
    live.set(&Gain::result, result);
    const auto count = [](const void*, void*, unsigned long frames, Time, Flags, Gain* state) {
        state->frames += static_cast<double>(frames);
        return state->frames == 64 ? int{state->result} : int{paContinue};
    };
    auto prepared = portspan::detail::prepare<void, Sample, L>(
        with_state(live, count), {.shape = {.output_channels = 2, .output_format = {paInt16}},
                                  .frames_per_buffer = 128,
                                  .sample_rate = 1000});
    constexpr std::size_t samples = 2 * 128;
    std::vector<std::int16_t> memory(std::is_same_v<Sample, std::uint8_t> ? samples / 2
                                     : std::is_same_v<Sample, float>      ? 2 * samples
                                                                          : samples);
    std::ranges::fill(memory, std::int16_t{0x4141});
    auto* const bytes = reinterpret_cast<unsigned char*>(memory.data());
    void* planes[]{bytes, bytes + samples / 2};
    const bool is_planar = std::is_same_v<L, Planar>;
    const int answer =
        portspan::detail::call(prepared.callback, nullptr,
                               is_planar ? static_cast<void*>(planes) : bytes, 128, nullptr, 0);
    CHECK(answer == (result == paAbort ? paAbort : paComplete));
    CHECK(live.read().frames == 64);
    const std::size_t plane = memory.size() * 2 / (is_planar ? 2 : 1);
    const unsigned char silent = std::is_same_v<Sample, std::uint8_t> ? 128 : 0;
    for (std::size_t begin = 0; begin < memory.size() * 2; begin += plane) {
        CHECK(bytes[begin + plane / 2 - 1] == (result == paAbort ? silent : 0x41));
        CHECK(bytes[begin + plane / 2] == silent);
        CHECK(bytes[begin + plane - 1] == silent);
    }
}

TEST_CASE("Parts of a planar block begin at their frames") {
    LiveState<Gain> live;
    live.set(&Gain::factor, 3, Ramp{64});
    Renderer<float, float, Planar> renderer{{2, 2, 1000, 128}, with_state(live, &planar_gain)};
    Floats left(128, 1), right(128, 10);
    std::array<const float*, 2> inputs{left.data(), right.data()};
    Floats left_out(128), right_out(128);
    std::array<float*, 2> outputs{left_out.data(), right_out.data()};
    renderer.process(PlanarView<const float>{inputs.data(), 128, 2},
                     PlanarView<float>{outputs.data(), 128, 2});
    CHECK(left_out[31] == 2);
    CHECK(left_out[32] == 3);
    CHECK(right_out[31] == 20);
    CHECK(right_out[127] == 30);
}

TEST_CASE("An input stream, a call without input and one without frames have a state, too") {
    LiveState<Gain> live;
    live.set(&Gain::factor, 3, Ramp{64});
    const auto meter = [](auto& block, Gain& state) noexcept {
        state.frames += static_cast<double>(block.frames());
        for (const float x : block.input().samples()) state.factor = x;
    };
    auto prepared = portspan::detail::prepare<float, void, portspan::Interleaved>(
        with_state(live, meter),
        {.shape = {.input_channels = 1}, .frames_per_buffer = 0, .sample_rate = 0});
    const Floats input(64, 0.5f);
    const auto call = [&](const float* in, unsigned long frames) {
        CHECK(portspan::detail::call(prepared.callback, in, nullptr, frames, nullptr, 0) == 0);
        return live.read();
    };
    CHECK(call(input.data(), 0).frames == 0);
    CHECK(call(nullptr, 32).factor == 2);
    CHECK(call(input.data(), 16).factor == 0.5f);
    CHECK(call(input.data(), 64).frames == 112);
}

TEST_CASE("What a callable throws in a part comes out, and the state goes on") {
    LiveState<Gain> live;
    live.set(&Gain::factor, 3, Ramp{64});
    const auto play = [](auto& block, Gain& state) {
        if (state.result == 1) throw std::runtime_error{"no"};
        for (float& x : block.output().samples()) x = state.factor;
        state.result = 1;
    };
    Floats output(64, 7);
    {
        Renderer<void, float> renderer{{0, 1, 1000, 64}, with_state(live, play)};
        CHECK_THROWS_AS(renderer.process(NoView{}, InterleavedView<float>{output, 1}),
                        std::runtime_error);
        CHECK(output == Floats(64, 0));
    }
    live.set(&Gain::result, 0);
    Renderer<void, float> renderer{{0, 1, 1000, 64}, with_state(live, play)};
    renderer.process(NoView{}, InterleavedView<float>{output, 1});
    CHECK(output == Floats(64, 3));
}

TEST_CASE("check() runs a callback on a state again and again") {
    LiveState<Gain> live;
    const auto report =
        portspan::check<float>(with_state(live,
                                          [](auto& block, Gain& state) noexcept {
                                              for (float& x : block.in_place().samples())
                                                  x *= state.factor;
                                          }),
                               {.restore = [&] { live.publish({}); }});
    INFO(report.text());
    CHECK(report.ok());
}
