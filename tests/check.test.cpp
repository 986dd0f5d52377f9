// SPDX-License-Identifier: MIT
// What check() finds in callbacks that are faulty, each in one way, and that it lets good ones
// pass.
#include <portspan/check.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <portspan/guards.hpp>
#include <portspan/library.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"

using portspan::check;
using portspan::CheckOptions;
using portspan::CheckReport;
using portspan::Error;
using portspan::Interleaved;
using portspan::Observation;
using portspan::Planar;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;

portspan::RawCallback fixture(const char* symbol, void* state = nullptr) {
    static const portspan::SharedLibrary library{PORTSPAN_CHECKED};
    return library.callback(symbol, state);
}

CheckReport check_fixture(const char* symbol) { return check<float>(fixture(symbol)); }

/// It has this fault, told so, and no other.
void expect(const CheckReport& report, Observation what, const std::string& text) {
    INFO(report.text());
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].what == what);
    CHECK(report.findings[0].is_fault);
    CHECK(report.findings[0].text == text);
    CHECK(!report.ok());
}

void expect_good(const CheckReport& report) {
    CHECK(report.text() == "nothing found");
    CHECK(report.ok());
    CHECK(report.repeatable == true);
}

}  // namespace

TEST_CASE("Writing outside of the buffers is found") {
    expect(check_fixture("writes_past_end"), Observation::wrote_outside_output,
           "writes up to 4 bytes behind its output, in blocks of 256 frames");
    expect(check_fixture("writes_before_start"), Observation::wrote_outside_output,
           "writes up to 4 bytes before its output, in blocks of 256 frames");
    expect(check<float, float, Planar>(fixture("writes_between_channels")),
           Observation::wrote_outside_output,
           "writes up to 4 bytes behind channel 0 of its output, in blocks of 256 frames");
    expect(check_fixture("writes_to_input"), Observation::wrote_to_input,
           "writes to its input, in blocks of 256 frames");
}

TEST_CASE("A callback for more channels than there are is found in either layout") {
    const auto mono = CheckOptions{.input_channels = 1, .output_channels = 1};
    const CheckReport report = check<float>(fixture("good_gain"), mono);
    INFO(report.text());
    REQUIRE(report.find(Observation::wrote_outside_output));
    CHECK(report.find(Observation::wrote_outside_output)->text ==
          "writes up to 1024 bytes behind its output, in blocks of 256 frames");
    CHECK(check<float, float, Planar>(fixture("good_planar"), mono)
              .find(Observation::wrote_outside_output)
              ->text ==
          "writes to channel 1 of its output, which has 1 channel, in blocks of 256 "
          "frames");
    CHECK(check<float, float, Planar>(fixture("good_gain"))
              .find(Observation::wrote_outside_output)
              ->text ==
          "writes over the pointers to its output channels: it takes the layout for "
          "another, in blocks of 256 frames");
}

TEST_CASE("Output that is left as it was is found") {
    expect(check_fixture("leaves_frames"), Observation::output_not_written,
           "leaves all of its output unwritten, in blocks of 1 frame");
    expect(check<float>(fixture("leaves_frames"), {.block_sizes = {39}}),
           Observation::output_not_written,
           "leaves the last 3 frames of a block of its output unwritten, in blocks of 39 frames");
    expect(check_fixture("leaves_channel"), Observation::output_not_written,
           "leaves channel 1 of its output unwritten, in blocks of 256 frames");
    expect(check_fixture("mixes_into_output"), Observation::reads_old_output,
           "gives output that depends on what was in the buffer before (frame 0, channel 0), in "
           "blocks of 256 frames");
}

TEST_CASE("Numbers that are none are found") {
    expect(check_fixture("gives_nan"), Observation::output_nan,
           "gives NaN (frame 2514, channel 0), in blocks of 256 frames");
    expect(check_fixture("gives_infinity"), Observation::output_infinite,
           "gives infinity (frame 2514, channel 0), in blocks of 256 frames");
}

TEST_CASE("Results that end a stream are found") {
    expect(check_fixture("returns_seven"), Observation::unknown_result,
           "returns 7, which is none of paContinue (0), paComplete (1), paAbort (2), in blocks of "
           "256 frames");
    const CheckReport report = check_fixture("aborts");
    CHECK(report.find(Observation::aborted)->text ==
          "aborts after 512 frames, in blocks of 256 frames");
    CHECK(check_fixture("fails").find(Observation::aborted)->text ==
          "aborts after 0 frames, in blocks of 256 frames: ValueError: the knob is off "
          "(fails.py:7)");
    expect(check<float>(portspan::in_place(fixture("returns_seven"))), Observation::unknown_result,
           "returns 7, which is none of paContinue (0), paComplete (1), paAbort (2), in blocks of "
           "256 frames");
}

TEST_CASE("Output that depends on the size of the blocks is found") {
    float gain = 0;
    CheckOptions options{.state = std::as_writable_bytes(std::span{&gain, 1})};
    const CheckReport report = check<float>(fixture("fades_by_block", &gain), options);
    INFO(report.text());
    REQUIRE(report.findings.size() == 1);
    CHECK(report.findings[0].what == Observation::depends_on_block_size);
    CHECK_THAT(report.findings[0].text,
               ContainsSubstring("in blocks of 64 frames, ") &&
                   ContainsSubstring(" in blocks of 256 frames (frame 64, channel 0)"));
    CHECK(gain == 0);
    options.block_sizes = {64};
    expect_good(check<float>(fixture("fades_by_block", &gain), options));
}

TEST_CASE("A processor that is left in another mode is found, and put right") {
    using portspan::detail::FloatControl;
    const auto before = FloatControl::get();
#if defined(__x86_64__) || defined(__aarch64__)
    expect(check_fixture("flushes_denormals"), Observation::changed_float_control,
           "leaves the processor's floating-point control changed: flush-to-zero on, in blocks of "
           "256 frames");
#endif
    expect(check_fixture("rounds_down"), Observation::changed_float_control,
           "leaves the processor's floating-point control changed: another rounding mode, in "
           "blocks of 256 frames");
    CHECK(FloatControl::get() == before);
    expect_good(check<float>(portspan::flush_denormals(fixture("rounds_down"))));
}

TEST_CASE("A promise of the description that is not kept is found") {
    expect(check_fixture("swaps_in_place"), Observation::not_in_place,
           "says that it may work in place, but then gives -0.130729377 and not -0.2635445 (frame "
           "0, channel 1)");
    expect(check_fixture("short_of_its_block"), Observation::output_not_written,
           "leaves the last 512 frames of a block of its output unwritten, in blocks of 1024 "
           "frames");
    std::array<float, 3> state{};
    expect(check<float>(fixture("writes_past_state", state.data())),
           Observation::wrote_outside_state, "writes up to 4 bytes behind its state of 8 bytes");
    CHECK_THROWS_AS((check<std::int16_t>(fixture("swaps_in_place"))), Error);
}

TEST_CASE("What is not repeatable is said to be that, and no more than that") {
    SECTION("a fault where the state was given") {
        std::array<std::byte, 1> state{};
        const CheckReport report = check<float>(fixture("noise_without_seed"), {.state = state});
        INFO(report.text());
        REQUIRE(report.findings.size() == 1);
        CHECK(!report.ok());
        CHECK(report.findings[0].text.starts_with(
            "is not repeatable: the same input from the same state gives "));
        CHECK(!report.in_place.has_value());
    }
    SECTION("a note where it was not") {
        const CheckReport report = check_fixture("good_static");
        INFO(report.text());
        REQUIRE(report.findings.size() == 1);
        CHECK(report.ok());
        CHECK(report.findings[0].what == Observation::not_repeatable);
        CHECK_THAT(report.text(), ContainsSubstring("note: is not repeatable") &&
                                      ContainsSubstring("it has a state of its own"));
    }
    SECTION("also of noise of 8 bits, which may be any byte twice") {
        unsigned random = 1;
        const auto noise = [&random](auto& block) {
            for (std::uint8_t& x : block.output().samples()) {
                random = random * 1664525 + 1013904223;
                x = static_cast<std::uint8_t>(random >> 24);
            }
        };
        const CheckReport report = check<void, std::uint8_t>(noise);
        CHECK(report.findings.size() == 1);
        CHECK(report.find(Observation::not_repeatable));
    }
}

TEST_CASE("Good callbacks pass") {
    SECTION("a filter with a state") {
        struct OnePole {
            float coefficient = 0.1f;
            std::array<float, 2> last{0.5f, -0.5f};
        } state;
        const CheckReport report = check<float>(fixture("good_filter", &state));
        expect_good(report);
        CHECK(report.in_place == true);
        CHECK(state.last == std::array{0.5f, -0.5f});
        CHECK(!report.completed);
        CHECK(report.first_call > 0);
        CHECK(report.steady_call > 0);
        CHECK(report.worst_call >= report.steady_call);
        CHECK(report.steady_frames == 256);
    }
    SECTION("a planar one that does not work in place and does not say so") {
        const CheckReport report = check<float, float, Planar>(fixture("good_planar"));
        expect_good(report);
        CHECK(report.in_place == false);
    }
    SECTION("one of int16") { expect_good(check<std::int16_t>(fixture("good_int16"))); }
    SECTION("one that completes") {
        unsigned long position = 0;
        const CheckReport report =
            check<float>(fixture("good_ending", &position),
                         {.state = std::as_writable_bytes(std::span{&position, 1})});
        expect_good(report);
        CHECK(report.completed);
        CHECK(position == 0);
    }
    SECTION("without an input, on request") {
        const CheckReport report = check<float>(fixture("good_gain"), {.null_input = true});
        expect_good(report);
    }
}

TEST_CASE("Callbacks of C++ are checked, too") {
    SECTION("a callable, copied for each run") {
        const auto fade_in = [gain = 0.0f](auto& block) mutable noexcept {
            const auto audio = block.in_place();
            for (std::size_t f = 0; f < audio.frames(); ++f) {
                for (float& x : audio.frame(f)) x *= gain;
                gain += 1e-4f;
            }
        };
        expect_good(check<float>(fade_in));
    }
    SECTION("one that cannot be copied") {
        auto gain = std::make_unique<float>(0.5f);
        expect_good(check<float>([gain = std::move(gain)](auto& block) {
            for (float& x : block.in_place().samples()) x *= *gain;
        }));
    }
    SECTION("one that only listens") {
        float peak = 0;
        const CheckReport report =
            check<float, void>([&](auto& block) { peak = block.input()(0, 0); });
        expect_good(report);
        CHECK(peak != 0);
    }
    SECTION("an exception is told") {
        const CheckReport report = check<float>([](auto&) { throw std::runtime_error("no disk"); });
        REQUIRE(!report.findings.empty());
        CHECK(report.find(Observation::threw)->text ==
              "throws an exception: no disk, in blocks of 256 frames");
    }
    SECTION("an exception without words is told as well") {
        const CheckReport report = check<float>([](auto&) { throw 7; });
        REQUIRE(report.find(Observation::threw));
        CHECK(report.find(Observation::threw)->text ==
              "throws an exception, in blocks of 256 frames");
    }
    SECTION("a state that is more than its bytes") {
        struct Delay {
            std::vector<float> line = std::vector<float>(100);
            std::size_t position = 0;
        } delay;
        const auto echo = [](const float* input, float* output, unsigned long frames, Time, Flags,
                             Delay* state) {
            for (std::size_t i = 0; i < 2 * frames; ++i) {
                float& past = state->line[state->position++ % state->line.size()];
                output[i] = input[i] + 0.5f * past;
                past = input[i];
            }
            return 0;
        };
        expect_good(check<float>(+echo, &delay));
        CHECK(delay.position == 0);
        CHECK(delay.line == std::vector<float>(100));
    }
    SECTION("guards and in_place() around it") {
        expect_good(check<float>(portspan::zero_output_first(fixture("leaves_channel"))));
        expect_good(check<float>(portspan::silence_non_finite(fixture("gives_nan"))));
        expect_good(check<float>(portspan::in_place(fixture("mixes_into_output"))));
    }
}

TEST_CASE("Every sample type and both layouts have a check") {
    const auto pass = [](auto& block) { block.in_place(); };
    const auto both = [&](auto sample) {
        using T = decltype(sample);
        expect_good(check<T, T, Interleaved>(pass));
        expect_good(check<T, T, Planar>(pass, {.input_channels = 3, .output_channels = 1}));
    };
    both(float{});
    both(std::int32_t{});
    both(portspan::Int24{});
    both(std::int16_t{});
    both(std::int8_t{});
    both(std::uint8_t{});
}

TEST_CASE("What a callback is checked with is loud in every format, around its silence") {
    const auto range_of = [](auto sample) {
        using T = decltype(sample);
        double least = 0, most = 0;
        expect_good(check<T, T>([&](auto& block) {
            for (const T& value : block.in_place().samples()) {
                const double from_silence =
                    static_cast<double>(value) - static_cast<double>(portspan::silence<T>);
                least = std::min(least, from_silence);
                most = std::max(most, from_silence);
            }
        }));
        return std::pair{least, most};
    };
    const auto is_half_of = [&](auto sample, double full_scale) {
        const auto [least, most] = range_of(sample);
        INFO(full_scale << ": " << least << " to " << most);
        CHECK((least > -0.51 * full_scale && least < -0.4 * full_scale));
        CHECK((most < 0.51 * full_scale && most > 0.4 * full_scale));
    };
    is_half_of(float{}, 1);
    is_half_of(std::int32_t{}, 2147483648.0);
    is_half_of(std::int16_t{}, 32768);
    is_half_of(std::int8_t{}, 128);
    is_half_of(std::uint8_t{}, 128);
}

TEST_CASE("A report is a finding on each line, notes marked") {
    portspan::CheckReport report;
    CHECK(report.text() == "nothing found");
    report.findings = {{Observation::aborted, true, "aborts"},
                       {Observation::not_repeatable, false, "differs"}};
    CHECK(report.text() == "aborts\nnote: differs");
}

TEST_CASE("What cannot be checked is an Error") {
    const auto pass = [](auto& block) { block.in_place(); };
    CHECK_NOTHROW(check<float>(pass));
    CHECK_THROWS_AS(check<float>(pass, {.input_channels = 0}), Error);
    CHECK_THROWS_AS(check<float>(pass, {.output_channels = 0}), Error);
    CHECK_THROWS_AS(check<float>(pass, {.sample_rate = 0}), Error);
    CHECK_THROWS_AS(check<float>(pass, {.block_sizes = {}}), Error);
    CHECK_THROWS_AS(check<float>(pass, {.block_sizes = {64, 0}}), Error);
    CHECK_THROWS_AS(check<float>(portspan::RawCallback{}), Error);
    CHECK_THROWS_AS(check<float>(fixture("good_filter")), Error);  // it needs a state
}
