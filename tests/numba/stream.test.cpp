// SPDX-License-Identifier: MIT
#include <portspan/library.hpp>
#include <portspan/mock.hpp>
#include <portspan/renderer.hpp>
#include <portspan/stream.hpp>

#include <failures.hpp>
#include <numba_decorated.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "catch.hpp"

TEST_CASE("a stream tells why a callback from Python has ended it") {
    portspan::mock::Scope audio;
    const portspan::SharedLibrary library{FAILURES_LIBRARY};
    FailuresState state{.divisor = 1.0f};
    portspan::Stream<float> stream{{.input = {.channels = 1}, .output = {.channels = 1}},
                                   library.callback("failures", &state)};
    stream.start();
    audio.pump(64);
    CHECK(stream.active());

    state.failure = 1;
    audio.pump(64);
    CHECK_THROWS_WITH(stream.wait(), ContainsSubstring("ValueError: boo (failures.py:26)"));
    CHECK_NOTHROW(stream.stop());

    state.failure = 0;
    stream.start();
    audio.pump(64);
    CHECK_NOTHROW(stream.stop());
}

TEST_CASE("a stream is compared with what the decorator of its callback says") {
    portspan::mock::Scope audio;
    const portspan::SharedLibrary library{DECORATED_LIBRARY};
    const auto open = [&](const char* name, int inputs, int outputs) {
        portspan::Stream<float>{{.input = {.channels = inputs},
                                 .output = {.channels = outputs},
                                 .frames_per_buffer = 64},
                                library.callback(name)};
    };
    CHECK_NOTHROW(open("d_gain", 2, 2));
    CHECK_THROWS_WITH(open("d_gain", 1, 2),
                      ContainsSubstring("d_gain: the callback does not fit the stream (it takes 2 "
                                        "interleaved float32 channels in, the stream has 1)"));
    CHECK_NOTHROW(open("d_state", 1, 2));
    CHECK_THROWS_WITH(open("d_state", 1, 1), ContainsSubstring("2 interleaved float32 channels"));
    CHECK_THROWS_WITH(open("d_planar", 2, 2), ContainsSubstring("planar"));

    DStateState state{};
    CHECK_NOTHROW(library.callback("d_state", &state));
    std::uint64_t other = 0;
    CHECK_THROWS_WITH(library.callback("d_state", &other),
                      ContainsSubstring("the state does not fit the callback"));
}

TEST_CASE("a decorated function works in a stream, in place where its decorator says that it may") {
    portspan::mock::Scope audio;
    const portspan::SharedLibrary library{DECORATED_LIBRARY};
    const portspan::StreamConfig stereo{
        .input = {.channels = 2}, .output = {.channels = 2}, .frames_per_buffer = 64};
    audio.feed([](std::size_t frame, std::size_t channel) {
        return static_cast<float>(2 * frame + channel) / 1024;
    });
    const auto play = [&](auto callback) {
        portspan::Stream<float> stream{stereo, std::move(callback)};
        stream.start();
        audio.pump(128);
        stream.stop();
    };
    CHECK_THROWS_WITH(play(portspan::in_place(library.callback("d_slice"))),
                      ContainsSubstring("it must not work in place"));
    SECTION("in place") { play(portspan::in_place(library.callback("d_gain"))); }
    SECTION("from one buffer to another") { play(library.callback("d_gain")); }
    std::vector<float> expected(256);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        expected[i] = 0.5f * static_cast<float>(i) / 1024;
    }
    CHECK(audio.captured() == expected);
}

TEST_CASE("a program without the header makes the state of a callback, with its defaults") {
    const portspan::SharedLibrary library{DECORATED_LIBRARY};
    const portspan::CallbackState state = library.state_of("d_reads");
    CHECK(state.layout.size == sizeof(DReadsState));
    CHECK(state.hash == portspan_state_hash(static_cast<const DReadsState*>(nullptr)));
    CHECK(state.text("gain") == "2");
    CHECK(state.text("offset") == "[0, 0.5]");
    state.set("offset[0]", 0.25);

    portspan::Renderer<float> renderer{{.input_channels = 2, .output_channels = 2},
                                       library.callback("d_reads", state)};
    const std::vector<float> input{1, 2, 3, 4};
    std::vector<float> output(4);
    renderer.process(portspan::InterleavedView<const float>{input, 2},
                     portspan::InterleavedView<float>{output, 2});
    CHECK(output == std::vector<float>{2.25f, 4.5f, 6.25f, 8.5f});

    CHECK(library.state_of("d_state").text("line") == "[0, 0.25, 0]");
    CHECK(library.state_of("d_meter").text("peak") == "0");
    CHECK_THROWS_WITH(library.state_of("d_gain"), ContainsSubstring("does not say what its state"));
}
