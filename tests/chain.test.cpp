// SPDX-License-Identifier: MIT
// Stages one after the other: what each is called with, what comes out, how it ends.
#include <portspan/chain.hpp>

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <portspan/check.hpp>
#include <portspan/guards.hpp>
#include <portspan/mock.hpp>
#include <portspan/render.hpp>
#include <portspan/stream.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "catch.hpp"

using portspan::bound;
using portspan::chain;
using portspan::Error;
using portspan::Fault;
using portspan::in_place;
using portspan::Interleaved;
using portspan::InterleavedView;
using portspan::Next;
using portspan::NoView;
using portspan::Planar;
using portspan::RawCallback;
using portspan::render;
using portspan::RenderConfig;
using portspan::detail::Context;

namespace {

using Time = const PaStreamCallbackTimeInfo*;
using Flags = PaStreamCallbackFlags;
using Floats = std::vector<float>;

/// A stage of a mono signal: how it was called, and what it is to say.
struct Stage {
    float factor = 1;
    float offset = 0;
    int result = paContinue;
    const float* input = nullptr;
    float* output = nullptr;
    int calls = 0;
};

template <class L, class Pointer>
auto samples_of(Pointer buffer) {
    if constexpr (std::is_same_v<L, Planar>) {
        return buffer ? buffer[0] : nullptr;
    } else {
        return buffer;
    }
}
template <class L, class T>
using Buffer = std::conditional_t<std::is_same_v<L, Planar>, T* const*, T*>;

/// Writes to its output before it reads its input, unless both are one.
template <class L>
int linear(Buffer<L, const float> input, Buffer<L, float> output, unsigned long frames, Time, Flags,
           Stage* stage) {
    stage->input = samples_of<L>(input);
    stage->output = samples_of<L>(output);
    ++stage->calls;
    for (unsigned long i = 0; i < frames && stage->input != stage->output; ++i) {
        stage->output[i] = -100;
    }
    for (unsigned long i = 0; i < frames; ++i) {
        stage->output[i] = (stage->input ? stage->input[i] : 0) * stage->factor + stage->offset;
    }
    return stage->result;
}

constexpr portspan_description says_in_place{.properties = PORTSPAN_IN_PLACE};
constexpr portspan_description says_not_in_place{.properties = PORTSPAN_NOT_IN_PLACE};

template <class L>
RawCallback stage_of(Stage& stage, const portspan_description* says = nullptr) {
    RawCallback raw = portspan::detail::foreign(&linear<L>, &stage).raw();
    raw.description = says;
    return raw;
}

/// As a stream would call it.
template <class L>
struct Host {
    template <class Callback>
    explicit Host(Callback callback)
        : prepared(portspan::detail::prepare<float, float, L>(
              std::move(callback),
              {.shape = {1, 1}, .frames_per_buffer = 4, .sample_rate = 48000})) {}

    int call() {
        float* in = is_same ? output.data() : input.data();
        float* out = output.data();
        void* const raw_in = is_planar ? static_cast<void*>(&in) : in;
        void* const raw_out = is_planar ? static_cast<void*>(&out) : out;
        if (is_same) output = input;
        return portspan::detail::call(prepared.callback, is_null ? nullptr : raw_in, raw_out, 4,
                                      nullptr, 0);
    }

    static constexpr bool is_planar = std::is_same_v<L, Planar>;
    portspan::detail::Prepared prepared;
    bool is_same = false;
    bool is_null = false;
    Floats input{1, 2, 3, 4};
    Floats output = Floats(4, 77);
};

template <class Callback>
Floats through(const Floats& input, Callback callback, const RenderConfig& config = {}) {
    Floats output(input.size(), 77.0f);
    render(InterleavedView<const float>{input, 1}, InterleavedView<float>{output, 1}, config,
           std::move(callback));
    return output;
}

const auto plus_one = [](auto& block) noexcept {
    for (float& x : block.in_place().samples()) x += 1;
};
const auto doubled = [](auto& block) noexcept {
    const auto input = block.input();
    const auto output = block.output();
    for (std::size_t i = 0; i < output.samples().size(); ++i) {
        output.samples()[i] = input.empty() ? 0 : 2 * input.samples()[i];
    }
};

}  // namespace

TEMPLATE_TEST_CASE("A chain hands on one signal without a copy", "", Interleaved, Planar) {
    using L = TestType;
    std::array<Stage, 4> stages{Stage{2, 0}, Stage{1, 1}, Stage{3, 0}, Stage{1, -5}};
    const Floats expected{4, 10, 16, 22};
    const unsigned pattern = GENERATE(range(0u, 16u));
    const bool is_same = GENERATE(false, true);
    const auto works_in_place = [&](std::size_t i) { return (pattern >> i & 1) != 0; };
    const auto stage = [&](std::size_t i) {
        return stage_of<L>(stages[i], works_in_place(i) ? &says_in_place : &says_not_in_place);
    };
    INFO("in place " << pattern << ", input == output " << is_same);
    Host<L> host{chain(stage(0), stage(1), stage(2), stage(3))};
    host.is_same = is_same;
    CHECK(host.call() == paContinue);
    CHECK(host.output == expected);
    CHECK(host.input == Floats{1, 2, 3, 4});
    CHECK(stages[3].output == host.output.data());
    if (!is_same) CHECK(stages[0].input == host.input.data());
    std::vector<const float*> buffers;
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(stages[i].calls == 1);
        if (i > 0) {
            CHECK(stages[i].input == stages[i - 1].output);
            CHECK((stages[i].input == stages[i].output) == works_in_place(i));
            CHECK(stages[i].output != host.input.data());
        } else if (!works_in_place(i)) {
            CHECK(stages[i].input != stages[i].output);
        }
        if (std::ranges::find(buffers, stages[i].output) == buffers.end()) {
            buffers.push_back(stages[i].output);
        }
    }
    CHECK(buffers.size() <= 2);
    if ((pattern & 0b1110) == 0b1110) CHECK(buffers.size() == 1);
}

TEMPLATE_TEST_CASE("A chain under in_place() gives the same", "", Interleaved, Planar) {
    using L = TestType;
    std::array<Stage, 3> stages{Stage{2, 0}, Stage{1, 1}, Stage{3, 0}};
    const unsigned pattern = GENERATE(range(0u, 8u));
    const auto stage = [&](std::size_t i) {
        const bool may = (pattern >> i & 1) != 0;
        return stage_of<L>(stages[i], may ? &says_in_place : &says_not_in_place);
    };
    INFO("in place " << pattern);
    Host<L> host{in_place(chain(stage(0), stage(1), stage(2)))};
    CHECK(host.call() == paContinue);
    CHECK(host.output == Floats{9, 15, 21, 27});
    host.is_null = true;
    CHECK(host.call() == paContinue);
    CHECK(host.output == Floats{3, 3, 3, 3});
}

TEST_CASE("Stages of a chain are callbacks of every kind") {
    const Floats input{1, 2, 3};
    Stage stage{10, 0};
    CHECK(through(input, chain(plus_one)) == Floats{2, 3, 4});
    CHECK(through(input, chain(plus_one, doubled)) == Floats{4, 6, 8});
    CHECK(through(input, chain(doubled, plus_one)) == Floats{3, 5, 7});
    CHECK(through(input, chain(bound(&linear<Interleaved>, &stage), plus_one)) ==
          Floats{11, 21, 31});
    CHECK(through(input, chain(in_place(plus_one), in_place(bound(&linear<Interleaved>,
                                                                  &stage)))) == Floats{20, 30, 40});
    CHECK(through(input, chain(chain(plus_one, doubled), chain(plus_one), doubled)) ==
          Floats{10, 14, 18});
    CHECK(through(input, portspan::limit(chain(plus_one, portspan::limit(doubled, 0, 6)), 5, 9)) ==
          Floats{5, 6, 6});
    CHECK(through(input, chain(plus_one, [kept = std::make_unique<float>(3.0f)](auto& block) {
                      for (float& x : block.in_place().samples()) x *= *kept;
                  })) == Floats{6, 9, 12});
    CHECK(through(input, chain(std::function<void(portspan::Block<float, float>&)>{plus_one})) ==
          Floats{2, 3, 4});
}

TEST_CASE("Channels and sample types change in the first stage of a chain") {
    const std::vector<std::int16_t> mono{16384, -16384};
    Floats stereo(4);
    const auto spread = [](auto& block) noexcept {
        CHECK(block.input().channels() == 1);
        for (std::size_t f = 0; f < block.frames(); ++f) {
            for (float& x : block.output().frame(f)) x = block.input()(f, 0) / 32768.0f;
        }
    };
    const auto swap_sign_right = [](auto& block) noexcept {
        CHECK(block.input().channels() == 2);
        const auto audio = block.in_place();
        for (std::size_t f = 0; f < audio.frames(); ++f) audio(f, 1) *= -1;
    };
    render(InterleavedView<const std::int16_t>{mono, 1}, InterleavedView<float>{stereo, 2},
           chain(spread, swap_sign_right));
    CHECK(stereo == Floats{0.5f, -0.5f, -0.5f, 0.5f});
}

TEST_CASE("The first stage of an output's chain makes the signal") {
    Floats output(3, 77);
    float next = 0;
    const auto count = [&](auto& block) noexcept {
        for (float& x : block.output().samples()) x = next++;
    };
    render(NoView{}, InterleavedView<float>{output, 1}, chain(count, doubled, plus_one));
    CHECK(output == Floats{1, 3, 5});
}

TEST_CASE("A chain of unknown blocks is called 4096 frames at a time") {
    struct Call {
        std::size_t frames;
        double adc;
        double dac;
    };
    std::vector<Call> calls;
    const auto note = [&](auto& block) {
        block.in_place();
        calls.push_back({block.frames(), block.time().input_adc->time_since_epoch().count(),
                         block.time().output_dac->time_since_epoch().count()});
    };
    Floats input(10000);
    for (std::size_t i = 0; i < input.size(); ++i) input[i] = static_cast<float>(i);
    const RenderConfig config{.sample_rate = 4096, .frames_per_buffer = 0};
    SECTION("with the times of each part") {
        const Floats output = through(input, chain(plus_one, note), config);
        CHECK(output.front() == 1);
        CHECK(output.back() == 10000);
        CHECK(output[4096] == 4097);
        REQUIRE(calls.size() == 3);
        CHECK(calls[0].frames == 4096);
        CHECK(calls[2].frames == 10000 - 2 * 4096);
        for (std::size_t i = 0; i < 3; ++i) {
            CHECK(calls[i].adc == static_cast<double>(i));
            CHECK(calls[i].dac == static_cast<double>(i));
        }
    }
    SECTION("and silent from the end of one part on") {
        const auto ends = [calls = 0](auto& block) mutable {
            block.in_place();
            return ++calls == 2 ? Next::complete : Next::keep_going;
        };
        const Floats output = through(input, chain(ends, plus_one), config);
        CHECK(output[8191] == 8192);
        CHECK(output[8192] == 0);
        CHECK(output.back() == 0);
    }
}

TEST_CASE("A host's block may be larger than it said, and has no old memory behind the end") {
    const auto ends = [calls = 0](auto& block) mutable noexcept {
        plus_one(block);
        return ++calls == 2 ? Next::complete : Next::keep_going;
    };
    const auto prepared = portspan::detail::prepare<float, float, Interleaved>(
        chain(ends, plus_one), {.shape = {1, 1}, .frames_per_buffer = 4, .sample_rate = 48000});
    const Floats input{1, 2, 3, 4, 5, 6, 7, 8, 9, 10};
    Floats output(10, 77);
    CHECK(portspan::detail::call(prepared.callback, input.data(), output.data(), 10, nullptr, 0) ==
          paComplete);
    CHECK(output == Floats{3, 4, 5, 6, 7, 8, 9, 10, 0, 0});
}

TEST_CASE("What a stage says ends a chain") {
    std::array<Stage, 3> stages{Stage{2, 0}, Stage{1, 1}, Stage{3, 0}};
    const auto stage = [&](std::size_t i) { return stage_of<Interleaved>(stages[i]); };
    Host<Interleaved> host{chain(stage(0), stage(1), stage(2))};
    host.prepared.control->reset();
    SECTION("complete: the others still get the block") {
        stages[GENERATE(0u, 1u, 2u)].result = paComplete;
        CHECK(host.call() == paComplete);
        CHECK(host.output == Floats{9, 15, 21, 27});
        CHECK(stages[2].calls == 1);
        CHECK_FALSE(host.prepared.control->failed());
    }
    SECTION("no result: the same, and it is told") {
        stages[0].result = paComplete;
        stages[1].result = 77;
        stages[2].result = GENERATE(static_cast<int>(paContinue), static_cast<int>(paComplete), 78);
        CHECK(host.call() == paComplete);
        CHECK(host.output == Floats{9, 15, 21, 27});
        CHECK(host.prepared.control->unknown_result() == 77);
    }
    SECTION("abort: at once, and silent") {
        stages[0].result = GENERATE(static_cast<int>(paContinue), static_cast<int>(paComplete), 77);
        stages[1].result = paAbort;
        CHECK(host.call() == paAbort);
        CHECK(host.output == Floats{0, 0, 0, 0});
        CHECK(stages[2].calls == 0);
    }
}

TEST_CASE("An exception of a stage comes out of the stream") {
    portspan::mock::Scope audio;
    const auto throws = [](auto&) { throw std::runtime_error{"too loud"}; };
    portspan::Stream<float> stream{chain(doubled, throws, plus_one)};
    stream.start();
    audio.pump(256);
    CHECK_THROWS_WITH(stream.wait(), "too loud");
    STATIC_REQUIRE_FALSE(
        std::is_nothrow_invocable_v<decltype(portspan::detail::bind<float, float, Interleaved>(
                                        chain(doubled, throws), std::declval<const Context&>()))&,
                                    const portspan::RawBlock&>);
    STATIC_REQUIRE(
        std::is_nothrow_invocable_v<decltype(portspan::detail::bind<float, float, Interleaved>(
                                        chain(doubled, plus_one), std::declval<const Context&>()))&,
                                    const portspan::RawBlock&>);
}

namespace {
unsigned long failures_of_first = 0;
unsigned long failures_of_second = 0;
const char* first_says(unsigned long* count) {
    *count = failures_of_first;
    return failures_of_first ? "first: division by zero" : nullptr;
}
const char* second_says(unsigned long* count) {
    *count = failures_of_second;
    return failures_of_second ? "second: no memory" : nullptr;
}
int fails(const void*, void*, unsigned long, Time, Flags, void* failures) {
    ++*static_cast<unsigned long*>(failures);
    return paAbort;
}
}  // namespace

TEST_CASE("What the library of a stage says of its failure comes out of wait()") {
    portspan::mock::Scope audio;
    // Both have failed before, elsewhere.
    failures_of_first = failures_of_second = 5;
    Stage passes;
    RawCallback first = stage_of<Interleaved>(passes);
    first.failures = &first_says;
    RawCallback second{&fails, &failures_of_second};
    second.failures = &second_says;
    const std::string expected = "second: no memory";
    const auto wait_for = [&](auto callback) -> std::string {
        portspan::Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}},
                                       std::move(callback)};
        stream.start();
        audio.pump(256);
        try {
            stream.wait();
        } catch (const Error& error) {
            return error.what();
        }
        return {};
    };
    CHECK_THAT(wait_for(chain(first, second)), ContainsSubstring(expected));
    CHECK_THAT(wait_for(chain(first, in_place(second))), ContainsSubstring(expected));
    CHECK_THAT(wait_for(portspan::flush_denormals(chain(plus_one, chain(first, second)))),
               ContainsSubstring(expected));
    const auto report = portspan::check<float>(chain(plus_one, second));
    CHECK(report.find(portspan::Observation::aborted)->text ==
          "aborts after 0 frames, in blocks of 256 frames: second: no memory");
    second.failures = nullptr;
    CHECK(wait_for(chain(first, second)).empty());
}

TEMPLATE_TEST_CASE("Blocks of any size go through a chain; memory that nobody has is an Error", "",
                   Interleaved, Planar) {
    const auto add_one = [](auto& block) {
        for (std::size_t c = 0; c < block.output().channels(); ++c) {
            for (std::size_t i = 0; i < block.frames(); ++i) {
                block.output()(i, c) = block.input()(i, c) + 1;
            }
        }
    };
    const auto renderer_of = [&](std::size_t frames, std::size_t channels) {
        return portspan::Renderer<float, float, TestType>{
            {.input_channels = channels, .output_channels = channels, .frames_per_buffer = frames},
            chain(add_one, add_one)};
    };
    constexpr std::size_t most = std::numeric_limits<std::size_t>::max();
    for (const std::size_t frames : {most, most / 2 + 1, most / sizeof(float)}) {
        CAPTURE(frames);
        auto renderer = renderer_of(frames, 2);
        const std::size_t some = (std::size_t{1} << 16) + 7;  // more than a chain has memory for
        portspan::detail::Buffer<float, TestType> buffer{some, 2};
        const auto view = buffer.view(some);
        renderer.process(view, view);
        CHECK(view(0, 0) == 2);
        CHECK(view(some - 1, 1) == 2);
    }
    using Memory = portspan::detail::Buffer<float, TestType>;
    const auto too_large = ContainsSubstring("do not fit into memory");
    CHECK_THROWS_WITH((Memory{most / 2 + 1, 2}), too_large);
    CHECK_THROWS_AS((Memory{most / 2 + 1, 2}), Error);
    CHECK_THROWS_AS((Memory{most / 2, 2}), Error);
}

TEST_CASE("A stage that describes itself has to fit its place") {
    portspan_description says{.input_channels = 1, .output_channels = 2};
    Stage state;
    RawCallback raw = stage_of<Interleaved>(state, &says);
    raw.name = "spread";
    const auto bind = [](auto callback, std::size_t frames = 64, std::size_t inputs = 1) {
        portspan::Renderer<float> renderer{
            {.input_channels = inputs, .output_channels = 2, .frames_per_buffer = frames},
            std::move(callback)};
    };
    CHECK_NOTHROW(bind(chain(raw, plus_one)));
    CHECK_THROWS_WITH(
        bind(chain(plus_one, raw)),
        ContainsSubstring("spread: the callback does not fit the stream (it takes 1 channel in, "
                          "the stream has 2)"));
    SECTION("its block") {
        says = {.largest_block = 64};
        CHECK_NOTHROW(bind(chain(plus_one, raw)));
        CHECK_THROWS_AS(bind(chain(plus_one, raw), 65), Error);
        CHECK_THROWS_AS(bind(chain(plus_one, raw), 0), Error);
    }
    SECTION("that it must not work in place: nobody asks it to, but by in_place()") {
        says = {.properties = PORTSPAN_NOT_IN_PLACE};
        CHECK_NOTHROW(bind(chain(raw, raw), 64, 2));
        CHECK_NOTHROW(bind(in_place(chain(raw, raw)), 64, 2));
        CHECK_THROWS_AS(bind(chain(raw, in_place(raw)), 64, 2), Error);
    }
    SECTION("that it leaves the output alone: only where it is in place") {
        says = {.properties = PORTSPAN_IN_PLACE, .output_channels = PORTSPAN_NO_CHANNELS};
        CHECK_NOTHROW(bind(chain(plus_one, raw), 64, 2));
        CHECK_NOTHROW(bind(chain(in_place(raw), plus_one), 64, 2));
        CHECK_THROWS_AS(bind(chain(raw, plus_one), 64, 2), Error);
        says.properties = 0;
        CHECK_THROWS_AS(bind(chain(plus_one, raw), 64, 2), Error);
    }
    SECTION("a foreign first stage in place has as many channels in as out") {
        says = {};
        CHECK_THROWS_AS(bind(in_place(chain(raw, plus_one)), 64, 1), Error);
        CHECK_NOTHROW(bind(in_place(chain(raw, plus_one)), 64, 2));
        CHECK_NOTHROW(bind(in_place(chain(plus_one, raw)), 64, 1));
    }
}

TEMPLATE_TEST_CASE("check() finds nothing in a chain", "", Interleaved, Planar) {
    const auto louder = [](auto& block) noexcept {
        const auto audio = block.in_place();
        for (std::size_t f = 0; f < audio.frames(); ++f) {
            for (std::size_t c = 0; c < audio.channels(); ++c) audio(f, c) *= 1.5f;
        }
    };
    const auto none = [](const portspan::CheckReport& report) {
        INFO(report.text());
        CHECK(report.findings.empty());
        CHECK(report.in_place == true);
    };
    none(portspan::check<float, float, TestType>(chain(louder, louder)));
    none(portspan::check<float, float, TestType>(chain(louder, in_place(louder), louder)));
}
