// SPDX-License-Identifier: MIT
#include "calls.hpp"
#include "library.hpp"
#include "soft_clip_reference.hpp"

#include <assign.hpp>
#include <delay.hpp>
#include <delay_block.hpp>
#include <failures.hpp>
#include <gain.hpp>
#include <layout.hpp>
#include <numba_overlays.hpp>
#include <operations.hpp>
#include <overlay_double.hpp>
#include <overlay_square.hpp>
#include <soft_clip.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <complex>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <string_view>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

/// What portspan/description.h says of a state's layout that is spelled out.
constexpr std::uint64_t hash(std::string_view layout) {
    std::uint64_t number = 0xcbf29ce484222325;
    for (const char c : layout) number = (number ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return number;
}

/// Runs an operation over a block, in which nothing is called that takes memory or waits.
std::vector<float> operate(const Library<decltype(operations)>& library, int operation,
                           const std::vector<float>& x, int expected = 0) {
    OperationsState state{.operation = operation, .scale = 0.5f};
    std::vector<float> y(x.size(), 99.0f);
    int result = 0;
    CHECK(real_time::calls_of([&] {
              result = library.call(x.data(), y.data(), x.size(), nullptr, 0, &state);
          }) == "");
    CHECK(result == expected);
    return y;
}

}  // namespace

TEST_CASE("the header declares a PaStreamCallback with its sample and state types") {
    STATIC_REQUIRE(std::is_same_v<decltype(soft_clip), int(const float*, float*, unsigned long,
                                                           const PaStreamCallbackTimeInfo*,
                                                           PaStreamCallbackFlags, SoftClipState*)>);
    STATIC_REQUIRE(std::is_same_v<decltype(assign), int(const float*, float*, unsigned long,
                                                        const PaStreamCallbackTimeInfo*,
                                                        PaStreamCallbackFlags, void*)>);
    STATIC_REQUIRE(
        std::is_same_v<decltype(layout),
                       int(const std::int16_t* const*, std::int16_t* const*, unsigned long,
                           const PaStreamCallbackTimeInfo*, PaStreamCallbackFlags, LayoutState*)>);
    STATIC_REQUIRE(std::is_same_v<decltype(soft_clip_error), const char*()>);
    SoftClipState state{.gain = 2.0f};
    CHECK(state.gain == 2.0f);
    CHECK(state.output_channels == 0);
    CHECK(state.blocked[7] == 0.0);
}

TEST_CASE("a callback says of itself what its signature tells") {
    Library<decltype(soft_clip)> library{SOFT_CLIP_LIBRARY, "soft_clip"};
    Library<decltype(layout)> planar{LAYOUT_LIBRARY, "layout"};
    Library<decltype(delay)> needy{DELAY_LIBRARY, "delay"};
    Library<decltype(gain)> stateless{GAIN_LIBRARY, "gain"};
    using Values = std::vector<std::uint64_t>;
    constexpr std::uint64_t abi = PORTSPAN_ABI_VERSION, size = sizeof(portspan_description);
    CHECK(values(*library.description) ==
          Values{abi, size, paFloat32, paFloat32, PORTSPAN_INTERLEAVED, 0, 0, 0,
                 sizeof(SoftClipState), portspan_state_hash(static_cast<SoftClipState*>(nullptr)),
                 0, 0});
    CHECK(values(*planar.description) ==
          Values{abi, size, paInt16, paInt16, PORTSPAN_PLANAR, 0, 0, 0, sizeof(LayoutState),
                 portspan_state_hash(static_cast<LayoutState*>(nullptr)), 0, 0});
    CHECK(values(*needy.description) == Values{abi, size, paFloat32, paFloat32,
                                               PORTSPAN_INTERLEAVED, PORTSPAN_NEEDS_STATE, 0, 0, 0,
                                               0, 0, 0});
    CHECK(values(*stateless.description) ==
          Values{abi, size, paFloat32, paFloat32, PORTSPAN_INTERLEAVED, 0, 0, 0, 0, 0, 0, 0});
    // One that is linked in says it, too.
    CHECK(values(overlay_double_portspan) == values(*stateless.description));
}

TEST_CASE("the hash of a state's layout is that of description.h") {
    STATIC_REQUIRE(portspan_state_hash(static_cast<const SoftClipState*>(nullptr)) ==
                   hash("gain:f4:0;input_channels:i4:4;output_channels:i4:8;clipped:f8[8]:16;"
                        "blocked:f8[8]:80;size:144"));
    STATIC_REQUIRE(
        portspan_state_hash(static_cast<const LayoutState*>(nullptr)) ==
        hash("tag:i1:0;voice:{phase:f8:0;on:b1:8;notes:u1[2][3]:9;size:16}:8;level:f4:24;"
             "count:u2:28;spectrum:c8[2]:32;total:i8:48;size:56"));
    STATIC_REQUIRE(hash("gain:f4:0;channels:i4:4;size:8") == 0xa8208f2ae9ffbbe4);
}

TEST_CASE("the demo agrees with a double precision reference") {
    const auto path = GENERATE(SOFT_CLIP_LIBRARY, SOFT_CLIP_NATIVE_LIBRARY);
    Library<decltype(soft_clip)> library{path, "soft_clip"};
    const std::vector<float> input = noise(48000);

    SECTION("over many blocks of two channels, with the default drive") {
        SoftClipState state{};
        SoftClipReference reference{4.0, 2, 2};
        std::vector<float> output(input.size());
        for (std::size_t at = 0; at < input.size(); at += 128)
            REQUIRE(library.call(&input[at], &output[at], 64, nullptr, 0, &state) == paContinue);
        CHECK(distance(output, reference(input)) < 1e-6);
        CHECK(library.error() == nullptr);
    }
    SECTION("from one channel to two, with a drive of its own") {
        SoftClipState state{.gain = 2.0f, .input_channels = 1, .output_channels = 2};
        SoftClipReference reference{2.0, 1, 2};
        std::vector<float> output(input.size() * 2);
        REQUIRE(library.call(input.data(), output.data(), input.size(), nullptr, 0, &state) ==
                paContinue);
        CHECK(distance(output, reference(input)) < 1e-6);
        CHECK(output[0] == output[1]);
    }
    SECTION("through a state of the library's own where the stream has none") {
        SoftClipReference reference{4.0, 2, 2};
        std::vector<float> output(input.size());
        const std::size_t half = input.size() / 2;
        REQUIRE(library.call(input.data(), output.data(), half / 2, nullptr, 0, nullptr) ==
                paContinue);
        REQUIRE(library.call(&input[half], &output[half], half / 2, nullptr, 0, nullptr) ==
                paContinue);
        CHECK(distance(output, reference(input)) < 1e-6);
    }
    SECTION("with silence for an input that PortAudio does not have") {
        SoftClipState state{};
        SoftClipReference reference{4.0, 2, 2};
        std::vector<float> output(256, 99.0f);
        REQUIRE(library.call(nullptr, output.data(), 128, nullptr, 0, &state) == paContinue);
        CHECK(distance(output, reference(std::vector<float>(256))) < 1e-6);
    }
    SECTION("and ends the stream where it has no memory for the channels") {
        SoftClipState state{.output_channels = 9};
        CHECK(library.call(input.data(), nullptr, 64, nullptr, 0, &state) == paAbort);
        CHECK(library.error() == nullptr);
    }
}

TEST_CASE("array expressions are computed without the heap") {
    Library<decltype(operations)> library{OPERATIONS_LIBRARY, "operations"};
    const std::vector<float> x = noise(256);
    const auto at = [&](std::size_t i) { return static_cast<double>(x[i]); };

    SECTION("an assignment") { CHECK(operate(library, 0, x) == x); }
    SECTION("a product with a constant") {
        CHECK(distance(operate(library, 1, x), each(x, [](double v) { return v * 0.5; })) < 1e-6);
    }
    SECTION("a function of a product") {
        CHECK(distance(operate(library, 2, x), each(x, [](double v) { return std::tanh(2 * v); })) <
              1e-6);
    }
    SECTION("several functions") {
        CHECK(distance(operate(library, 3, x), each(x, [](double v) {
                           return std::sin(v) + std::cos(v) * std::exp(-std::abs(v));
                       })) < 1e-6);
    }
    SECTION("reductions") {
        const auto y = operate(library, 4, x);
        const double sum = std::accumulate(x.begin(), x.end(), 0.0);
        const double mean = sum / 256;
        double variance = 0, loudest = 0;
        for (const float v : x) {
            variance += (v - mean) * (v - mean) / 256;
            loudest = std::max(loudest, std::abs(static_cast<double>(v)));
        }
        CHECK(std::abs(y[0] - sum) < 1e-4);
        CHECK(std::abs(y[1] - mean) < 1e-6);
        CHECK(std::abs(y[2] - std::sqrt(variance)) < 1e-6);
        CHECK(y[3] == static_cast<float>(loudest));
        CHECK(y[4] == static_cast<float>(std::max_element(x.begin(), x.end()) - x.begin()));
        CHECK(y[5] == 0.0f);
    }
    SECTION("tuples") {
        const auto [low, high] = std::minmax_element(x.begin(), x.end());
        CHECK(distance(operate(library, 5, x), std::vector<double>(256, *low + *high * 0.5)) <
              1e-6);
    }
    SECTION("a filter whose taps are a global array") {
        std::vector<double> expected;
        for (std::size_t i = 0; i < 256; ++i)
            expected.push_back(0.5 * at(i) + (i > 0 ? 0.25 * at(i - 1) : 0) -
                               (i > 1 ? 0.125 * at(i - 2) : 0));
        CHECK(distance(operate(library, 6, x), expected) < 1e-6);
    }
    SECTION("another compiled function") {
        CHECK(distance(operate(library, 7, x),
                       each(x, [](double v) { return std::sin(1.5 * v); })) < 1e-6);
    }
    SECTION("the functions of math") {
        CHECK(distance(operate(library, 8, x), each(x, [](double v) {
                           const double a = std::abs(v) + 0.25;
                           int exponent = 0;
                           const double mantissa = std::frexp(a, &exponent);
                           return (std::sqrt(a) + std::exp(a) + std::log(a) + std::log1p(a) +
                                   std::expm1(a) + std::log10(a) + std::sinh(a) + std::cosh(a) +
                                   std::atan2(a, 2.0) + std::hypot(a, 3.0) + std::pow(a, 1.5) +
                                   std::erf(a) + std::erfc(a) + std::tgamma(a) + std::lgamma(a) +
                                   std::fmod(a, 0.3) + std::floor(a) + std::ceil(a) +
                                   std::copysign(a, -1.0) + std::asinh(a) + std::tan(a) + mantissa +
                                   exponent + std::ldexp(a, 2)) /
                                  64.0;
                       })) < 1e-5);
    }
    SECTION("reshaped and copied arrays") {
        const auto y = operate(library, 9, x);
        double even = 0, odd = 0;
        for (std::size_t i = 0; i < 256; i += 2) {
            even += at(i);
            odd += at(i + 1);
        }
        CHECK(std::abs(y[0] - even) < 1e-4);
        CHECK(std::abs(y[1] - odd) < 1e-4);
        CHECK(y[2] == x[3]);
        CHECK(y[3] == x[2]);
        CHECK(std::equal(x.begin() + 4, x.begin() + 8, y.begin() + 4));
        CHECK(y[8] == 0.0f);
    }
    SECTION("a temporary in every round, in the room of one") {
        CHECK(operate(library, 10, x) == x);
    }
    SECTION("a list that grows") {
        const auto positive = std::count_if(x.begin(), x.end(), [](float v) { return v > 0; });
        CHECK(operate(library, 11, x) == std::vector<float>(256, static_cast<float>(positive + 1)));
    }
    SECTION("a sorted copy") {
        std::vector<float> sorted = x;
        std::sort(sorted.begin(), sorted.end());
        CHECK(operate(library, 12, x) == sorted);
    }
    SECTION("complex powers") {
        CHECK(distance(operate(library, 13, x), each(x, [](double v) {
                           return std::pow(std::complex<double>{v, 0.5},
                                           std::complex<double>{1.5, 0.25})
                               .real();
                       })) < 1e-6);
    }
    CHECK(library.text().empty());
}

TEST_CASE("a raised exception ends the stream and leaves its text") {
    Library<decltype(failures)> library{FAILURES_LIBRARY, "failures"};
    std::array<float, 16> x{}, y{};
    x.fill(3.0f);
    const auto run = [&](FailuresState state) {
        int result = 0;
        CHECK(real_time::calls_of([&] {
                  result = library.call(x.data(), y.data(), x.size(), nullptr, 0, &state);
              }) == "");
        return result;
    };

    SECTION("and none leaves none") {
        CHECK(run({.divisor = 2.0f, .index = 15}) == paContinue);
        CHECK(library.failures() == 0);
        CHECK(library.error() == nullptr);
        CHECK(y[14] == 1.5f);
        CHECK(y[15] == 1.0f);
    }
    SECTION("raised in so many words") {
        CHECK(run({.failure = 1, .divisor = 2.0f}) == paAbort);
        CHECK(library.text() == "ValueError: boo (failures.py:26)");
    }
    SECTION("of a class of one's own") {
        CHECK(run({.failure = 2, .divisor = 2.0f}) == paAbort);
        CHECK(library.text() == "Overload: too \"loud\" \xc3\xa4, 3 (failures.py:28)");
    }
    SECTION("by an assertion") {
        CHECK(run({.failure = 3, .divisor = 2.0f}) == paAbort);
        CHECK(library.text() == "AssertionError (failures.py:30)");
    }
    SECTION("by arrays that do not fit") {
        CHECK(run({.failure = 4, .divisor = 2.0f}) == paAbort);
        CHECK(library.text().substr(0, 12) == "ValueError: ");
        CHECK(library.text().find(" (failures.py:32)") != std::string::npos);
    }
    SECTION("by a function of Numba's, which has the line that calls it") {
        const std::string text = "ValueError: total size of new array must be unchanged";
        CHECK(run({.failure = 6, .divisor = 2.0f}) == paAbort);
        CHECK(library.text() == text + " (failures.py:36)");
        CHECK(run({.failure = 5, .divisor = 2.0f}) == paAbort);
        CHECK(library.text() == text + " (failures.py:17)");
    }
    SECTION("by a division, which is what an empty state of the library's leads to") {
        CHECK(run({}) == paAbort);
        CHECK(library.text() == "ZeroDivisionError: division by zero (failures.py:38)");
        CHECK(library.call(x.data(), y.data(), x.size(), nullptr, 0, nullptr) == paAbort);
    }
    SECTION("by an index, and what was written before stays") {
        y.fill(0.0f);
        CHECK(run({.divisor = 2.0f, .index = 16}) == paAbort);
        CHECK(library.text() == "IndexError: index is out of bounds (failures.py:39)");
        CHECK(y[15] == 1.5f);
    }
    SECTION("and the next call is as good as any") {
        CHECK(run({.failure = 1}) == paAbort);
        CHECK(run({.divisor = 2.0f}) == paContinue);
        CHECK(library.failures() == 1);
        CHECK(run({.failure = 1}) == paAbort);
        CHECK(library.failures() == 2);
        CHECK(library.text() == "ValueError: boo (failures.py:26)");
    }
}

TEST_CASE("an arena that is too small ends the stream, whatever Numba makes of it") {
    Library<decltype(assign)> small{ASSIGN_SMALL_LIBRARY, "assign"};
    Library<decltype(assign)> large{ASSIGN_LIBRARY, "assign"};
    std::vector<float> memory = noise(4096);
    const std::vector<float> before = memory;
    // Overlapping buffers: the assignment needs a copy of the input.
    const auto run = [&](const Library<decltype(assign)>& library, std::size_t frames) {
        return library.call(memory.data(), memory.data() + 1, frames, nullptr, 0, nullptr);
    };

    CHECK(run(large, 2048) == paContinue);
    CHECK(std::equal(before.begin(), before.begin() + 2048, memory.begin() + 1));
    CHECK(large.text().empty());

    CHECK(run(small, 256) == paContinue);
    CHECK(small.text().empty());
    CHECK(run(small, 2048) == paAbort);
    CHECK(small.text() ==
          "MemoryError: the arena of 2048 bytes is too small; see ARENA of "
          "portspan_add_numba_callback");
    CHECK(run(small, 256) == paContinue);

    Library<decltype(operations)> temporaries{OPERATIONS_LIBRARY, "operations"};
    const std::vector<float> x = noise(1 << 18);
    operate(temporaries, 12, x, paAbort);
    CHECK(temporaries.text().substr(0, 41) == "MemoryError: the arena of 262144 bytes is");
    CHECK(operate(temporaries, 0, x) == x);
}

TEST_CASE("a callback that cannot fail is exported as it is") {
    Library<decltype(gain)> library{GAIN_LIBRARY, "gain"};
    const std::vector<float> x = noise(333);
    std::vector<float> y(x.size());
    CHECK(library.call(x.data(), y.data(), x.size(), nullptr, 0, nullptr) == paContinue);
    CHECK(distance(y, each(x, [](double v) { return v * 0.5; })) == 0.0);
    CHECK(library.call(x.data(), y.data(), 7, nullptr, 0, nullptr) == paComplete);
    CHECK(library.error() == nullptr);
}

TEST_CASE("the state's struct is laid out as Numba sees it") {
    Library<decltype(layout)> library{LAYOUT_LIBRARY, "layout"};
    LayoutState state{.tag = -3, .count = 65535, .total = 40};
    state.voice = {.phase = 0.5, .on = true, .notes = {{1, 2, 3}, {4, 5, 6}}};
    const std::int16_t left[3] = {1, 2, 3}, right[3] = {10, 20, 30};
    std::int16_t out_left[3], out_right[3];
    const std::int16_t* const in[2] = {left, right};
    std::int16_t* const out[2] = {out_left, out_right};
    const PaStreamCallbackTimeInfo time{1.0, 2.5, 3.0};
    CHECK(library.call(in, out, 3, &time, 2, &state) == paContinue);
    CHECK(out_left[2] == 27);
    CHECK(out_right[0] == -2);
    CHECK(state.level == 2.5f);
    CHECK(state.count == 0);
    CHECK(state.total == 42);
    CHECK(state.voice.notes[1][2] == 6);
}

TEST_CASE("a state whose length only the callback knows has to be given") {
    Library<decltype(delay)> library{DELAY_LIBRARY, "delay"};
    Library<decltype(delay_block)> guarded{DELAY_BLOCK_LIBRARY, "delay_block"};
    const std::vector<float> x = noise(1024);
    std::vector<float> y(1024), line(1024);

    CHECK(library.call(x.data(), y.data(), 1024, nullptr, 0, nullptr) == paAbort);
    CHECK(library.text() == "delay: the callback needs a state");
    CHECK(guarded.call(x.data(), y.data(), 1024, nullptr, 0, nullptr) == paAbort);
    CHECK(guarded.text() == "delay_block: the callback needs a state");
    CHECK(y == std::vector<float>(1024));

    CHECK(library.call(x.data(), y.data(), 1024, nullptr, 0, line.data()) == paContinue);
    CHECK(std::equal(x.begin(), x.end(), line.rbegin()));
    // More often than there are arenas: a refused call must not keep one.
    for (int i = 0; i < 20; ++i)
        CHECK(guarded.call(x.data(), y.data(), 1024, nullptr, 0, nullptr) == paAbort);
    CHECK(guarded.call(x.data(), y.data(), 1024, nullptr, 0, line.data()) == paContinue);
    CHECK(std::equal(x.begin(), x.end(), y.rbegin()));
    CHECK(guarded.call(x.data(), y.data(), 7, nullptr, 0, line.data()) == paAbort);
    CHECK(guarded.text().substr(0, 26) == "ValueError: blocks of 1024");
}

TEST_CASE("two threads call one library at once") {
    Library<decltype(operations)> library{OPERATIONS_LIBRARY, "operations"};
    Library<decltype(failures)> failing{FAILURES_LIBRARY, "failures"};
    std::atomic<int> wrong{0};
    const auto work = [&](unsigned which) {
        std::vector<float> x = noise(256 + which);
        x.erase(x.begin(), x.begin() + which);
        std::vector<float> sorted = x, y(256);
        std::sort(sorted.begin(), sorted.end());
        for (int round = 0; round < 2000; ++round) {
            OperationsState state{.operation = 12};
            wrong += library.call(x.data(), y.data(), 256, nullptr, 0, &state) != paContinue;
            wrong += y != sorted;
            // One thread's exception is not the other's.
            FailuresState choice{.failure = which == 1 ? 1 : 0, .divisor = 1.0f};
            wrong += failing.call(x.data(), y.data(), 256, nullptr, 0, &choice) !=
                     (which == 1 ? paAbort : paContinue);
        }
    };
    std::thread one{work, 1u}, two{work, 2u};
    one.join();
    two.join();
    CHECK(wrong == 0);
    CHECK(library.text().empty());
    CHECK(failing.text() == "ValueError: boo (failures.py:26)");
}

TEST_CASE("two callbacks are linked into one program") {
    const std::vector<float> x = noise(64);
    std::vector<float> doubled(64), squared(64);
    CHECK(overlay_double(x.data(), doubled.data(), 64, nullptr, 0, nullptr) == paContinue);
    CHECK(overlay_square(x.data(), squared.data(), 64, nullptr, 0, nullptr) == paContinue);
    CHECK(distance(doubled, each(x, [](double v) { return v * 2; })) < 1e-6);
    CHECK(distance(squared, each(x, [](double v) { return v * v; })) < 1e-6);
    CHECK(overlay_double_error() == nullptr);
    CHECK(overlay_square_error() == nullptr);
    CHECK(overlay_square(x.data(), squared.data(), 3, nullptr, 0, nullptr) == paAbort);
    CHECK(overlay_double_error() == nullptr);
    CHECK(std::string{overlay_square_error()} == "ValueError: the squaring one (overlay.py:21)");
}

TEST_CASE("a library has several callbacks of one file") {
    Library<decltype(overlay_double)> doubling{OVERLAYS_LIBRARY, "overlay_double"};
    Library<decltype(overlay_square)> squaring{OVERLAYS_LIBRARY, "overlay_square"};
    const std::vector<float> x = noise(64);
    std::vector<float> doubled(64), squared(64);
    CHECK(doubling.call(x.data(), doubled.data(), 64, nullptr, 0, nullptr) == paContinue);
    CHECK(squaring.call(x.data(), squared.data(), 64, nullptr, 0, nullptr) == paContinue);
    CHECK(distance(doubled, each(x, [](double v) { return v * 2; })) < 1e-6);
    CHECK(distance(squared, each(x, [](double v) { return v * v; })) < 1e-6);
    CHECK(doubling.call(x.data(), doubled.data(), 3, nullptr, 0, nullptr) == paAbort);
    CHECK(doubling.text() == "ValueError: the doubling one (overlay.py:12)");
    CHECK(squaring.error() == nullptr);
}
