// SPDX-License-Identifier: MIT
// The renderer, and with it the preparation of every kind of callback that a stream shares.
#include <portspan/render.hpp>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <numeric>
#include <stdexcept>
#include <vector>

#include "catch.hpp"

using portspan::Error;
using portspan::Fault;
using portspan::InterleavedView;
using portspan::Next;
using portspan::NoView;
using portspan::Planar;
using portspan::PlanarView;
using portspan::RawCallback;
using portspan::render;
using portspan::Renderer;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

struct Gain {
    float gain = 2;
    std::size_t channels = 2;
    int result = paContinue;
    std::vector<unsigned long> blocks = {};
    std::vector<PaStreamCallbackTimeInfo> times = {};
    bool same_buffer = false;
};

int apply_gain(const float* input, float* output, unsigned long frames, Time time, Flags,
               Gain* state) {
    state->blocks.push_back(frames);
    state->times.push_back(*time);
    state->same_buffer = input == output;
    for (std::size_t i = 0; i < frames * state->channels; ++i) output[i] = state->gain * input[i];
    return state->result;
}

int apply_planar_gain(const float* const* input, float* const* output, unsigned long frames, Time,
                      Flags, Gain* state) {
    for (std::size_t c = 0; c < state->channels; ++c) {
        for (std::size_t i = 0; i < frames; ++i) output[c][i] = state->gain * input[c][i];
    }
    return state->result;
}

std::vector<float> ramp(std::size_t count) {
    std::vector<float> samples(count);
    std::iota(samples.begin(), samples.end(), 1.0f);
    return samples;
}

std::vector<float> times_two(std::vector<float> samples) {
    for (float& x : samples) x *= 2;
    return samples;
}

struct Stereo {
    std::vector<float> in = ramp(20);
    std::vector<float> out = std::vector<float>(20, 99.0f);
    InterleavedView<const float> input() const { return {in, 2}; }
    InterleavedView<float> output() { return {out, 2}; }
};

}  // namespace

TEST_CASE("every kind of callback gives the same result") {
    Stereo audio;
    Gain state;
    SECTION("a callable, in place") {
        render(audio.input(), audio.output(), [](auto& block) noexcept {
            for (float& x : block.in_place().samples()) x *= 2;
        });
    }
    SECTION("a callable from input to output that may throw") {
        render(audio.input(), audio.output(), [](auto& block) {
            for (std::size_t f = 0; f < block.frames(); ++f) {
                for (std::size_t c = 0; c < 2; ++c) block.output()(f, c) = 2 * block.input()(f, c);
            }
            return Next::keep_going;
        });
    }
    SECTION("a typed function with its state") {
        render(audio.input(), audio.output(), &apply_gain, &state);
    }
    SECTION("a raw callback") {
        render(audio.input(), audio.output(), portspan::detail::foreign(&apply_gain, &state).raw());
    }
    SECTION("an address") {
        render(audio.input(), audio.output(),
               portspan::callback_at(reinterpret_cast<std::uintptr_t>(&apply_gain), &state));
    }
    SECTION("a captureless lambda of PaStreamCallback's shape") {
        render(audio.input(), audio.output(),
               [](const float* in, float* out, unsigned long frames, Time, Flags, void*) {
                   for (unsigned long i = 0; i < 2 * frames; ++i) out[i] = 2 * in[i];
                   return 0;
               });
    }
    SECTION("a foreign function in place") {
        render(audio.input(), audio.output(), portspan::in_place(&apply_gain, &state));
        CHECK(state.same_buffer);
    }
    SECTION("a callable in place: its input is its output") {
        render(audio.input(), audio.output(), portspan::in_place([](auto& block) {
                   CHECK(block.input().data() == block.output().data());
                   for (float& x : block.output().samples()) x *= 2;
               }));
    }
    SECTION("an object, by reference") {
        struct Doubler {
            int calls = 0;
            void operator()(portspan::Block<float, float>& block) noexcept {
                ++calls;
                for (float& x : block.in_place().samples()) x *= 2;
            }
        } doubler;
        render(audio.input(), audio.output(), std::ref(doubler));
        CHECK(doubler.calls == 1);
    }
    SECTION("a std::function") {
        std::function<void(portspan::Block<float, float>&)> function = [](auto& block) {
            for (float& x : block.in_place().samples()) x *= 2;
        };
        render(audio.input(), audio.output(), function);
    }
    CHECK(audio.out == times_two(audio.in));
    CHECK(audio.in == ramp(20));
}

TEST_CASE("planar callbacks are rendered too") {
    auto left = ramp(10), right = ramp(10);
    std::vector<float> out_left(10), out_right(10);
    const std::array<const float*, 2> in{left.data(), right.data()};
    const std::array<float*, 2> out{out_left.data(), out_right.data()};
    const PlanarView<const float> input{in.data(), 10, 2};
    const PlanarView<float> output{out.data(), 10, 2};
    Gain state;
    SECTION("a typed function, block by block") {
        render(input, output, {.frames_per_buffer = 3}, &apply_planar_gain, &state);
    }
    SECTION("a typed function in place") {
        render(input, output, {.frames_per_buffer = 3},
               portspan::in_place(&apply_planar_gain, &state));
    }
    SECTION("a callable in place") {
        render(input, output, {.frames_per_buffer = 4}, [](auto& block) noexcept {
            const auto audio = block.in_place();
            for (std::size_t c = 0; c < audio.channels(); ++c) {
                for (float& x : audio.channel(c)) x *= 2;
            }
        });
    }
    CHECK(out_left == times_two(left));
    CHECK(out_right == times_two(right));
}

TEST_CASE("the clock and the blocks are those of the configuration") {
    Stereo audio;
    Gain state;
    const auto done = render(audio.input(), audio.output(),
                             {.sample_rate = 1000, .frames_per_buffer = 4}, &apply_gain, &state);
    CHECK(done.frames == 10);
    CHECK_FALSE(done.ended());
    CHECK(state.blocks == std::vector<unsigned long>{4, 4, 2});
    CHECK(state.times[0].currentTime == 0);
    CHECK(state.times[2].currentTime == 0.008);
    CHECK(state.times[2].inputBufferAdcTime == 0.008);
    for (const auto& time : state.times) {
        CHECK(std::abs(time.outputBufferDacTime - time.currentTime - 0.004) < 1e-12);
    }
}

TEST_CASE("0 frames per buffer is one call for all, a huge number too") {
    Stereo audio;
    Gain state;
    const auto frames = GENERATE(std::size_t{0}, std::numeric_limits<std::size_t>::max());
    render(audio.input(), audio.output(), {.frames_per_buffer = frames}, &apply_gain, &state);
    CHECK(state.blocks == std::vector<unsigned long>{10});
}

TEST_CASE("a renderer goes on where it stood") {
    Stereo audio;
    Gain state;
    Renderer<float> renderer{{.sample_rate = 1000}, &apply_gain, &state};
    renderer.process(audio.input(), audio.output());
    CHECK(renderer.position() == 10);
    renderer.process(audio.input(), audio.output());
    CHECK(renderer.position() == 20);
    CHECK(state.times.at(1).currentTime == 0.010);
}

TEST_CASE("a callback that completes is heard to the end of its block, then silence") {
    Stereo audio;
    Gain state{.result = paComplete};
    Renderer<float> renderer{{.frames_per_buffer = 4}, &apply_gain, &state};
    const auto done = renderer.process(audio.input(), audio.output());
    CHECK(done.frames == 4);
    CHECK(done.result == paComplete);
    CHECK(done.ended());
    CHECK(audio.out[7] == 16);
    CHECK(audio.out[8] == 0);
    CHECK(audio.out[19] == 0);

    const auto again = renderer.process(audio.input(), audio.output());
    CHECK(again.frames == 0);
    CHECK(again.result == paComplete);
    CHECK(state.blocks.size() == 1);
    CHECK(audio.out[0] == 0);
}

TEST_CASE("the block of an abort is dropped") {
    Stereo audio;
    Gain state{.result = paAbort};
    const auto done =
        render(audio.input(), audio.output(), {.frames_per_buffer = 4}, &apply_gain, &state);
    CHECK(done.frames == 0);
    CHECK(done.result == paAbort);
    CHECK(audio.out == std::vector<float>(20, 0.0f));
}

TEST_CASE("an abort is an error where the callback's library says why, once") {
    static unsigned long failed;
    failed = 3;  // in other streams, before
    const RawCallback failing{
        .function = [](const void*, void*, unsigned long, Time, Flags, void* fails) -> int {
            if (fails) ++failed;
            return fails ? paAbort : paComplete;
        },
        .failures = [](unsigned long* count) -> const char* {
            *count = failed;
            return "ValueError: boo (gain.py:7)";
        }};
    Stereo audio;
    RawCallback fails = failing;
    fails.user_data = &audio;
    const auto check_failure = [&](const auto& callback) {
        Renderer<float> renderer{{}, callback};
        CHECK_THROWS_WITH(renderer.process(audio.input(), audio.output()),
                          "stream callback: the callback threw an exception (ValueError: boo "
                          "(gain.py:7))");
        CHECK(audio.out == std::vector<float>(20, 0.0f));
        CHECK(renderer.process(audio.input(), audio.output()).result == paAbort);
    };
    SECTION("as it is") { check_failure(fails); }
    SECTION("in an adaptor") { check_failure(portspan::in_place(fails)); }
    SECTION("not what others have failed of") {
        CHECK(render(audio.input(), audio.output(), failing).result == paComplete);
    }
}

TEST_CASE("a foreign result that PortAudio does not know ends like complete and is reported") {
    Stereo audio;
    Gain state{.result = 7};
    SECTION("as it is where nothing is in between") {
        const auto done =
            render(audio.input(), audio.output(), {.frames_per_buffer = 4}, &apply_gain, &state);
        CHECK(done.frames == 4);
        CHECK(done.result == 7);
        CHECK(audio.out[7] == 16);
    }
    SECTION("as an error where an adaptor is in between") {
        CHECK_THROWS_WITH(
            render(audio.input(), audio.output(), portspan::in_place(&apply_gain, &state)),
            ContainsSubstring("(7)"));
        CHECK(audio.out[7] == 16);
    }
}

TEST_CASE("an exception is rethrown and what follows is silent") {
    Stereo audio;
    int calls = 0;
    Renderer<float> renderer{{.frames_per_buffer = 4}, [&](auto& block) {
                                 block.in_place();
                                 if (++calls == 2) throw std::runtime_error{"boo"};
                             }};
    CHECK_THROWS_WITH(renderer.process(audio.input(), audio.output()), "boo");
    CHECK(audio.out[7] == audio.in[7]);
    CHECK(audio.out[8] == 0);
    CHECK(audio.out[19] == 0);
    CHECK(calls == 2);
    CHECK(renderer.process(audio.input(), audio.output()).result == paAbort);
    CHECK(calls == 2);
}

TEST_CASE("a constant channel count that is not the stream's aborts with both counts") {
    Stereo audio;
    CHECK_THROWS_WITH(render(audio.input(), audio.output(),
                             [](auto& block) noexcept { block.template in_place<3>(); }),
                      ContainsSubstring("asked for 3 channels, the stream has 2"));
    CHECK(audio.out == std::vector<float>(20, 0.0f));
    CHECK_NOTHROW(render(audio.input(), audio.output(),
                         [](auto& block) noexcept { block.template in_place<2>(); }));
    CHECK(audio.out == audio.in);
}

TEST_CASE("a foreign callback in place needs as many channels in as out") {
    std::vector<float> mono = ramp(10), stereo(20);
    Gain state;
    CHECK_THROWS_WITH(
        render(InterleavedView<const float>{mono, 1}, InterleavedView<float>{stereo, 2},
               portspan::in_place(&apply_gain, &state)),
        ContainsSubstring("the stream has 1 and 2"));
    CHECK(state.blocks.empty());
    SECTION("a callable does not") {
        render(InterleavedView<const float>{mono, 1}, InterleavedView<float>{stereo, 2},
               portspan::in_place([](auto& block) noexcept {
                   for (float& x : block.output().samples()) x *= 2;
               }));
        CHECK(stereo[2] == 4);
        CHECK(stereo[3] == 0);
    }
}

TEST_CASE("a foreign callback in place of a place is as strict") {
    std::vector<float> mono = ramp(10), stereo(20);
    Gain state;
    const auto twice = portspan::in_place(portspan::in_place(&apply_gain, &state));
    CHECK_THROWS_WITH(
        render(InterleavedView<const float>{mono, 1}, InterleavedView<float>{stereo, 2}, twice),
        ContainsSubstring("the stream has 1 and 2"));
    CHECK(state.blocks.empty());
    Stereo audio;
    render(audio.input(), audio.output(), twice);
    CHECK(audio.out == times_two(audio.in));
}

TEST_CASE("memory that overlaps without being the same is refused") {
    auto memory = ramp(20);
    const auto through = [](auto& block) noexcept { block.in_place(); };
    CHECK_THROWS_WITH(render(InterleavedView<float>{memory.data(), 9, 2},
                             InterleavedView<float>{memory.data() + 2, 9, 2}, through),
                      ContainsSubstring("overlap"));
    CHECK_THROWS_WITH(render(InterleavedView<float>{memory.data(), 10, 1},
                             InterleavedView<float>{memory.data(), 10, 2}, through),
                      ContainsSubstring("overlap"));
    const std::array<float*, 2> planes{memory.data(), memory.data() + 10};
    const std::array<float*, 2> swapped{memory.data() + 10, memory.data()};
    CHECK_THROWS_WITH(render(PlanarView<float>{planes.data(), 10, 2},
                             PlanarView<float>{swapped.data(), 10, 2}, through),
                      ContainsSubstring("overlap"));
    CHECK_NOTHROW(render(InterleavedView<float>{memory.data(), 5, 2},
                         InterleavedView<float>{memory.data() + 10, 5, 2}, through));
    CHECK(memory[10] == 1);
}

TEST_CASE("audio without memory is refused") {
    auto memory = ramp(20);
    const auto silent = [](auto& block) noexcept { block.in_place(); };
    const std::array<float*, 2> planes{memory.data(), nullptr};
    const std::array<float*, 2> other{memory.data(), memory.data() + 10};
    const InterleavedView<float> nothing{nullptr, 10, 2};
    const InterleavedView<float> audio{memory, 2};
    const PlanarView<float> half{planes.data(), 10, 2};
    const PlanarView<float> whole{other.data(), 10, 2};
    CHECK_THROWS_WITH(render(nothing, audio, silent), ContainsSubstring("the input is null"));
    CHECK_THROWS_WITH(render(audio, nothing, silent), ContainsSubstring("the output is null"));
    CHECK_THROWS_WITH(render(whole, half, silent),
                      ContainsSubstring("channel 1 of the output is null"));
    CHECK_THROWS_WITH(render(PlanarView<float>{nullptr, 10, 2}, whole, silent),
                      ContainsSubstring("the input is null"));
    CHECK_NOTHROW(render(InterleavedView<float>{nullptr, 0, 2},
                         InterleavedView<float>{nullptr, 0, 2}, silent));
}

TEST_CASE("null callbacks are refused") {
    Stereo audio;
    const auto refused = [&](auto callback) {
        CHECK_THROWS_WITH(render(audio.input(), audio.output(), callback),
                          ContainsSubstring("the callback is null"));
    };
    refused(RawCallback{});
    refused(portspan::callback_at(0));
    refused(static_cast<PaStreamCallback*>(nullptr));
    refused(portspan::in_place(RawCallback{}));
    refused(std::function<void(portspan::Block<float, float>&)>{});
    void (*no_function)(portspan::Block<float, float>&) = nullptr;
    refused(no_function);
}

TEST_CASE("a direction may be missing") {
    std::vector<std::int16_t> samples(8, 1);
    SECTION("output only") {
        render(NoView{}, InterleavedView<std::int16_t>{samples, 2}, [](auto& block) noexcept {
            for (auto& x : block.output().samples()) x = 5;
        });
        CHECK(samples == std::vector<std::int16_t>(8, 5));
    }
    SECTION("input only") {
        int sum = 0;
        const auto done = render(InterleavedView<const std::int16_t>{samples, 2}, NoView{},
                                 [&](auto& block) noexcept {
                                     for (auto x : block.input().samples()) sum += x;
                                 });
        CHECK(sum == 8);
        CHECK(done.frames == 4);
    }
}

TEST_CASE("a callable that is a variable is used, not copied") {
    struct Counter {
        int calls = 0;
        std::unique_ptr<int> not_copyable = nullptr;
        void operator()(portspan::Block<float, float>& block) noexcept {
            block.in_place();
            ++calls;
        }
    } counter;
    Stereo audio;
    render(audio.input(), audio.output(), {.frames_per_buffer = 4}, counter);
    CHECK(counter.calls == 3);
    render(audio.input(), audio.output(), Counter{});
    CHECK(counter.calls == 3);
}

TEST_CASE("input and output may be the same memory") {
    const auto doubled = [](auto& block) noexcept {
        const auto audio = block.in_place();
        for (std::size_t c = 0; c < audio.channels(); ++c) {
            for (float& x : audio.channel(c)) x *= 2;
        }
    };
    auto memory = ramp(20);
    SECTION("interleaved") {
        const InterleavedView<float> audio{memory, 2};
        render(audio, audio, {.frames_per_buffer = 3}, doubled);
    }
    SECTION("planar") {
        const std::array<float*, 2> planes{memory.data(), memory.data() + 10};
        const PlanarView<float> audio{planes.data(), 10, 2};
        render(audio, audio, {.frames_per_buffer = 3}, doubled);
    }
    CHECK(memory == times_two(ramp(20)));
}

TEST_CASE("what a callback does not write is silent") {
    Stereo audio;
    render(audio.input(), audio.output(), [](auto& block) noexcept { block.output()(0, 0) = 1; });
    CHECK(audio.out[0] == 1);
    CHECK(audio.out[1] == 0);
    CHECK(audio.out[19] == 0);

    // Channels that have no input, too.
    std::array<float, 5> input{};
    std::array<float, 10> output;
    output.fill(7);
    const std::array<const float*, 1> in_planes{input.data()};
    const std::array<float*, 2> planes{output.data(), output.data() + 5};
    render(PlanarView<const float>{in_planes.data(), 5, 1}, PlanarView<float>{planes.data(), 5, 2},
           [](auto&) noexcept {});
    CHECK(output == std::array<float, 10>{});
}

TEST_CASE("a renderer refuses what it cannot do") {
    const auto callback = [](auto&) noexcept {};
    const auto refused = [&](portspan::RenderConfig config) {
        CHECK_THROWS_AS((Renderer<float>{config, callback}), Error);
    };
    refused({.sample_rate = 0});
    refused({.sample_rate = -1});
    refused({.sample_rate = std::numeric_limits<double>::quiet_NaN()});
    refused({.input_channels = 0});
    refused({.output_channels = 0});
    CHECK_NOTHROW(Renderer<float>({}, callback));

    Renderer<float> renderer{{}, callback};
    std::vector<float> memory(12);
    const InterleavedView<float> stereo{memory, 2}, mono{memory, 1};
    CHECK_THROWS_WITH(renderer.process(mono, stereo), ContainsSubstring("1 input channels"));
    CHECK_THROWS_WITH(renderer.process(stereo, mono), ContainsSubstring("1 output channels"));
    CHECK_THROWS_WITH(renderer.process(stereo, stereo.slice(0, 5)),
                      ContainsSubstring("6 frames in, 5 out"));
    CHECK_NOTHROW(renderer.process(stereo, stereo));
}

TEST_CASE("the callable lives as long as the renderer and no longer") {
    const auto token = std::make_shared<int>();
    {
        Renderer<float> renderer{{}, [token](auto&) noexcept {}};
        CHECK(token.use_count() == 2);
        Renderer<float> moved{std::move(renderer)};
        CHECK(token.use_count() == 2);
        std::vector<float> memory(4);
        moved.process(InterleavedView<float>{memory, 2}, InterleavedView<float>{memory, 2});
        CHECK_THROWS_AS(
            renderer.process(InterleavedView<float>{memory, 2}, InterleavedView<float>{memory, 2}),
            Error);
        STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Renderer<float>>);
    }
    CHECK(token.use_count() == 1);
}
