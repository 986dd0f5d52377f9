// SPDX-License-Identifier: MIT
// What guards do to a callback's output and to the processor, around callbacks of every kind.
#include <portspan/guards.hpp>

#include <array>
#include <cstdint>
#include <limits>
#include <portspan/render.hpp>
#include <thread>
#include <vector>

#include "catch.hpp"

using portspan::Error;
using portspan::Fault;
using portspan::flush_denormals;
using portspan::in_place;
using portspan::Int24;
using portspan::InterleavedView;
using portspan::limit;
using portspan::Planar;
using portspan::PlanarView;
using portspan::RawCallback;
using portspan::render;
using portspan::SampleCount;
using portspan::silence_non_finite;
using portspan::zero_output_first;
using portspan::detail::FloatControl;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();
constexpr float infinite = std::numeric_limits<float>::infinity();
constexpr float denormal = 1e-40f;

/// A control word as it is inside a callback, and what the callback leaves.
struct Processor {
    FloatControl::Word seen = 0;
    FloatControl::Word leaves = 0;
    bool leave = false;
};

int look_at_processor(const float*, float*, unsigned long, Time, Flags, Processor* state) {
    state->seen = FloatControl::get();
    if (state->leave) FloatControl::set(state->leaves);
    return paContinue;
}

int copy_mono(const float* input, float* output, unsigned long frames, Time, Flags, void*) {
    for (unsigned long i = 0; i < frames; ++i) output[i] = input[i];
    return paContinue;
}

int copy_planar(const float* const* input, float* const* output, unsigned long frames, Time, Flags,
                void*) {
    for (int c = 0; c < 2; ++c) {
        for (unsigned long i = 0; i < frames; ++i) output[c][i] = input[c][i];
    }
    return paContinue;
}

/// Writes the first channel of two and nothing else.
template <class T>
int left_alone(const void*, T* output, unsigned long frames, Time, Flags, void*) {
    for (unsigned long i = 0; i < frames; ++i) output[2 * i] = T{1};
    return paContinue;
}
template <class T>
int left_alone_planar(const void*, T* const* output, unsigned long frames, Time, Flags, void*) {
    for (unsigned long i = 0; i < frames; ++i) output[0][i] = T{1};
    return paContinue;
}

/// Adds a half to what is in the output.
int mix(const void*, float* output, unsigned long frames, Time, Flags, void*) {
    for (unsigned long i = 0; i < frames; ++i) output[i] += 0.5f;
    return paContinue;
}

using Floats = std::vector<float>;

template <class Callback>
Floats through(const Floats& input, Callback callback) {
    Floats output(input.size(), 77.0f);
    render(InterleavedView<const float>{input, 1}, InterleavedView<float>{output, 1}, callback);
    return output;
}

/// As a stream would call it, with old memory in the output.
template <class T, class L, class Callback>
int call_once(Callback callback, void* output, unsigned long frames, std::size_t channels) {
    auto prepared = portspan::detail::prepare<void, T, L>(
        std::move(callback),
        {.shape = {0, channels}, .frames_per_buffer = frames, .sample_rate = 48000});
    return portspan::detail::call(prepared.callback, nullptr, output, frames, nullptr, 0);
}

struct Restored {
    FloatControl::Word before = FloatControl::get();
    ~Restored() { FloatControl::set(before); }
};

}  // namespace

TEST_CASE("flush_denormals() sets the processor for the callback and puts it back") {
    const Restored restored;
    const auto before = FloatControl::get();
    Processor state;
    const Floats input(4, 0.5f);

    SECTION("without it the callback sees what is there") {
        through(input, portspan::detail::foreign(&look_at_processor, &state));
        CHECK(state.seen == before);
    }
    SECTION("with it denormals are flushed") {
        through(input, flush_denormals(&look_at_processor, &state));
        CHECK(state.seen == (before | FloatControl::flush));
        CHECK(FloatControl::get() == before);
    }
    SECTION("whatever the callback leaves") {
        state.leave = true;
        state.leaves = before ^ FloatControl::rounding;
        through(input, flush_denormals(&look_at_processor, &state));
        CHECK(FloatControl::get() == before);
    }
    SECTION("a caller that flushes itself goes on doing so") {
        FloatControl::set(before | FloatControl::flush);
        through(input, flush_denormals(&look_at_processor, &state));
        CHECK(FloatControl::get() == (before | FloatControl::flush));
    }
    SECTION("a callable that throws puts it back, too") {
        const auto throws = [](auto&) { throw 1; };
        CHECK_THROWS_AS(through(input, flush_denormals(throws)), int);
        CHECK(FloatControl::get() == before);
    }
#if defined(__x86_64__) || defined(__aarch64__)
    SECTION("a callable calculates with 0 instead of a denormal") {
        const Floats small{denormal};
        const auto half = [](auto& block) {
            for (float& x : block.in_place().samples()) x *= 0.5f;
        };
        CHECK(through(small, half).front() > 0);
        CHECK(through(small, flush_denormals(half)).front() == 0);
    }
#endif
}

TEMPLATE_TEST_CASE("zero_output_first() leaves no old memory", "", float, std::int32_t, Int24,
                   std::int16_t, std::int8_t, std::uint8_t) {
    using T = TestType;
    constexpr T old = T{99};
    constexpr T silence = portspan::silence<T>;
    std::vector<T> output(6, old);

    SECTION("interleaved") {
        REQUIRE(call_once<T, portspan::Interleaved>(&left_alone<T>, output.data(), 3, 2) == 0);
        CHECK(output == std::vector<T>{T{1}, old, T{1}, old, T{1}, old});
        CHECK(call_once<T, portspan::Interleaved>(zero_output_first(&left_alone<T>), output.data(),
                                                  3, 2) == paContinue);
        CHECK(output == std::vector<T>{T{1}, silence, T{1}, silence, T{1}, silence});
    }
    SECTION("planar") {
        const std::array<T*, 2> planes{output.data(), output.data() + 3};
        auto* const pointer = const_cast<T**>(planes.data());
        REQUIRE(call_once<T, Planar>(&left_alone_planar<T>, pointer, 3, 2) == 0);
        CHECK(output == std::vector<T>{T{1}, T{1}, T{1}, old, old, old});
        CHECK(call_once<T, Planar>(zero_output_first(&left_alone_planar<T>), pointer, 3, 2) == 0);
        CHECK(output == std::vector<T>{T{1}, T{1}, T{1}, silence, silence, silence});
    }
}

TEST_CASE("zero_output_first() leaves the input alone where both are one buffer") {
    SECTION("by in_place()") {
        CHECK(through({1, 2}, in_place(zero_output_first(&mix))) == Floats{1.5f, 2.5f});
        CHECK(through({1, 2}, zero_output_first(in_place(&mix))) == Floats{1.5f, 2.5f});
        CHECK(through({1, 2}, zero_output_first(&mix)) == Floats{0.5f, 0.5f});
    }
    SECTION("because the caller has only one") {
        Floats both{1, 2};
        render(InterleavedView<const float>{both, 1}, InterleavedView<float>{both, 1},
               zero_output_first(&mix));
        CHECK(both == Floats{1.5f, 2.5f});
    }
    SECTION("with pointers to its channels that are arrays of their own") {
        Floats both{1, 2, 3, 4};
        const std::array<const float*, 2> inputs{both.data(), both.data() + 2};
        const std::array<float*, 2> outputs{both.data(), both.data() + 2};
        render(PlanarView<const float>{inputs.data(), 2, 2},
               PlanarView<float>{outputs.data(), 2, 2}, zero_output_first(&copy_planar));
        CHECK(both == Floats{1, 2, 3, 4});
    }
}

TEST_CASE("silence_non_finite() silences NaN and infinity and counts them") {
    const Floats bad{1,         not_a_number,  infinite,
                     -infinite, -not_a_number, std::numeric_limits<float>::max(),
                     denormal};
    const Floats good{1, 0, 0, 0, 0, std::numeric_limits<float>::max(), denormal};
    SampleCount silenced;

    SECTION("interleaved") {
        CHECK(through(bad, silence_non_finite(&copy_mono, nullptr, silenced)) == good);
        CHECK(silenced.get() == 4);
        CHECK(through(good, silence_non_finite(&copy_mono, nullptr, silenced)) == good);
        CHECK(silenced.get() == 4);
    }
    SECTION("planar") {
        Floats in{not_a_number, 1, 2, infinite}, out(4);
        const std::array<const float*, 2> inputs{in.data(), in.data() + 2};
        const std::array<float*, 2> outputs{out.data(), out.data() + 2};
        render(PlanarView<const float>{inputs.data(), 2, 2},
               PlanarView<float>{outputs.data(), 2, 2},
               silence_non_finite(&copy_planar, nullptr, silenced));
        CHECK(out == Floats{0, 1, 2, 0});
        CHECK(silenced.get() == 2);
    }
    SECTION("without anybody who counts") {
        CHECK(through(bad, silence_non_finite(&copy_mono)) == good);
    }
    SECTION("a callback that shares the count, while another thread reads it") {
        std::size_t seen = 0;
        std::thread reader{[&] {
            while ((seen = silenced.get()) < 200) std::this_thread::yield();
        }};
        for (int i = 0; i < 50; ++i)
            through(bad, silence_non_finite(&copy_mono, nullptr, silenced));
        reader.join();
        CHECK(seen == 200);
    }
}

TEMPLATE_TEST_CASE("limit() keeps the output between two sample values", "", float, std::int32_t,
                   Int24, std::int16_t, std::int8_t, std::uint8_t) {
    using T = TestType;
    const auto all_but_limited = [](const void*, T* output, unsigned long frames, Time, Flags,
                                    void*) -> int {
        for (unsigned long i = 0; i < frames; ++i) output[i] = T(25 * i);
        return paContinue;
    };
    std::vector<T> output(5);
    CHECK(call_once<T, portspan::Interleaved>(limit(+all_but_limited, 10, 60), output.data(), 5,
                                              1) == paContinue);
    CHECK(output == std::vector<T>{T{10}, T{25}, T{50}, T{60}, T{60}});
    // Planar: the same memory, once more.
    std::array<T*, 1> planes{output.data()};
    const auto planar = [](const void*, T* const* out, unsigned long frames, Time, Flags,
                           void*) -> int {
        for (unsigned long i = 0; i < frames; ++i) out[0][i] = T(25 * i);
        return paContinue;
    };
    CHECK(call_once<T, Planar>(limit(+planar, nullptr, 20, 30), planes.data(), 5, 1) == 0);
    CHECK(output == std::vector<T>{T{20}, T{25}, T{30}, T{30}, T{30}});
}

TEST_CASE("limit() refuses what is no range of the sample type") {
    std::array<std::int16_t, 2> output{};
    const auto with = [&](auto low, auto high) {
        return [&output, low, high] {
            call_once<std::int16_t, portspan::Interleaved>(
                limit(&left_alone<std::int16_t>, low, high), output.data(), 1, 2);
        };
    };
    CHECK_NOTHROW(with(-32768, 32767)());
    CHECK_NOTHROW(with(5, 5)());
    CHECK_THROWS_WITH(with(6, 5)(), ContainsSubstring("(6 to 5 is no range)"));
    CHECK_THROWS_WITH(with(-40000, 5)(), ContainsSubstring("-40000 is none of"));
    CHECK_THROWS_WITH(with(0, 32768)(), ContainsSubstring("32768 is none of"));
    CHECK_THROWS_AS(through({1}, limit(&copy_mono, not_a_number, 1.0f)), Error);
    CHECK_THROWS_WITH(through({1}, limit(&copy_mono, 0.25, -1e300)),
                      ContainsSubstring("(0.25 to -1e+300 is no range)"));
    CHECK(through({not_a_number, 3}, limit(&copy_mono, -1, 1)).back() == 1);
}

TEST_CASE("Guards go around each other and around callbacks of any origin") {
    SampleCount silenced;
    const Floats input{not_a_number, 3, -0.25f};
    const Floats wanted{0, 1, -0.25f};
    const auto guarded = [&](auto callback) {
        return flush_denormals(zero_output_first(
            limit(silence_non_finite(std::move(callback), silenced), -1.0f, 1.0f)));
    };
    SECTION("a function") { CHECK(through(input, guarded(&copy_mono)) == wanted); }
    SECTION("an address") {
        const auto address = reinterpret_cast<std::uintptr_t>(&copy_mono);
        CHECK(through(input, guarded(portspan::callback_at(address))) == wanted);
    }
    SECTION("a function in place") {
        const auto nothing = [](const void*, void*, unsigned long, Time, Flags, void*) {
            return 0;
        };
        CHECK(through(input, guarded(in_place(+nothing))) == wanted);
        CHECK(through(input, in_place(guarded(+nothing))) == wanted);
    }
    SECTION("a callable") {
        CHECK(through(input, guarded([](auto& block) { block.in_place(); })) == wanted);
    }
    SECTION("a variable that is used twice") {
        const auto callback = guarded(&copy_mono);
        CHECK(through(input, callback) == wanted);
        auto again = guarded(&copy_mono);
        Floats output(3);
        render(InterleavedView<const float>{input, 1}, InterleavedView<float>{output, 1}, again);
        CHECK(output == wanted);
    }
    CHECK(silenced.get() > 0);
}

TEST_CASE("A guard passes on what the callback returns, and what it says about itself") {
    const auto completes = [](const void*, void*, unsigned long, Time, Flags, void*) { return 1; };
    std::array<float, 2> output{};
    CHECK(call_once<float, portspan::Interleaved>(limit(+completes, -1, 1), output.data(), 2, 1) ==
          paComplete);
    portspan_description says{.output_channels = 2};
    RawCallback raw{reinterpret_cast<PaStreamCallback*>(reinterpret_cast<void*>(&copy_mono))};
    raw.description = &says;
    CHECK_THROWS_AS(through({1}, flush_denormals(raw)), Error);
    says.output_channels = 1;
    CHECK(through({1}, flush_denormals(raw)) == Floats{1});
    // in_place() of a foreign callback asks for as many channels out as in, guards or not.
    Floats in(2), out(4);
    CHECK_THROWS_AS(render(InterleavedView<const float>{in, 1}, InterleavedView<float>{out, 2},
                           in_place(flush_denormals(&copy_mono))),
                    Error);
}
